import { describe, expect, it } from 'vitest';
import { DEVELOPMENT_ACCOUNTS } from '../../consensus/development-accounts.ts';
import type { KeyPair } from '../../consensus/keys.ts';
import { REGTEST } from '../../consensus/networks.ts';
import type { SignedTransaction, Transfer } from '../../consensus/transaction.ts';
import { EXPIRY_MS } from '../../protocol/policy.ts';
import { SimulatedNetwork } from '../../simulator/network.ts';
import { SeededRandom } from '../../simulator/seeded-random.ts';
import type { SimulatedNode } from '../../simulator/simulated-node.ts';
import { genesisPoint, keysOf, mineBlock, transferAt } from '../../testing/chain-builder.ts';
import { quickTransfer } from '../../testing/quick-signing.ts';
import { ScriptedPeer } from '../../testing/scripted-peer.ts';
import { expectUnchanged, feed, mine, oneNode, restart, standing, submit } from '../../testing/simulated.ts';

const genesis = genesisPoint(REGTEST);
const [alice, bob, carol, dave] = [keysOf('Alice'), keysOf('Bob'), keysOf('Carol'), keysOf('Dave')];
const COINS = 1_00000000n;
const FEE = 1_000n;

/** Alice pays Bob, nonce by nonce, or as it is said. */
function payment(
  nonce: bigint,
  fields: { amount?: bigint; fee?: bigint; from?: KeyPair; to?: KeyPair } = {},
): Transfer {
  const { amount = 1n, fee = FEE, from = alice, to = bob } = fields;
  return transferAt(genesis, from, to.address, { amount, fee, nonce });
}

const stateOf = (node: SimulatedNode, transfer: Transfer): string | undefined =>
  node.core.mempool.get(transfer.txid)?.state;
const template = (network: SimulatedNetwork, node: SimulatedNode): readonly SignedTransaction[] =>
  node.core.template(Math.floor(network.clock.instant().wallMs / 1_000)).transactions;

describe('transactions-come-back', () => {
  it('transactions-come-back in nonce order after a reorg, unless invalid or already in the new branch', () => {
    // genesis ── a1(t0 t1) ── a2(t2, carol 0, dave 0)
    //        └── b1(t0)    ── b2(carol 0*, dave 0*) ── b3
    //
    // There Carol's nonce 0 is used up by another transfer, and Dave has spent what his nonce 1 would have cost.
    const [t0, t1, t2] = [payment(0n), payment(1n), payment(2n)];
    const conflicting = payment(0n, { from: carol, amount: 5n });
    const unaffordable = payment(1n, { from: dave, amount: 600n * COINS });
    const a1 = mineBlock(genesis, { transfers: [t0, t1, payment(0n, { from: dave })] });
    const a2 = mineBlock(a1, { transfers: [t2, conflicting, unaffordable] });
    const rivals = [payment(0n, { from: carol, amount: 6n }), payment(0n, { from: dave, amount: 600n * COINS })];
    const b2 = mineBlock(mineBlock(genesis, { transfers: [t0] }), { transfers: rivals });
    const { network, node } = oneNode();
    feed(network, node, a2);
    feed(network, node, mineBlock(b2));
    expect(node.core.mempool.byFeeRate().map(({ transaction, state }) => [transaction.txid, state])).toEqual([
      [t1.txid, 'ready'],
      [t2.txid, 'ready'],
    ]);
    const reorg = node.notices.find((notice) => notice.kind === 'reorg');
    expect(reorg?.returnedToMempool).toEqual([t1.txid, t2.txid]);
    expect(reorg?.dropped).toContainEqual({ txid: conflicting.txid, reason: 'conflict' });
    expect(reorg?.dropped).toContainEqual({ txid: unaffordable.txid, reason: 'invalid' });
    expectUnchanged(network, node, standing(node));
    mine(network, node, 1);
    expect(node.core.mempool.size).toBe(0);
    expect(node.store.account(alice.address)?.nonce).toBe(3n);
  });
});

describe('descendants-follow', () => {
  it('descendants-follow: when the balance falls, later pending ones are queued or dropped, never in a template', () => {
    const { network, node } = oneNode();
    const large = payment(1n, { amount: 600n * COINS });
    const small = payment(2n, { amount: 300n * COINS });
    for (const transfer of [payment(0n), large, small]) expect(submit(network, node, transfer)).toBe('accepted');
    expect([large, small].map((transfer) => stateOf(node, transfer))).toEqual(['ready', 'ready']);
    // A block spends Alice's first nonce for something else that leaves too little for both.
    feed(network, node, mineBlock(genesis, { transfers: [payment(0n, { amount: 500n * COINS })] }));
    expect(stateOf(node, large)).toBeUndefined();
    expect(node.core.mempool.dropped(large.txid)?.reason).toBe('invalid');
    expect(stateOf(node, small)).toBe('queued');
    expect(template(network, node)).toEqual([]);
    expectUnchanged(network, node, standing(node));
    mine(network, node, 1);
    expect(stateOf(node, small)).toBe('queued');
    // The gap is closed, and what waited is taken up.
    submit(network, node, payment(1n));
    expect(stateOf(node, small)).toBe('ready');
  });

  it('descendants-follow: when the nonce falls and what was before them cannot come back, they are queued', () => {
    // genesis ── a1(bob pays alice, alice 0 spends it, alice 1)        pending: alice 2
    //        └── b1(bob pays dave) ── b2
    const gift = payment(0n, { from: bob, to: alice, amount: 500n * COINS });
    const spent = payment(0n, { to: carol, amount: 1_400n * COINS });
    const [after, pending] = [payment(1n), payment(2n)];
    const { network, node } = oneNode();
    feed(network, node, mineBlock(genesis, { transfers: [gift, spent, after] }));
    expect(submit(network, node, pending)).toBe('accepted');
    expect(template(network, node)).toEqual([expect.objectContaining({ txid: pending.txid })]);
    const b1 = mineBlock(genesis, { transfers: [payment(0n, { from: bob, to: dave, amount: 900n * COINS })] });
    feed(network, node, mineBlock(b1));
    expect(node.core.mempool.dropped(gift.txid)?.reason).toBe('conflict');
    expect(node.core.mempool.dropped(spent.txid)?.reason).toBe('invalid');
    expect([after, pending].map((transfer) => stateOf(node, transfer))).toEqual(['queued', 'queued']);
    expect(template(network, node)).toEqual([]);
    expectUnchanged(network, node, standing(node));
  });
});

