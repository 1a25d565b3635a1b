import { describe, expect, it } from 'vitest';
import { ZERO_HASH } from '../../consensus/hash.ts';
import { REGTEST } from '../../consensus/networks.ts';
import { DOWNLOAD_WINDOW_BLOCKS } from '../../protocol/block-download.ts';
import { MAX_IN_FLIGHT_PER_PEER } from '../../protocol/delivery.ts';
import { locatorOf } from '../../protocol/header-index.ts';
import { NEAR_TIP_BLOCKS } from '../../protocol/header-sync.ts';
import { MAX_HEADERS_PER_MESSAGE, MAX_LOCATOR_HASHES } from '../../protocol/limits.ts';
import { BYE } from '../../protocol/peers.ts';
import { SimulatedNetwork } from '../../simulator/network.ts';
import type { SimulatedNode } from '../../simulator/simulated-node.ts';
import { type ChainPoint, genesisPoint, mineBlock, mineChain, pathTo } from '../../testing/chain-builder.ts';
import { listenAt, ScriptedPeer } from '../../testing/scripted-peer.ts';
import { expectUnchanged, feed, type OneNode, oneNode, standing, tipOf, untilClosed } from '../../testing/simulated.ts';

const genesis = genesisPoint(REGTEST);
const BLOCKS = 10_000;
/** Blocks of a branch that differs from the default one. */
const OTHER = { extraNonce: 7 };

/** A second apart, so that no clock has to be moved ahead for a long chain. */
function quickChain(from: ChainPoint, count: number, extraNonce = 0): ChainPoint {
  let tip = from;
  for (let i = 0; i < count; i++) tip = mineBlock(tip, { time: tip.block.header.time + 1, extraNonce });
  return tip;
}

const kept = ({ node }: OneNode): { indexed: number; stored: number } => ({
  indexed: node.core.chain.index.size,
  stored: [...node.store.headers()].length,
});

const bodyBytes = (node: SimulatedNode, point: ChainPoint): number | undefined =>
  node.core.chain.get(point.block.hash)?.record.bodyBytes;

/** A ready peer that stands on genesis, so that nothing is asked of it. */
function idlePeer({ network, node }: OneNode): ScriptedPeer {
  const peer = new ScriptedPeer(network, node).hello(genesis);
  network.runFor(50);
  return peer;
}

