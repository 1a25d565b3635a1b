import { beforeEach, describe, expect, it } from 'vitest';
import type { KeyPair } from '../../consensus/keys.ts';
import { REGTEST } from '../../consensus/networks.ts';
import type { Transfer } from '../../consensus/transaction.ts';
import {
  BASE_FEE_PER_KILOBYTE,
  MAX_QUEUED,
  MAX_QUEUED_PER_ACCOUNT,
  MAX_READY,
  MAX_READY_PER_ACCOUNT,
  MINIMUM_FEE_HALF_LIFE_MS,
} from '../../protocol/policy.ts';
import { type ChainPoint, genesisPoint, keysOf, mineBlock } from '../../testing/chain-builder.ts';
import { quickKeyPair, unsignedTransfer } from '../../testing/quick-signing.ts';
import type { ScriptedPeer } from '../../testing/scripted-peer.ts';
import { expectUnchanged, feed, mine, type OneNode, oneNode, standing, submit } from '../../testing/simulated.ts';

const genesis = genesisPoint(REGTEST);
const [alice, bob] = [keysOf('Alice'), keysOf('Bob')];
const COINS = 1_00000000n;
const FEE = 1_000n;
/** Transactions of one message. */
const BATCH = 500;
/** Signatures are not what these tests are about. */
const TAKE_ANY = { verify: () => true };

function payment(
  nonce: number,
  {
    amount = 1n,
    fee = FEE,
    from = alice,
    to = bob.address,
  }: { amount?: bigint; fee?: bigint; from?: KeyPair; to?: string } = {},
): Transfer {
  const { networkId } = REGTEST;
  return unsignedTransfer(
    { networkId, nonce: BigInt(nonce), recipient: to, amount, fee, memo: new Uint8Array() },
    from,
  );
}

describe('replacement', () => {
  it('replacement: same sender and nonce needs 10 % more fee; exactly one replaced', () => {
    const { network, node } = oneNode(TAKE_ANY);
    const [first, second] = [payment(0), payment(1)];
    for (const transfer of [first, second]) submit(network, node, transfer);
    const before = standing(node);
    expect(submit(network, node, payment(0, { fee: 1_099n, amount: 2n }))).toBe('replacement-fee-too-low');
    expectUnchanged(network, node, before);
    const better = payment(0, { fee: 1_100n, amount: 2n });
    expect(submit(network, node, better)).toBe('accepted');
    expect(standing(node).mempool).toEqual([better, second].map(({ txid }) => `${txid} ready`).sort());
    expect(node.core.mempool.dropped(first.txid)?.reason).toBe('replaced');
    expectUnchanged(network, node, standing(node));
  });

  it('replacement: of a queued one, too, and 10 % are rounded up', () => {
    const { network, node } = oneNode(TAKE_ANY);
    const queued = payment(5, { fee: 1_001n });
    submit(network, node, queued);
    expect(submit(network, node, payment(5, { fee: 1_101n, amount: 2n }))).toBe('replacement-fee-too-low');
    expect(submit(network, node, payment(5, { fee: 1_102n, amount: 2n }))).toBe('accepted');
    expect(node.core.mempool.size).toBe(1);
  });
});

describe('pool-limits of one account', () => {
  it('pool-limits: 16 ready and 64 queued an account, then refused; what is mined makes room', () => {
    const { network, node } = oneNode(TAKE_ANY);
    const all = Array.from({ length: MAX_READY_PER_ACCOUNT + MAX_QUEUED_PER_ACCOUNT }, (_, i) => payment(i));
    for (const transfer of all) expect(submit(network, node, transfer)).toBe('accepted');
    expect([node.core.mempool.readyCount, node.core.mempool.queuedCount]).toEqual([16, 64]);
    const before = standing(node);
    expect(submit(network, node, payment(all.length))).toBe('nonce-too-far');
    expectUnchanged(network, node, before);
    mine(network, node, 1);
    expect(node.core.mempool.readyCount).toBe(MAX_READY_PER_ACCOUNT);
    expect(node.core.mempool.size).toBe(MAX_QUEUED_PER_ACCOUNT);
    mine(network, node, 4);
    expect(node.core.mempool.size).toBe(0);
    expect(node.store.account(alice.address)?.nonce).toBe(BigInt(all.length));
  });

  it('pool-limits: 64 queued an account behind a gap, then refused', () => {
    const { network, node } = oneNode(TAKE_ANY);
    for (let nonce = 1; nonce <= MAX_QUEUED_PER_ACCOUNT; nonce++)
      expect(submit(network, node, payment(nonce))).toBe('accepted');
    expect(node.core.mempool.queuedCount).toBe(64);
    expect(submit(network, node, payment(MAX_QUEUED_PER_ACCOUNT + 1))).toBe('account-queue-full');
  });
});

