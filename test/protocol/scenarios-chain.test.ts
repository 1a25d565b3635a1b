import { describe, expect, it } from 'vitest';
import { encodeBlock } from '../../consensus/block.ts';
import { parseNetworkFile } from '../../consensus/network-file.ts';
import { REGTEST } from '../../consensus/networks.ts';
import { totalSubsidy } from '../../consensus/subsidy.ts';
import { DOWNLOAD_WINDOW_BLOCKS } from '../../protocol/block-download.ts';
import { SimulatedNetwork } from '../../simulator/network.ts';
import type { SimulatedNode } from '../../simulator/simulated-node.ts';
import {
  type ChainPoint,
  genesisPoint,
  keysOf,
  mineBlock,
  mineChain,
  mineUnchecked,
  transferAt,
} from '../support/chain-builder.ts';
import { ScriptedPeer } from '../support/scripted-peer.ts';
import { restart, standing, submit } from '../support/simulated.ts';

const genesis = genesisPoint(REGTEST);
const [alice, bob, carol] = [keysOf('Alice'), keysOf('Bob'), keysOf('Carol')];
const FEE = 1_000n;

function oneNode(params = REGTEST): { network: SimulatedNetwork; node: SimulatedNode } {
  const network = new SimulatedNetwork({ seed: 7, params });
  return { network, node: network.addNode() };
}

const tipOf = (node: SimulatedNode): string => node.core.chain.tip.record.hash;

/** Lets the node take a chain from a peer that has it. */
function feed(network: SimulatedNetwork, node: SimulatedNode, point: ChainPoint): ScriptedPeer {
  const peer = new ScriptedPeer(network, node).hello(point);
  network.runUntil(() => tipOf(node) === point.block.hash, 30_000, 'the fed tip');
  return peer;
}

/** A point whose block breaks a rule, for a peer that serves it all the same. */
function badPoint(parent: ChainPoint, options: Parameters<typeof mineUnchecked>[1]): ChainPoint {
  const good = mineBlock(parent);
  return { ...good, parent, block: mineUnchecked(parent, options) };
}