describe('a chain of 10,000 blocks', () => {
  const path = pathTo(quickChain(genesis, BLOCKS));
  const tip = path.at(-1) as ChainPoint;
  const one = oneNode();
  const { network, node } = one;

  it('headers-first from 10,000 blocks, bodies in parallel', { timeout: 180_000 }, () => {
    network.runFor(BLOCKS * 1_000);
    const peers = [1, 2, 3].map(() => new ScriptedPeer(network, node).hello(tip));
    const asksForBodies = () => peers.some((peer) => peer.ofType('getBlocks').length > 0);
    network.runUntil(asksForBodies, 5_000, 'the first request for bodies');
    expect(node.core.chain.tip.record.height).toBe(0);
    expect(node.core.chain.bestHeader.record.height).toBe(MAX_HEADERS_PER_MESSAGE);
    const headersAhead: number[] = [];
    while (tipOf(node) !== tip.block.hash) {
      expect(network.clock.step()).toBe(true);
      headersAhead.push(node.core.chain.bestHeader.record.height - node.core.chain.tip.record.height);
    }
    expect(Math.min(...headersAhead)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...headersAhead)).toBeGreaterThan(DOWNLOAD_WINDOW_BLOCKS);
    const asked = peers.map((peer) => peer.ofType('getBlocks').flatMap(({ blockHashes }) => blockHashes));
    for (const hashes of asked) expect(hashes.length).toBeGreaterThan(BLOCKS / 10);
    // Each body once, of one peer.
    expect(new Set(asked.flat()).size).toBe(BLOCKS);
    expect(asked.flat()).toHaveLength(BLOCKS);
    for (const { blockHashes } of peers.flatMap((peer) => peer.ofType('getBlocks')))
      expect(blockHashes.length).toBeLessThanOrEqual(MAX_IN_FLIGHT_PER_PEER);
    const heights = node.notices.flatMap((notice) => (notice.kind === 'block' ? [notice.height] : []));
    expect(heights).toEqual(path.map(({ height }) => height));
    expect(node.store.stateRoot).toBe(tip.state.stateRoot);
    expect(node.core.sync()).toEqual({
      state: 'synced',
      height: BLOCKS,
      targetHeight: BLOCKS,
      provenHeight: BLOCKS,
      stalls: 0,
      waiting: null,
    });
    expectUnchanged(network, node, standing(node));
  });

  it('low-work-headers ignored, nothing stored, however much work is claimed', () => {
    // genesis ── … ── 10,000
    //        └── 1 ── … ── 2,500      more than one message, and a quarter of the work
    const low = quickChain(genesis, 2_500, OTHER.extraNonce);
    const [before, keptBefore] = [standing(node), kept(one)];
    const liar = new ScriptedPeer(network, node).hello(low, { chainWork: 2n ** 200n, height: 1_000_000 });
    network.runFor(20_000);
    expect(liar.ofType('headers')).toEqual([]);
    expect(liar.ofType('getHeaders')).toHaveLength(2);
    expect(liar.ofType('getBlocks')).toEqual([]);
    expect(liar.closedBecause).toBeNull();
    expect(kept(one)).toEqual(keptBefore);
    // Nor does it help to send them unasked.
    liar.send({
      type: 'headers',
      headers: pathTo(low)
        .slice(0, 1_000)
        .map(({ block }) => block.header),
    });
    network.runFor(5_000);
    expect(kept(one)).toEqual(keptBefore);
    expect(node.core.sync().state).toBe('synced');
    expectUnchanged(network, node, before);
  });

  it('locator limits: what a node asks with is dense at its end and short', () => {
    const locator = locatorOf(node.core.chain.bestHeader);
    expect(locator.length).toBeLessThan(30);
    const heights = locator.map((hash) => node.core.chain.get(hash)?.record.height ?? -1);
    expect(heights.slice(0, 12)).toEqual([
      10_000, 9_999, 9_998, 9_997, 9_996, 9_995, 9_994, 9_993, 9_992, 9_991, 9_989, 9_985,
    ]);
    expect(heights.at(-1)).toBe(0);
  });

  it('locator limits: the answer follows the first hash on the active chain, and is never longer than 2,000', () => {
    const peer = idlePeer(one);
    const ask = (locator: string[], stop = ZERO_HASH): (string | number)[] => {
      const before = peer.ofType('headers').length;
      peer.send({ type: 'getHeaders', locator, stop });
      network.runFor(10);
      const answer = peer.ofType('headers')[before];
      const first = path.find(({ block }) => block.header.prevHash === answer?.headers[0]?.prevHash);
      return [first?.height ?? 'none', answer?.headers.length ?? 'none'];
    };
    const at = (height: number) => path[height - 1]?.block.hash ?? '';
    const unknown = 'ab'.repeat(32);
    expect(ask([])).toEqual([1, 2_000]);
    expect(ask([unknown])).toEqual([1, 2_000]);
    expect(ask([unknown, at(9_000), at(100)])).toEqual([9_001, 1_000]);
    expect(ask([at(100), at(9_000)])).toEqual([101, 2_000]);
    expect(ask([at(100)], at(150))).toEqual([101, 50]);
    expect(ask([at(BLOCKS)])).toEqual(['none', 0]);
  });
});

describe('locator', () => {
  it('locator limits: 101 hashes are answered, one more is punished', () => {
    const one = oneNode();
    const tip = mineChain(genesis, 3);
    feed(one.network, one.node, tip);
    const before = standing(one.node);
    const peer = idlePeer(one);
    const ask = (count: number) =>
      peer.send({ type: 'getHeaders', locator: Array.from({ length: count }, () => 'ab'.repeat(32)), stop: ZERO_HASH });
    ask(MAX_LOCATOR_HASHES);
    one.network.runFor(10);
    expect(peer.ofType('headers').at(-1)?.headers).toHaveLength(3);
    ask(MAX_LOCATOR_HASHES + 1);
    expect(untilClosed(one.network, peer)).toContain('list of 102, at most 101');
    expectUnchanged(one.network, one.node, before);
  });
});