describe('a pool that is full', () => {
  const accounts = MAX_READY / MAX_READY_PER_ACCOUNT;
  const keys = Array.from({ length: accounts + 2 }, (_, i) => quickKeyPair(i));
  const [late, later] = keys.slice(-2) as [KeyPair, KeyPair];
  const funding = keys.map((key, i) => payment(i, { to: key.address, amount: COINS, fee: 0n }));
  const funded: ChainPoint = mineBlock(genesis, { transfers: funding });
  /** Every fee once, the first account's first transaction pays the least. */
  const feeOf = (account: number, nonce: number): bigint => FEE + BigInt(account * MAX_READY_PER_ACCOUNT + nonce);
  const ready = keys
    .slice(0, accounts)
    .flatMap((from, account) =>
      Array.from({ length: MAX_READY_PER_ACCOUNT }, (_, nonce) => payment(nonce, { from, fee: feeOf(account, nonce) })),
    );
  let one: OneNode;
  let peer: ScriptedPeer;

  function send(transfers: readonly Transfer[]): void {
    for (let i = 0; i < transfers.length; i += BATCH)
      peer.send({ type: 'transactions', transactions: transfers.slice(i, i + BATCH) });
    one.network.runFor(100);
  }

  const minimum = () => one.node.core.mempool.minimumFeePerKilobyte(one.network.clock.nowMs);

  beforeEach(() => {
    one = oneNode(TAKE_ANY);
    peer = feed(one.network, one.node, funded);
    send(ready);
    expect(one.node.core.mempool.readyCount).toBe(5_120);
  });

  it('pool-limits: 5,120 ready; full: lowest fee rate goes, the minimum rises, is shown, and decays', () => {
    const { network, node } = one;
    const { mempool } = node.core;
    const lowest = ready[0] as Transfer;
    expect(minimum()).toBe(BASE_FEE_PER_KILOBYTE);
    expect(submit(network, node, payment(0, { from: late, fee: FEE - 1n }))).toBe('mempool-full');
    expect(submit(network, node, payment(0, { from: late, fee: 60_000n }))).toBe('accepted');
    expect(mempool.readyCount).toBeLessThanOrEqual(5_120);
    expect(mempool.dropped(lowest.txid)?.reason).toBe('evicted');
    const raised = minimum();
    expect(raised).toBe((lowest.fee * 1_000n) / BigInt(lowest.raw.length) + 1n);
    // What paid the old minimum is refused now, and the refusal says what is needed.
    const cheap = payment(0, { from: later, fee: FEE / 2n });
    const request = node.request((id) => ({ type: 'submit', request: id, raw: cheap.raw }));
    network.runUntil(() => node.replyTo(request) !== undefined, 1_000);
    const needed = (raised * BigInt(cheap.raw.length) + 999n) / 1_000n;
    expect(node.replyTo(request)).toMatchObject({ ok: false, code: 'fee-too-low' });
    expect(JSON.stringify(node.replyTo(request))).toContain(`0.0000${needed.toString().padStart(4, '0')}`);
    network.runFor(MINIMUM_FEE_HALF_LIFE_MS);
    expect(minimum()).toBe(raised / 2n);
    network.runFor(4 * MINIMUM_FEE_HALF_LIFE_MS);
    expect(minimum()).toBe(BASE_FEE_PER_KILOBYTE);
  });

  it('pool-limits: 1,024 queued; full: lowest fee rate among them goes', () => {
    const { mempool } = one.node.core;
    const queueing = keys.slice(0, MAX_QUEUED / MAX_QUEUED_PER_ACCOUNT + 1);
    const queued = queueing.flatMap((from, account) =>
      Array.from({ length: MAX_QUEUED_PER_ACCOUNT }, (_, i) =>
        payment(MAX_READY_PER_ACCOUNT + i, { from, fee: feeOf(account, i) + 40_000n * BigInt(account) }),
      ),
    );
    send(queued);
    expect([mempool.readyCount, mempool.queuedCount]).toEqual([5_120, 1_024]);
    const evicted = queued.filter(({ txid }) => mempool.dropped(txid)?.reason === 'evicted');
    expect(evicted).toHaveLength(MAX_QUEUED_PER_ACCOUNT);
    const highestEvicted = evicted.reduce((most, { fee }) => (fee > most ? fee : most), 0n);
    const kept = queued.filter(({ txid }) => mempool.has(txid));
    expect(kept.every(({ fee }) => fee > highestEvicted)).toBe(true);
  });

  it('replacement: a future nonce never evicts a ready one, whatever it pays', () => {
    const { network, node } = one;
    expect(submit(network, node, payment(5, { from: late, fee: 1_000_000n }))).toBe('accepted');
    for (const { txid } of ready) expect(node.core.mempool.get(txid)?.state).toBe('ready');
    expect(minimum()).toBe(BASE_FEE_PER_KILOBYTE);
  });
});
