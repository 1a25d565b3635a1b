import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { REGTEST } from '../../consensus/networks.ts';
import { encodeMessage } from '../../protocol/messages.ts';
import type { SimulatedNode } from '../../simulator/simulated-node.ts';
import {
  type ChainPoint,
  genesisPoint,
  keysOf,
  mineBlock,
  mineChain,
  mineUnchecked,
  transferAt,
} from '../../testing/chain-builder.ts';
import { type LiveNode, startLiveNode } from '../../testing/live-node.ts';
import { hurryNetwork } from '../../testing/networks.ts';
import { RawPeer, regtestHello } from '../../testing/raw-peer.ts';
import { ScriptedPeer } from '../../testing/scripted-peer.ts';
import {
  expectUnchanged,
  feed,
  oneNode,
  restart,
  standing,
  submit,
  tipOf,
  untilClosed,
} from '../../testing/simulated.ts';

const genesis = genesisPoint(REGTEST);
const [alice, bob, carol, dave] = [keysOf('Alice'), keysOf('Bob'), keysOf('Carol'), keysOf('Dave')];
const FEE = 1_000n;
/** Unlike the default, so that two branches with the same content are different blocks. */
const OTHER = { extraNonce: 9 };

const hasBody = (node: SimulatedNode, point: ChainPoint): boolean =>
  (node.core.chain.get(point.block.hash)?.record.bodyBytes ?? 0) > 0;

describe('longest-is-not-most-work', () => {
  // genesis ── a1 ── a2 ── a3 ── a4 ── a5 ── a6     on schedule: easy
  //        └── b1 ── b2 ── b3 ── b4                 in a hurry: each harder than the last
  const params = hurryNetwork();
  const start = genesisPoint(params);
  const long = mineChain(start, 6);
  const heavy = [1, 2, 3, 4].reduce(
    (parent, second) => mineBlock(parent, { time: params.genesisTime + second }),
    start,
  );

  it('longest-is-not-most-work: fewer blocks with more work take the place of more blocks', () => {
    expect(heavy.chainWork).toBeGreaterThan(long.chainWork);
    const { network, node } = oneNode({ params });
    feed(network, node, long);
    feed(network, node, heavy);
    expect(node.store.stateRoot).toBe(heavy.state.stateRoot);
  });

  it('longest-is-not-most-work: more blocks with less work do not win, also after a restart', () => {
    const { network, node } = oneNode({ params });
    feed(network, node, heavy);
    const before = standing(node);
    const longer = mineBlock(long);
    expect(longer.chainWork).toBeLessThan(heavy.chainWork);
    const peer = new ScriptedPeer(network, node).hello(longer);
    network.runFor(100);
    peer.announce(longer);
    network.runUntil(() => node.core.chain.get(longer.block.hash) !== undefined, 1_000, 'the longer headers');
    network.runFor(5_000);
    expect(node.core.chain.maxHeight).toBe(7);
    expectUnchanged(network, node, before);
  });
});

describe('first-seen-wins', () => {
  // genesis ── a1
  //        └── b1 ── b2      b1 has the same work and comes later
  const [a1, b1] = [mineBlock(genesis), mineBlock(genesis, OTHER)];
  const b2 = mineBlock(b1);
  let live: LiveNode | undefined;
  let folder: string | undefined;

  afterEach(async () => {
    await live?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ['as it came', [a1, b1]],
    ['the other way round', [b1, a1]],
  ])('first-seen-wins on equal work, also after a restart: %s', (_, [first, second]) => {
    const { network, node } = oneNode();
    const peer = feed(network, node, first as ChainPoint);
    const before = standing(node);
    peer.sendBlock(second as ChainPoint);
    network.runUntil(() => hasBody(node, second as ChainPoint), 1_000, 'the second body');
    expectUnchanged(network, node, before);
  });

  it('first-seen-wins: what counts is whose body came first, not whose header', () => {
    const { network, node } = oneNode();
    const peer = new ScriptedPeer(network, node).withhold('getBlocks').hello(genesis);
    network.runFor(100);
    peer.announce(b1);
    network.runUntil(() => node.core.chain.get(b1.block.hash) !== undefined, 1_000, 'the header');
    peer.sendBlock(a1);
    peer.sendBlock(b1);
    network.runUntil(() => hasBody(node, b1), 1_000, 'both bodies');
    expect(tipOf(node)).toBe(a1.block.hash);
    restart(network, node);
    expect(tipOf(node)).toBe(a1.block.hash);
  });

  it('first-seen-wins only until one of them is built on', () => {
    const { network, node } = oneNode();
    feed(network, node, a1).sendBlock(b1);
    feed(network, node, b2);
    restart(network, node);
    expect(tipOf(node)).toBe(b2.block.hash);
  });

  it('first-seen-wins also after a restart of a real node, from its data folder', async () => {
    folder = mkdtempSync(join(tmpdir(), 'forklore-test-'));
    live = await startLiveNode({ dataDir: folder });
    const peer = await RawPeer.connect(live.url);
    peer.send(regtestHello(), ...[b1, a1].map(({ block }) => encodeMessage({ type: 'block', raw: block.raw })));
    const { api } = live;
    const known = () => api.query('query ($hash: Hash!) { block(hash: $hash) { canonical } }', { hash: a1.block.hash });
    // The later one moves nothing, so that nothing tells of it: it is asked for until it is there.
    await expect.poll(known, { timeout: 60_000 }).toEqual({ block: { canonical: false } });
    expect(await api.tip()).toBe(b1.block.hash);
    await live.stop();
    live = await startLiveNode({ dataDir: folder });
    expect(await live.api.tip()).toBe(b1.block.hash);
  });
});