describe('unconnecting-headers', () => {
  // genesis ── a1 ── a2 ── a3      only a3 is sent
  const a3 = mineChain(genesis, 3);
  const lost = { type: 'headers', headers: [a3.block.header] } as const;

  it('unconnecting-headers: one getHeaders, no storage', () => {
    const one = oneNode();
    const before = standing(one.node);
    const peer = idlePeer(one);
    peer.send(lost);
    one.network.runFor(3_000);
    expect(peer.ofType('getHeaders')).toHaveLength(1);
    expect(peer.ofType('getHeaders')[0]?.locator).toEqual([genesis.block.hash]);
    expect(kept(one)).toEqual({ indexed: 1, stored: 0 });
    expectUnchanged(one.network, one.node, before);
  });

  it('unconnecting-headers: counted; after ten in a row nothing is asked any more, and nobody is punished', () => {
    const one = oneNode();
    const peer = idlePeer(one);
    for (let i = 0; i < 40; i++) {
      peer.send(lost);
      one.network.runFor(100);
    }
    expect(peer.ofType('getHeaders')).toHaveLength(10);
    expect(peer.closedBecause).toBeNull();
    expect(kept(one)).toEqual({ indexed: 1, stored: 0 });
    // Headers that connect make up for it.
    peer.announce(a3);
    one.network.runUntil(() => tipOf(one.node) === a3.block.hash, 5_000, 'the chain');
  });

  it('unconnecting-headers: a whole block or a compact one without a known parent counts the same', () => {
    const one = oneNode();
    const peer = idlePeer(one);
    peer.sendBlock(a3);
    one.network.runFor(100);
    expect(peer.ofType('getHeaders')).toHaveLength(1);
    expect(kept(one)).toEqual({ indexed: 1, stored: 0 });
  });
});

describe('unrequested-blocks', () => {
  // genesis ── 1 ── … ── 200
  //    │              └ s199 ── s200 ── s201      s199 forks off at 198
  //    └ far                                      more than 144 below the tip
  const path = pathTo(quickChain(genesis, 200));
  const tip = path.at(-1) as ChainPoint;
  const s199 = quickChain(path[197] as ChainPoint, 1, OTHER.extraNonce);
  const s200 = quickChain(s199, 1);
  const s201 = quickChain(s200, 1);
  const far = quickChain(genesis, 1, OTHER.extraNonce);

  function onTip(): OneNode & { peer: ScriptedPeer } {
    const one = oneNode();
    feed(one.network, one.node, tip);
    return { ...one, peer: idlePeer(one) };
  }

  it('unrequested-blocks: near and heavier are processed', () => {
    const { network, node, peer } = onTip();
    const next = quickChain(tip, 1);
    peer.sendBlock(next);
    network.runUntil(() => tipOf(node) === next.block.hash, 500, 'the next block');
    expect(peer.ofType('getBlocks')).toEqual([]);
  });

  it('unrequested-blocks: of as much work as the tip they are kept, and used when the branch becomes the heavier one', () => {
    const { network, node, peer } = onTip();
    peer.announce(s199);
    network.runFor(100);
    peer.sendBlock(s199);
    network.runFor(100);
    expect(bodyBytes(node, s199)).toBe(0);
    peer.serve(s201);
    peer.sendBlock(s201);
    network.runUntil(() => tipOf(node) === s201.block.hash, 5_000, 'the heavier branch');
  });

  it('unrequested-blocks: with less work than the tip they are dropped', () => {
    const { network, node, peer } = onTip();
    const before = standing(node);
    peer.sendBlock(s199);
    network.runFor(1_000);
    expect(bodyBytes(node, s199)).toBe(0);
    expect(peer.closedBecause).toBeNull();
    expectUnchanged(network, node, before);
  });

  it('unrequested-blocks: far below the tip not even their headers are kept', () => {
    expect(tip.height - far.height).toBeGreaterThan(NEAR_TIP_BLOCKS);
    const one = onTip();
    const [before, keptBefore] = [standing(one.node), kept(one)];
    one.peer.sendBlock(far);
    one.network.runFor(1_000);
    expect(kept(one)).toEqual(keptBefore);
    expect(one.peer.closedBecause).toBeNull();
    expectUnchanged(one.network, one.node, before);
  });

  it('unrequested-blocks: heavier ones whose parent is not there wait for it and are fetched in order', () => {
    const { network, node, peer } = onTip();
    const [first, second] = [quickChain(tip, 1), quickChain(tip, 2)];
    peer.serve(second);
    peer.send({ type: 'headers', headers: [first.block.header] });
    peer.sendBlock(second);
    network.runUntil(() => tipOf(node) === second.block.hash, 5_000, 'both blocks');
  });
});

