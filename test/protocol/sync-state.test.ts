import { describe, expect, it } from 'vitest';
import { REGTEST } from '../../consensus/networks.ts';
import { readinessOf } from '../../server/http/health.ts';
import type { SimulatedNetwork } from '../../simulator/network.ts';
import type { SimulatedNode } from '../../simulator/simulated-node.ts';
import { type ChainPoint, genesisPoint, mineBlock, mineChain, pathTo } from '../../testing/chain-builder.ts';
import { ScriptedPeer } from '../../testing/scripted-peer.ts';
import { oneNode, restart, tipOf } from '../../testing/simulated.ts';

const genesis = genesisPoint(REGTEST);
const DAY_MS = 86_400_000;
/** Longer than it takes to find out that nobody gives what is missing. */
const STALLED_MS = 16_000;

const isReady = (node: SimulatedNode): boolean => readinessOf('running', node.core.sync()).ready;

/** Warnings that a node has logged about its sync. */
function stallsOf(node: SimulatedNode): Readonly<Record<string, unknown>>[] {
  return node.logs.flatMap(({ message, fields }) => (message.startsWith('sync stalled') ? [fields] : []));
}

/** Moves the clock to where a chain of so many blocks is not ahead of it. */
function letTimePass(network: SimulatedNetwork, blocks: number): void {
  network.runFor(blocks * REGTEST.spacingSeconds * 1_000);
}

describe('a node whose peer withholds bodies', () => {
  const tip = mineChain(genesis, 5);
  const bodies = { reason: 'bodies', height: 1, count: 5, untilSeconds: null };

  /** A node that a peer has shown the headers of `tip`. */
  function withheld() {
    const { network, node } = oneNode();
    letTimePass(network, 10);
    const keeper = new ScriptedPeer(network, node).withhold('getBlocks').hello(tip).announce(tip);
    network.runFor(1_000);
    return { network, node, keeper };
  }

  it('says what it waits for, and is not ready while the bodies may be on their way', () => {
    const { node } = withheld();
    expect(node.core.sync()).toMatchObject({ state: 'blocks', height: 0, provenHeight: 5, waiting: bodies });
    expect(isReady(node)).toBe(false);
    expect(stallsOf(node)).toEqual([]);
  });

  it('is ready when they do not come, and says once that it has stalled', () => {
    const { network, node } = withheld();
    network.runFor(STALLED_MS);
    expect(node.core.sync()).toMatchObject({ state: 'stalled', waiting: bodies, stalls: 1 });
    expect(isReady(node)).toBe(true);
    network.runFor(STALLED_MS * 10);
    expect(stallsOf(node)).toEqual([{ reason: 'bodies', height: 1, count: 5 }]);
  });

  it('is ready when the peer has gone', () => {
    const { network, node, keeper } = withheld();
    keeper.close();
    network.runFor(STALLED_MS);
    expect(node.core.sync()).toMatchObject({ state: 'stalled', waiting: bodies });
    expect(isReady(node)).toBe(true);
  });

  it('is ready after a restart without peers', () => {
    const { network, node, keeper } = withheld();
    keeper.close();
    restart(network, node);
    network.runFor(STALLED_MS);
    expect(node.core.sync()).toMatchObject({ state: 'stalled', waiting: bodies });
    expect(isReady(node)).toBe(true);
  });

  it('goes on when somebody has the bodies after all', () => {
    const { network, node } = withheld();
    network.runFor(STALLED_MS);
    new ScriptedPeer(network, node).hello(tip);
    network.runUntil(() => tipOf(node) === tip.block.hash, 3_000, 'the chain');
    expect(node.core.sync()).toMatchObject({ state: 'synced', waiting: null });
  });
});

describe('a node whose peer claims more than it shows', () => {
  it('is ready all the while, says that it waits for work, and gives the peer up', () => {
    const { network, node } = oneNode();
    const boast = { chainWork: 2n ** 200n, height: 1_000_000 };
    const boaster = new ScriptedPeer(network, node).withhold('getHeaders').hello(genesis, boast);
    network.runFor(1_000);
    const work = { reason: 'work', height: 1_000_000, count: 1_000_000, untilSeconds: null };
    expect(node.core.sync()).toMatchObject({ state: 'headers', targetHeight: 1_000_000, waiting: work });
    expect(isReady(node)).toBe(true);
    network.runUntil(() => boaster.closedBecause !== null, 60_000, 'its end');
    expect(node.core.sync()).toMatchObject({ state: 'idle', targetHeight: 0, waiting: null });
  });

  it('has stalled where such peers follow each other', () => {
    const { network, node } = oneNode();
    const boast = { chainWork: 2n ** 200n, height: 7 };
    for (let i = 0; i < 4; i++) new ScriptedPeer(network, node).withhold('getHeaders').hello(genesis, boast);
    network.runFor(STALLED_MS);
    expect(node.core.sync()).toMatchObject({ state: 'stalled', waiting: { reason: 'work', height: 7 } });
    expect(stallsOf(node)).toHaveLength(1);
  });
});