describe('headers-do-not-move-the-tip', () => {
  it('headers-do-not-move-the-tip, however much work they have', () => {
    const { network, node } = oneNode();
    submit(network, node, transferAt(genesis, alice, bob.address, { fee: FEE }));
    const before = standing(node);
    const peer = new ScriptedPeer(network, node).withhold('getBlocks').hello(mineChain(genesis, 50));
    network.runUntil(() => node.core.chain.bestHeader.record.height === 50, 1_000, 'the headers');
    network.runFor(10_000);
    expect(peer.closedBecause).toBeNull();
    expect(node.core.sync()).toMatchObject({ state: 'blocks', height: 0, targetHeight: 50 });
    network.runFor(60_000);
    expect(node.core.sync()).toMatchObject({ state: 'stalled', height: 0, targetHeight: 50 });
    expectUnchanged(network, node, before);
  });
});

describe('failed-reorg-rolls-back', () => {
  // genesis ── a1(alice 0) ── a2(alice 1)
  //        └── b1(carol 0) ── b2(dave 0) ── b3! ── b4      b3 pays its miner one unit too much
  const a1 = mineBlock(genesis, { transfers: [transferAt(genesis, alice, bob.address, { fee: FEE })] });
  const a2 = mineBlock(a1, { transfers: [transferAt(a1, alice, carol.address, { fee: FEE })] });
  const b1 = mineBlock(genesis, { transfers: [transferAt(genesis, carol, bob.address, { fee: FEE })] });
  const b2 = mineBlock(b1, { transfers: [transferAt(b1, dave, bob.address, { fee: FEE })] });
  const b3 = { ...mineBlock(b2), block: mineUnchecked(b2, { coinbase: { reward: 50_00000001n } }) };
  const b4 = { ...mineBlock(b3), parent: b3 };

  it('failed-reorg-rolls-back: the third block of a heavier branch is invalid', () => {
    const { network, node } = oneNode();
    feed(network, node, a2);
    submit(network, node, transferAt(a2, alice, bob.address, { fee: FEE }));
    submit(network, node, transferAt(genesis, carol, alice.address, { fee: FEE }));
    const before = standing(node);
    const honest = new ScriptedPeer(network, node).hello(a2);
    const liar = new ScriptedPeer(network, node).hello(b4);
    expect(untilClosed(network, liar)).toContain('coinbase-wrong-reward');
    network.runFor(1_000);
    expect(standing(node)).toEqual(before);
    expect(before.stateRoot).toBe(a2.state.stateRoot);
    expect(node.core.chain.get(b2.block.hash)).toMatchObject({ record: { validity: 'valid' }, failure: null });
    expect(node.core.chain.get(b3.block.hash)?.record).toMatchObject({
      validity: 'invalid',
      invalidReason: 'coinbase-wrong-reward',
    });
    expect(node.core.chain.get(b4.block.hash)?.failure).toBe('rule');
    expect(honest.closedBecause).toBeNull();
    expect(node.notices.filter(({ kind }) => kind === 'reorg')).toEqual([]);
    expectUnchanged(network, node, before);
  });

  it('failed-reorg-rolls-back: what waited and was in the invalid branch waits again as before', () => {
    const { network, node } = oneNode();
    feed(network, node, a2);
    const [confirmedThere, replacedThere] = [
      transferAt(genesis, dave, bob.address, { fee: FEE }),
      transferAt(genesis, carol, alice.address, { fee: FEE }),
    ];
    for (const transfer of [confirmedThere, replacedThere]) expect(submit(network, node, transfer)).toBe('accepted');
    const journal = () => [...node.store.journal()].sort((a, b) => (a.txid < b.txid ? -1 : 1));
    const before = journal();
    expect(before.map(({ unbroadcast }) => unbroadcast)).toEqual([true, true]);
    untilClosed(network, new ScriptedPeer(network, node).hello(b4));
    network.runFor(1_000);
    expect(tipOf(node)).toBe(a2.block.hash);
    expect(journal()).toEqual(before);
  });

  it('failed-reorg-rolls-back: what builds on the invalid block is refused unseen, also after a restart', () => {
    const { network, node } = oneNode();
    feed(network, node, a2);
    untilClosed(network, new ScriptedPeer(network, node).hello(b4));
    restart(network, node);
    const before = standing(node);
    expect(node.core.chain.get(b4.block.hash)?.failure).toBe('rule');
    const b5 = { ...mineBlock(b4), parent: b4 };
    const liar = new ScriptedPeer(network, node).hello(b5);
    network.runFor(100);
    liar.announce(b5);
    expect(untilClosed(network, liar)).toContain('invalid-ancestor');
    expect(liar.ofType('getBlocks')).toEqual([]);
    expectUnchanged(network, node, before);
  });
});