describe('staller', () => {
  const tip = mineChain(genesis, 12);
  const one = mineBlock(genesis);
  /** What the honest peer needs to answer. */
  const ROUND_TRIP_MS = 100;

  /** A node with so many peers that give no body of the chain up to `point`, and time for their headers to come. */
  function withStallers(count: number, point: ChainPoint): OneNode & { stallers: ScriptedPeer[] } {
    const { network, node } = oneNode();
    network.runFor(400_000);
    const stallers = Array.from({ length: count }, () =>
      new ScriptedPeer(network, node).withhold('getBlocks').hello(point).announce(point),
    );
    return { network, node, stallers };
  }

  /** Milliseconds until the node stands on `point`. */
  function untilOn({ network, node }: OneNode, point: ChainPoint): number {
    const fromMs = network.clock.nowMs;
    network.runUntil(() => tipOf(node) === point.block.hash, 120_000, 'the chain');
    return network.clock.nowMs - fromMs;
  }

  it('staller passed over after 2 s', () => {
    const { network, node, stallers } = withStallers(1, tip);
    const [staller] = stallers as [ScriptedPeer];
    network.runUntil(() => staller.ofType('getBlocks').length > 0, 1_000, 'the request');
    // It stands on nothing that the other one could be asked for at once.
    const good = new ScriptedPeer(network, node).hello(one);
    network.runFor(50);
    good.serve(tip).announce(tip);
    untilOn({ network, node }, tip);
    expect(good.ofType('getBlocks').flatMap(({ blockHashes }) => blockHashes)).toContain(pathTo(tip)[0]?.block.hash);
    // Slow is not wrong.
    expect(staller.closedBecause).toBeNull();
    expectUnchanged(network, node, standing(node));
  });

  it.each([
    [1, 1],
    [2, 2],
    [4, 2],
    [8, 3],
    [60, 6],
    [100, 6],
  ])('staller: %i of them that were there first delay one body by at most %i rounds of 2 s', (count, rounds) => {
    const { network, node, stallers } = withStallers(count, one);
    network.runUntil(() => stallers.some((peer) => peer.ofType('getBlocks').length > 0), 1_000, 'a request');
    for (let i = 0; i < 4; i++) new ScriptedPeer(network, node).hello(one);
    const tookMs = untilOn({ network, node }, one);
    expect(tookMs).toBeLessThanOrEqual(rounds * 2_000 + ROUND_TRIP_MS);
  });

  it('staller: a peer that connects while a body is late is asked for it at once', () => {
    const { network, node } = withStallers(60, one);
    network.runFor(11_000);
    new ScriptedPeer(network, node).hello(one);
    expect(untilOn({ network, node }, one)).toBeLessThanOrEqual(3_000);
  });

  it('staller: sixty of sixty-four delay a long chain once, not at each block', () => {
    const long = quickChain(genesis, 300);
    const { network, node } = withStallers(60, long);
    for (let i = 0; i < 4; i++) new ScriptedPeer(network, node).hello(long);
    expect(untilOn({ network, node }, long)).toBeLessThanOrEqual(7 * 2_000);
  });

  it('staller: that says it lacks the body, and shows its headers again, wins no time', () => {
    const { network, node } = oneNode();
    network.runFor(400_000);
    const liars = Array.from({ length: 60 }, () => {
      const liar = new ScriptedPeer(network, node);
      return liar
        .hello(one)
        .announce(one)
        .when('getBlocks', ({ blockHashes }) => {
          network.clock.schedule(1_800, () => {
            liar.send({ type: 'notFound', what: 'block', hashes: blockHashes }).announce(one);
          });
        });
    });
    network.runFor(100);
    for (let i = 0; i < 4; i++) new ScriptedPeer(network, node).hello(one);
    expect(untilOn({ network, node }, one)).toBeLessThanOrEqual(7 * 2_000);
    const asked = liars.reduce((sum, liar) => sum + liar.ofType('getBlocks').length, 0);
    expect(asked).toBeLessThan(200);
  });

  it.each([
    [2, 1],
    [60, 4],
  ])(
    'staller: %i of them that hang up when they are asked, and call again, do not keep the node from %i others',
    (count, others) => {
      const { network, node } = oneNode();
      network.runFor(400_000);
      const call = (): void => {
        const caller = new ScriptedPeer(network, node).hello(one).announce(one);
        caller.when('getBlocks', () => {
          network.clock.schedule(1_900, () => {
            caller.close();
            call();
          });
        });
      };
      for (let i = 0; i < count; i++) call();
      network.runFor(100);
      for (let i = 0; i < others; i++) new ScriptedPeer(network, node).hello(one);
      expect(untilOn({ network, node }, one)).toBeLessThanOrEqual(7 * 2_000);
    },
  );

  it('staller: new ones without end do not keep the node from one that has failed before', () => {
    const { network, node } = oneNode();
    network.runFor(400_000);
    let isSlow = true;
    const honest = new ScriptedPeer(network, node).hello(one).announce(one);
    honest.when('getBlocks', (request) => {
      if (!isSlow) honest.answer(request);
    });
    network.runFor(3_000);
    isSlow = false;
    const call = (): void => {
      const caller = new ScriptedPeer(network, node).hello(one).announce(one);
      caller.when('getBlocks', () => {
        network.clock.schedule(100, () => {
          caller.close();
          call();
        });
      });
    };
    for (let i = 0; i < 2; i++) call();
    expect(untilOn({ network, node }, one)).toBeLessThanOrEqual(7 * 2_000);
  });

  it('staller: asks 1, 2, 4, … peers that have not failed, and those that have only after all others', () => {
    const { network, stallers } = withStallers(7, one);
    const asked = (): ScriptedPeer[] => stallers.filter((peer) => peer.ofType('getBlocks').length > 0);
    const counts: number[] = [];
    network.runUntil(() => asked().length === 1, 1_000, 'the first request');
    for (const waitMs of [0, 2_000, 2_000]) {
      network.runFor(waitMs);
      counts.push(asked().length);
    }
    expect(counts).toEqual([1, 3, 7]);
    expect(stallers.map((peer) => peer.ofType('getBlocks').length)).toEqual(stallers.map(() => 1));
    network.runFor(2_000);
    expect(stallers.map((peer) => peer.ofType('getBlocks').length)).toContain(2);
  });

  it('staller: loses its place when it has failed four times in a row', () => {
    const { network, node, stallers } = withStallers(3, one);
    network.runUntil(() => stallers.every(({ closedBecause }) => closedBecause !== null), 300_000, 'their end');
    for (const staller of stallers) {
      expect(staller.ofType('bye').map(({ code }) => code)).toEqual([BYE.timeout]);
      expect(staller.ofType('getBlocks').length).toBeGreaterThanOrEqual(4);
    }
    expect(node.core.peers()).toEqual([]);
  });

  it('staller: has a patience of its own, which doubles for it and for nobody else', () => {
    const network = new SimulatedNetwork({ seed: 7 });
    network.runFor(400_000);
    // One that the operator named keeps its place.
    const named = 9;
    let staller: ScriptedPeer | undefined;
    listenAt(network, network.urlOf(named), (peer) => {
      staller = peer.withhold('getBlocks').hello(one).announce(one);
    });
    const node = network.addNode({ peers: [named] });
    const times: number[] = [];
    for (let count = 1; count <= 7; count++) {
      network.runUntil(() => (staller?.ofType('getBlocks').length ?? 0) === count, 200_000, `request ${count}`);
      times.push(network.clock.nowMs);
    }
    const waits = times.slice(1).map((at, i) => Math.round((at - (times[i] ?? 0)) / 2_000) * 2);
    // Two seconds until it is late, and its patience.
    expect(waits).toEqual([4, 6, 10, 18, 34, 66]);
    new ScriptedPeer(network, node).hello(one);
    expect(untilOn({ network, node }, one)).toBeLessThanOrEqual(2_000);
  });

  it('staller: sixty that give a body every 1.9 s hold up four that are quick by at most a window in that time', () => {
    const long = quickChain(genesis, 3_000);
    const { network, node } = oneNode();
    network.runFor(3_100_000);
    for (let i = 0; i < 60; i++) trickle(network, new ScriptedPeer(network, node).withhold('getBlocks').hello(long));
    for (let i = 0; i < 4; i++) new ScriptedPeer(network, node).hello(long);
    expect(untilOn({ network, node }, long)).toBeLessThanOrEqual(7 * 2_000);
  });

  /** Sends each body that it is asked for 1.9 s after the one before. */
  function trickle(network: OneNode['network'], peer: ScriptedPeer): void {
    let sent = 0;
    const step = (): void => {
      const hashes = peer.ofType('getBlocks').flatMap(({ blockHashes }) => blockHashes);
      const hash = hashes[sent];
      if (hash !== undefined) {
        sent++;
        peer.answer({ type: 'getBlocks', blockHashes: [hash] });
      }
      if (peer.closedBecause === null) network.clock.schedule(1_900, step);
    };
    network.clock.schedule(1_900, step);
  }
});