describe('a node whose clock is behind', () => {
  /** A chain of so many blocks, the first of which is a minute beyond what a node takes whose clock is a day behind. */
  function ahead(network: SimulatedNetwork, blocks: number): ChainPoint {
    const nowSeconds = Math.floor(network.clock.instant().wallMs / 1_000);
    const first = mineBlock(genesis, { time: nowSeconds - DAY_MS / 1_000 + REGTEST.futureLimitSeconds + 60 });
    return mineChain(first, blocks - 1);
  }

  function behind(): { network: SimulatedNetwork; node: SimulatedNode; tip: ChainPoint; peer: ScriptedPeer } {
    const { network, node } = oneNode();
    network.runFor(2 * DAY_MS);
    const tip = ahead(network, 30);
    node.clock.skewMs = -DAY_MS;
    const peer = new ScriptedPeer(network, node).hello(tip);
    network.runFor(5_000);
    return { network, node, tip, peer };
  }

  it('says so in its sync state and its log, once, and is ready', () => {
    const { network, node, tip } = behind();
    const untilSeconds = (pathTo(tip)[0]?.block.header.time ?? 0) - REGTEST.futureLimitSeconds;
    const clock = { reason: 'clock', height: 1, count: 30, untilSeconds };
    expect(node.core.sync()).toMatchObject({ state: 'stalled', height: 0, waiting: clock });
    expect(isReady(node)).toBe(true);
    network.runFor(30_000);
    expect(stallsOf(node)).toEqual([{ reason: 'clock', height: 1, count: 30, waitSeconds: 60 }]);
  });

  it('has all blocks within seconds of its clock being put right, though nobody mines', () => {
    const { network, node, tip } = behind();
    network.runFor(20_000);
    expect(tipOf(node)).toBe(genesis.block.hash);
    node.clock.skewMs = 0;
    network.runUntil(() => tipOf(node) === tip.block.hash, 3_000, 'the chain');
    expect(node.core.sync()).toMatchObject({ state: 'synced', waiting: null });
  });

  it('has each block within seconds of the moment from which on its clock allows it', () => {
    const { network, node, tip, peer } = behind();
    network.runFor(53_000);
    expect(node.core.chain.tip.record.height).toBe(0);
    network.runFor(4_000);
    expect(node.core.chain.tip.record.height).toBeGreaterThan(0);
    network.runUntil(() => tipOf(node) === tip.block.hash, 30 * REGTEST.spacingSeconds * 1_000, 'the chain');
    // Once for each block at most, and not all the time.
    expect(peer.ofType('getHeaders').length).toBeLessThanOrEqual(40);
  });

  it.each(['whole', 'compact'])('asks again for a block that was announced %s', (form) => {
    const { network, node } = oneNode();
    letTimePass(network, 10);
    const nowSeconds = Math.floor(network.clock.instant().wallMs / 1_000);
    const block = mineBlock(genesis, { time: nowSeconds + REGTEST.futureLimitSeconds + 5 });
    const peer = new ScriptedPeer(network, node).hello(genesis);
    network.runFor(50);
    peer.serve(block);
    if (form === 'whole') peer.sendBlock(block);
    else peer.sendCompact(block);
    network.runFor(1_000);
    expect(node.core.sync()).toMatchObject({ state: 'stalled', waiting: { reason: 'clock', height: 1, count: 1 } });
    network.runUntil(() => tipOf(node) === block.block.hash, 7_000, 'the block');
    expect(peer.closedBecause).toBeNull();
  });

  it('asks again where the first answer does not come, and for what is due first where a peer has shown more', () => {
    const { network, node } = oneNode();
    letTimePass(network, 10);
    const nowSeconds = Math.floor(network.clock.instant().wallMs / 1_000);
    const soon = mineBlock(genesis, { time: nowSeconds + REGTEST.futureLimitSeconds + 5 });
    const far = mineBlock(genesis, { time: nowSeconds + REGTEST.futureLimitSeconds + DAY_MS / 1_000, extraNonce: 3 });
    const peer = new ScriptedPeer(network, node).hello(genesis);
    network.runFor(50);
    let asked = 0;
    peer.serve(soon).when('getHeaders', (request) => {
      asked++;
      if (asked > 1) peer.answer(request);
    });
    for (const { block } of [soon, far]) peer.send({ type: 'headers', headers: [block.header] });
    network.runUntil(() => tipOf(node) === soon.block.hash, 20_000, 'the block');
    expect(asked).toBe(2);
  });

  it('asks those that had shown it such blocks for the bodies, though somebody else has given the headers meanwhile', () => {
    const { network, node, tip } = behind();
    node.clock.skewMs = 0;
    const keeper = new ScriptedPeer(network, node).withhold('getBlocks').hello(tip).announce(tip);
    network.runUntil(() => node.core.chain.bestHeader.record.hash === tip.block.hash, 500, 'the headers');
    network.runUntil(() => tipOf(node) === tip.block.hash, 5_000, 'the chain');
    expect(keeper.closedBecause).toBeNull();
  });

  it('forgets the peers that showed it such blocks, and asks those that come', () => {
    const { network, node, tip, peer } = behind();
    peer.close();
    network.runFor(1_000);
    expect(node.core.sync()).toMatchObject({ state: 'idle', waiting: null });
    new ScriptedPeer(network, node).hello(tip);
    network.runFor(1_000);
    node.clock.skewMs = 0;
    network.runUntil(() => tipOf(node) === tip.block.hash, 3_000, 'the chain');
  });

  it('is not kept waiting by blocks that claim a time long hence on a branch with less work', () => {
    const { network, node } = oneNode();
    letTimePass(network, 20);
    const own = mineChain(genesis, 10);
    const peer = new ScriptedPeer(network, node).hello(own);
    network.runUntil(() => tipOf(node) === own.block.hash, 10_000);
    const far = mineBlock(genesis, { time: 2 ** 32 - 1 });
    peer.send({ type: 'headers', headers: [far.block.header] });
    network.runFor(1_000);
    expect(node.core.sync()).toMatchObject({ state: 'synced', waiting: null });
  });
});