describe('fork choice', () => {
  it('longest-is-not-most-work: more blocks with less work do not win', () => {
    // genesis ── a1 ── a2 ── a3 ── a4 ── a5 ── a6     on schedule: easy
    //        └── b1 ── b2 ── b3 ── b4                 in a hurry: each harder than the last
    const params = parseNetworkFile(
      JSON.stringify({
        name: 'hurry',
        addressPrefix: 'hur',
        spacingSeconds: 10,
        halfLifeSeconds: 10,
        bits: '0x207fffff',
        subsidy: '50',
        halvingInterval: 1_000,
        futureLimitSeconds: 7_200,
        genesisTime: 1_767_225_600,
        allocations: [],
      }),
    );
    const start = genesisPoint(params);
    const long = mineChain(start, 6);
    let heavy = start;
    for (let i = 1; i <= 4; i++) heavy = mineBlock(heavy, { time: params.genesis.header.time + i });
    expect(heavy.chainWork).toBeGreaterThan(long.chainWork);
    const { network, node } = oneNode(params);
    feed(network, node, long);
    feed(network, node, heavy);
    new ScriptedPeer(network, node).hello(mineBlock(long));
    network.runFor(1_000);
    expect(tipOf(node)).toBe(heavy.block.hash);
  });

  it('first-seen-wins on equal work, also after a restart', () => {
    // genesis ── a1
    //        └── b1   (same work, later)
    const [a, b] = [mineBlock(genesis, { extraNonce: 1 }), mineBlock(genesis, { extraNonce: 2 })];
    const { network, node } = oneNode();
    const peer = feed(network, node, a);
    peer.sendBlock(b);
    network.runUntil(() => (node.core.chain.get(b.block.hash)?.record.bodyBytes ?? 0) > 0, 1_000);
    expect(tipOf(node)).toBe(a.block.hash);
    restart(network, node);
    expect(tipOf(node)).toBe(a.block.hash);
    const child = mineBlock(b);
    feed(network, node, child);
    expect(tipOf(node)).toBe(child.block.hash);
  });

  it('headers-do-not-move-the-tip', () => {
    const { network, node } = oneNode();
    const before = standing(node);
    const peer = new ScriptedPeer(network, node).hello(genesis);
    network.runFor(100);
    peer.send({ type: 'headers', headers: [mineBlock(genesis).block.header] });
    network.runUntil(() => node.core.chain.bestHeader.record.height === 1, 1_000);
    network.runFor(5_000);
    expect(standing(node)).toEqual(before);
  });

  it('failed-reorg-rolls-back: the third block of a heavier branch is invalid', () => {
    // genesis ── a1 ── a2
    //        └── b1 ── b2 ── b3! ── b4      b3 pays its miner one unit too much
    const a = mineChain(genesis, 2, { transfers: [] });
    const b2 = mineChain(genesis, 2, { extraNonce: 9 });
    const b3 = badPoint(b2, { coinbase: { reward: 50_00000001n } });
    const b4 = {
      ...mineBlock(b2),
      parent: b3,
      height: 4,
      chainWork: a.chainWork * 3n,
      block: mineUnchecked({ ...b3, height: 3 }),
    };
    const { network, node } = oneNode();
    feed(network, node, a);
    submit(network, node, transferAt(a, alice, bob.address, { fee: FEE }));
    const before = standing(node);
    const peer = new ScriptedPeer(network, node).hello(b4);
    network.runUntil(() => peer.closedBecause !== null, 30_000, 'the punishment');
    network.runFor(1_000);
    expect(peer.closedBecause).toContain('coinbase-wrong-reward');
    expect(standing(node)).toEqual(before);
    expect(node.core.chain.get(b3.block.hash)?.record).toMatchObject({
      validity: 'invalid',
      invalidReason: 'coinbase-wrong-reward',
    });
    expect(node.core.chain.get(b4.block.hash)?.failure).toBe('rule');
    expect(node.notices.filter(({ kind }) => kind === 'reorg')).toEqual([]);
    restart(network, node);
    expect(standing(node)).toEqual(before);
  });

  it('deep-reorg of 1,200 blocks, more than are fetched ahead, is executed in steps and told once, in order', () => {
    // genesis ── a1 ── … ── a1200
    //        └── b1 ── … ── b1200 ── b1201
    expect(1_200).toBeGreaterThan(DOWNLOAD_WINDOW_BLOCKS);
    const [a, b] = [mineChain(genesis, 1_200), mineChain(genesis, 1_201, { extraNonce: 5 })];
    const { network, node } = oneNode();
    network.runFor(1_201 * REGTEST.spacingSeconds * 1_000);
    feed(network, node, a);
    node.notices.length = 0;
    feed(network, node, b);
    const reorgs = node.notices.filter((notice) => notice.kind === 'reorg');
    expect(reorgs).toHaveLength(1);
    expect(reorgs[0]?.commonAncestor).toBe(genesis.block.hash);
    expect(reorgs[0]?.disconnected[0]).toBe(a.block.hash);
    expect(reorgs[0]?.disconnected).toHaveLength(1_200);
    expect(reorgs[0]?.connected.at(-1)).toBe(b.block.hash);
    const heights = node.notices.flatMap((notice) => (notice.kind === 'block' ? [notice.height] : []));
    expect(heights).toEqual(Array.from({ length: 1_201 }, (_, i) => i + 1));
    expect(node.store.stateRoot).toBe(b.state.stateRoot);
    expect(node.store.supply()).toBe(REGTEST.allocationTotal + totalSubsidy(1_201, REGTEST));
  });
});