describe('template-always-valid', () => {
  it('template-always-valid: whatever the mempool holds, a mined block connects', () => {
    const random = new SeededRandom(15);
    const { network, node } = oneNode({ seed: 15 });
    const people = DEVELOPMENT_ACCOUNTS.map(({ name }) => keysOf(name));
    const any = <T>(list: readonly T[]): T => list[random.u32() % list.length] as T;
    let confirmed = 0;
    for (let round = 0; round < 60; round++) {
      for (let i = 0; i < 8; i++) {
        const [from, to] = [any(people), any(people)];
        const next = node.core.mempool.pendingAccount(from.address).nonce;
        const nonce = next + BigInt(random.u32() % 3) - (next > 0n && random.u32() % 4 === 0 ? 1n : 0n);
        const amount = BigInt(random.u32()) * BigInt(random.u32() % 40);
        const fee = BigInt(200 + (random.u32() % 5_000));
        const { networkId } = REGTEST;
        const memo = new Uint8Array();
        submit(network, node, quickTransfer({ networkId, nonce, recipient: to.address, amount, fee, memo }, from));
      }
      const height = node.core.chain.tip.record.height;
      mine(network, node, 1);
      expect(node.core.chain.tip.record.height).toBe(height + 1);
      expect(node.logs.filter(({ message }) => message === 'invalid block')).toEqual([]);
      confirmed += (node.core.chain.activeAt(height + 1)?.record.transactionCount ?? 1) - 1;
    }
    expect(confirmed).toBeGreaterThan(100);
  });
});

describe('expiry', () => {
  it('expiry after 3 h with dependants; subscribers told', () => {
    const { network, node } = oneNode();
    const [old, another] = [payment(0n), payment(0n, { from: carol })];
    submit(network, node, old);
    network.runFor(EXPIRY_MS - 60_000);
    const young = payment(1n);
    for (const transfer of [young, another]) expect(submit(network, node, transfer)).toBe('accepted');
    network.runFor(3 * 60_000);
    const told = node.notices.flatMap((notice) => (notice.kind === 'mempool' ? notice.removed : []));
    expect(told).toEqual([
      { txid: old.txid, reason: 'expired' },
      { txid: young.txid, reason: 'expired' },
    ]);
    expect(node.core.mempool.size).toBe(1);
    expectUnchanged(network, node, standing(node));
    expect(stateOf(node, another)).toBe('ready');
  });

  it('expiry counts from when the transaction came, across a restart', () => {
    const { network, node } = oneNode();
    const transfer = payment(0n);
    submit(network, node, transfer);
    network.runFor(EXPIRY_MS / 2);
    restart(network, node);
    network.runFor(EXPIRY_MS / 2 - 60_000);
    expect(stateOf(node, transfer)).toBe('ready');
    network.runFor(2 * 60_000);
    expect(stateOf(node, transfer)).toBeUndefined();
  });
});

describe('unbroadcast', () => {
  it('unbroadcast: submitted with no peer, announced when one comes, until it is seen', () => {
    const network = new SimulatedNetwork({ seed: 22 });
    const lonely = network.addNode();
    const transfer = payment(0n);
    const isUnbroadcast = () => lonely.core.mempool.get(transfer.txid)?.unbroadcast;
    submit(network, lonely, transfer);
    expect(isUnbroadcast()).toBe(true);
    restart(network, lonely);
    expect(isUnbroadcast()).toBe(true);
    // This one hears of it, but never asks; so it knows, and that nobody else does goes on being told.
    const deaf = new ScriptedPeer(network, lonely).hello(genesis);
    const announcements = () => deaf.ofType('inv').filter(({ txids }) => txids.includes(transfer.txid)).length;
    network.runFor(100);
    const atFirst = announcements();
    expect(atFirst).toBeGreaterThan(0);
    network.runFor(70_000);
    expect(announcements()).toBeGreaterThan(atFirst);
    expect(isUnbroadcast()).toBe(true);
    const other = network.addNode({ peers: [0] });
    network.runUntil(() => other.core.mempool.has(transfer.txid), 1_000, 'the transaction');
    network.runFor(100);
    expect(isUnbroadcast()).toBe(false);
    const before = announcements();
    network.runFor(70_000);
    expect(announcements()).toBe(before);
  });

  it('unbroadcast: seen is also what a peer announces by itself, and stays seen after a restart', () => {
    const { network, node } = oneNode();
    const transfer = payment(0n);
    submit(network, node, transfer);
    const peer = new ScriptedPeer(network, node).hello(genesis);
    network.runFor(100);
    expect(node.core.mempool.get(transfer.txid)?.unbroadcast).toBe(true);
    peer.send({ type: 'inv', txids: [transfer.txid] });
    network.runFor(100);
    expect(node.core.mempool.get(transfer.txid)?.unbroadcast).toBe(false);
    restart(network, node);
    expect(node.core.mempool.get(transfer.txid)?.unbroadcast).toBe(false);
  });
});