describe('blocks that break rules', () => {
  const rejected: [string, string, Parameters<typeof mineUnchecked>[1]][] = [
    ['duplicate-transaction-in-block', 'duplicate-transaction', twice(transferAt(genesis, alice, bob.address))],
    [
      'duplicate-transaction-in-block: the same sender and nonce',
      'duplicate-nonce',
      { transfers: [transferAt(genesis, alice, bob.address), transferAt(genesis, alice, carol.address)] },
    ],
    ['reward-exact: one unit more', 'coinbase-wrong-reward', { coinbase: { reward: 50_00000001n } }],
    ['reward-exact: one unit less', 'coinbase-wrong-reward', { coinbase: { reward: 49_99999999n } }],
    [
      'value-overflow: an amount of 2^64 − 1',
      'insufficient-balance',
      { transfers: [transferAt(genesis, alice, bob.address, { amount: 2n ** 64n - 1n })] },
    ],
    [
      'value-overflow: amount and fee that wrap around',
      'insufficient-balance',
      { transfers: [transferAt(genesis, alice, bob.address, { amount: 2n ** 64n - 1n, fee: 2n })] },
    ],
    [
      'value-overflow: 2^53 + 1 is exact',
      'insufficient-balance',
      { transfers: [transferAt(genesis, alice, bob.address, { amount: 2n ** 53n + 1n })] },
    ],
    ['time-rules: at the median of the past', 'time-too-old', { time: REGTEST.genesis.header.time }],
    ['difficulty-field-wrong by one', 'bad-difficulty-bits', { header: { bits: 0x207ffffe } }],
  ];

  it.each(rejected)('%s: refused as %s, tip unchanged, sender punished', (_name, code, options) => {
    const { network, node } = oneNode();
    const before = standing(node);
    const bad = badPoint(genesis, options);
    const peer = new ScriptedPeer(network, node).hello(bad);
    network.runUntil(() => peer.closedBecause !== null, 10_000, 'the punishment');
    expect(peer.closedBecause).toContain(code);
    expect(standing(node)).toEqual(before);
    restart(network, node);
    expect(standing(node)).toEqual(before);
  });

  it('mutated-body-is-not-an-invalid-header: the honest body is accepted afterwards', () => {
    const honest = mineBlock(genesis, { transfers: [transferAt(genesis, alice, bob.address)] });
    const mutated = { ...honest, block: encodeBlock(honest.block.header, honest.block.transactions.slice(0, 1)) };
    const { network, node } = oneNode();
    const liar = new ScriptedPeer(network, node).hello(mutated);
    network.runUntil(() => liar.closedBecause !== null, 10_000, 'the punishment');
    expect(liar.closedBecause).toContain('bad-merkle-root');
    expect(node.core.chain.get(honest.block.hash)?.record.validity).toBe('unknown');
    feed(network, node, honest);
    expect(tipOf(node)).toBe(honest.block.hash);
  });

  it('time-rules: a block from the future is not now, and accepted once the clock passes', () => {
    const { network, node } = oneNode();
    const nowSeconds = Math.floor(network.clock.instant().wallMs / 1000);
    const early = mineBlock(genesis, { time: nowSeconds + REGTEST.futureLimitSeconds + 60 });
    const peer = new ScriptedPeer(network, node).hello(genesis);
    network.runFor(100);
    peer.sendBlock(early);
    network.runFor(1_000);
    expect(node.core.chain.tip.record.height).toBe(0);
    expect(peer.closedBecause).toBeNull();
    expect(node.core.chain.get(early.block.hash)).toBeUndefined();
    network.runFor(61_000);
    peer.sendBlock(early);
    network.runUntil(() => tipOf(node) === early.block.hash, 1_000, 'the block');
  });

  it('size-caps: a block of 1,000,001 bytes is refused before any signature is looked at', () => {
    let verifications = 0;
    const network = new SimulatedNetwork({
      seed: 7,
      verify: () => {
        verifications++;
        return true;
      },
    });
    const node = network.addNode();
    const base = mineUnchecked(genesis);
    const large = transferAt(genesis, alice, bob.address, { memo: new Uint8Array(256) });
    const rest = 1_000_001 - base.raw.length;
    const count = Math.floor(rest / large.raw.length) - 1;
    // The last two take what is left, to the byte.
    const leftBytes = rest - count * large.raw.length;
    const lastMemo = leftBytes - large.raw.length + 256 - 1;
    const last =
      lastMemo <= 256
        ? [transferAt(genesis, alice, bob.address, { memo: new Uint8Array(lastMemo + 1) })]
        : [
            transferAt(genesis, alice, bob.address, { memo: new Uint8Array(100) }),
            transferAt(genesis, alice, bob.address, {
              memo: new Uint8Array(leftBytes - 2 * (large.raw.length - 256) - 100),
            }),
          ];
    const block = encodeBlock(base.header, [
      ...base.transactions,
      ...Array.from({ length: count }, () => large),
      ...last,
    ]);
    expect(block.raw.length).toBe(1_000_001);
    const peer = new ScriptedPeer(network, node).hello({ ...mineBlock(genesis), block });
    network.runUntil(() => peer.closedBecause !== null, 10_000, 'the punishment');
    expect(peer.closedBecause).toContain('block-too-large');
    expect(verifications).toBe(0);
    expect(node.core.chain.tip.record.height).toBe(0);
  });

  it('canonical-bytes: a block with one byte more is refused', () => {
    const { network, node } = oneNode();
    const block = mineBlock(genesis).block;
    const peer = new ScriptedPeer(network, node).hello(genesis);
    network.runFor(100);
    peer.send({ type: 'block', raw: new Uint8Array([...block.raw, 0]) });
    network.runUntil(() => peer.closedBecause !== null, 1_000, 'the punishment');
    expect(node.core.chain.tip.record.height).toBe(0);
  });
});

function twice(transfer: ReturnType<typeof transferAt>): { transfers: (typeof transfer)[] } {
  return { transfers: [transfer, transfer] };
}
