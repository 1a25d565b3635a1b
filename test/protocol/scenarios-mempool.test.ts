import { ed25519 } from '@noble/curves/ed25519.js';
import { describe, expect, it } from 'vitest';
import { addressOfKey } from '../../consensus/address.ts';
import { DEVELOPMENT_ACCOUNTS } from '../../consensus/development-accounts.ts';
import type { KeyPair } from '../../consensus/keys.ts';
import { REGTEST } from '../../consensus/networks.ts';
import type { Transfer } from '../../consensus/transaction.ts';
import { EXPIRY_MS, MAX_QUEUED_PER_ACCOUNT, MAX_READY, MAX_READY_PER_ACCOUNT } from '../../protocol/policy.ts';
import { SimulatedNetwork } from '../../simulator/network.ts';
import { SeededRandom } from '../../simulator/seeded-random.ts';
import type { SimulatedNode } from '../../simulator/simulated-node.ts';
import { type ChainPoint, genesisPoint, keysOf, mineBlock, transferAt } from '../support/chain-builder.ts';
import { ScriptedPeer } from '../support/scripted-peer.ts';
import { mine, nativeVerify, restart, standing, submit } from '../support/simulated.ts';

const genesis = genesisPoint(REGTEST);
const [alice, bob, carol] = [keysOf('Alice'), keysOf('Bob'), keysOf('Carol')];
const COINS = 1_00000000n;
const FEE = 1_000n;

function oneNode(seed = 11): { network: SimulatedNetwork; node: SimulatedNode } {
  const network = new SimulatedNetwork({ seed, verify: nativeVerify });
  return { network, node: network.addNode() };
}

/** Alice pays Bob, nonce by nonce. */
function payment(nonce: bigint, fields: { amount?: bigint; fee?: bigint; from?: KeyPair; to?: string } = {}): Transfer {
  const { amount = 1n, fee = FEE, from = alice, to = bob.address } = fields;
  return transferAt(genesis, from, to, { amount, fee, nonce });
}

const stateOf = (node: SimulatedNode, transfer: Transfer): string | undefined =>
  node.core.mempool.get(transfer.txid)?.state;
const tipOf = (node: SimulatedNode): string => node.core.chain.tip.record.hash;

function feed(network: SimulatedNetwork, node: SimulatedNode, point: ChainPoint): ScriptedPeer {
  const peer = new ScriptedPeer(network, node).hello(point);
  network.runUntil(() => tipOf(node) === point.block.hash, 30_000, 'the fed tip');
  return peer;
}

describe('reorganisation and mempool', () => {
  it('transactions-come-back in nonce order after a reorg, unless invalid or already in the new branch', () => {
    // genesis ── a1(t0 t1) ── a2(t2, carol 0)
    //        └── b1(t0)    ── b2(carol 0*)     ── b3       carol's nonce 0 is used up by another transfer there
    const [t0, t1, t2] = [payment(0n), payment(1n), payment(2n)];
    const mine1 = mineBlock(genesis, { transfers: [t0, t1] });
    const lost = payment(0n, { from: carol, amount: 5n });
    const a2 = mineBlock(mine1, { transfers: [t2, lost] });
    const rival = payment(0n, { from: carol, amount: 6n });
    const b2 = mineBlock(mineBlock(genesis, { transfers: [t0] }), { transfers: [rival] });
    const b3 = mineBlock(b2);
    const { network, node } = oneNode();
    feed(network, node, a2);
    feed(network, node, b3);
    const pending = node.core.mempool.byFeeRate().map((entry) => [entry.transfer.nonce, entry.state]);
    expect(pending).toEqual([
      [1n, 'ready'],
      [2n, 'ready'],
    ]);
    const reorg = node.notices.find((notice) => notice.kind === 'reorg');
    expect(reorg?.returnedToMempool).toEqual([t1.txid, t2.txid]);
    expect(reorg?.dropped).toEqual([{ txid: lost.txid, reason: 'conflict' }]);
    mine(network, node, 1);
    expect(node.core.mempool.size).toBe(0);
  });

  it('descendants-follow: when the money goes, later pending ones are queued or dropped, never in a template', () => {
    const { network, node } = oneNode();
    const large = payment(1n, { amount: 600n * COINS });
    const small = payment(2n, { amount: 300n * COINS });
    for (const transfer of [payment(0n), large, small]) expect(submit(network, node, transfer)).toBe('accepted');
    expect([large, small].map((transfer) => stateOf(node, transfer))).toEqual(['ready', 'ready']);
    // A block spends Alice's first nonce for something else that leaves too little for both.
    const block = mineBlock(genesis, { transfers: [payment(0n, { amount: 500n * COINS })] });
    feed(network, node, block);
    expect(stateOf(node, large)).toBeUndefined();
    expect(node.core.mempool.dropped(large.txid)?.reason).toBe('invalid');
    expect(stateOf(node, small)).toBe('queued');
    expect(node.core.template(Math.floor(network.clock.instant().wallMs / 1000)).transfers).toEqual([]);
    mine(network, node, 1);
    expect(stateOf(node, small)).toBe('queued');
  });

  it('template-always-valid: whatever the mempool holds, a mined block connects', () => {
    const random = new SeededRandom(15);
    const { network, node } = oneNode(15);
    const people = DEVELOPMENT_ACCOUNTS.map(({ name }) => keysOf(name));
    for (let round = 0; round < 60; round++) {
      for (let i = 0; i < 8; i++) {
        const from = people[random.u32() % people.length] as KeyPair;
        const to = (people[random.u32() % people.length] as KeyPair).address;
        const next = node.core.mempool.pendingAccount(from.address).nonce;
        const nonce = next + BigInt(random.u32() % 3) - (next > 0n && random.u32() % 4 === 0 ? 1n : 0n);
        const amount = BigInt(random.u32()) * BigInt(random.u32() % 40);
        submit(network, node, payment(nonce, { from, to, amount, fee: BigInt(200 + (random.u32() % 5_000)) }));
      }
      const height = node.core.chain.tip.record.height;
      mine(network, node, 1);
      expect(node.core.chain.tip.record.height).toBe(height + 1);
      expect(node.logs.filter(({ message }) => message === 'invalid block')).toEqual([]);
    }
  });

  it('replacement: the same sender and nonce needs 10 % more fee, and exactly one is replaced', () => {
    const { network, node } = oneNode();
    const [first, second] = [payment(0n, { fee: 1_000n }), payment(1n, { fee: 1_000n })];
    for (const transfer of [first, second]) submit(network, node, transfer);
    expect(submit(network, node, payment(0n, { fee: 1_099n, amount: 2n }))).toBe('replacement-fee-too-low');
    const better = payment(0n, { fee: 1_100n, amount: 2n });
    expect(submit(network, node, better)).toBe('accepted');
    expect(node.core.mempool.size).toBe(2);
    expect([better, second].map((transfer) => stateOf(node, transfer))).toEqual(['ready', 'ready']);
    expect(node.core.mempool.dropped(first.txid)?.reason).toBe('replaced');
  });

  it('pool-limits of one account: 16 ready, 64 queued, then refused; a gap that closes makes room', () => {
    const { network, node } = oneNode();
    const all = Array.from({ length: MAX_READY_PER_ACCOUNT + MAX_QUEUED_PER_ACCOUNT }, (_, i) => payment(BigInt(i)));
    for (const transfer of all) expect(submit(network, node, transfer)).toBe('accepted');
    expect(node.core.mempool.readyCount).toBe(MAX_READY_PER_ACCOUNT);
    expect(submit(network, node, payment(BigInt(all.length)))).toBe('nonce-too-far');
    mine(network, node, 1);
    expect(node.core.mempool.readyCount).toBe(MAX_READY_PER_ACCOUNT);
    expect(node.core.mempool.size).toBe(MAX_QUEUED_PER_ACCOUNT);
    mine(network, node, 4);
    expect(node.core.mempool.size).toBe(0);
    expect(node.store.account(alice.address)?.nonce).toBe(BigInt(all.length));
  });

  it('pool-limits: when full the lowest fee rate goes, the minimum rises, is shown, and decays; a future nonce evicts nobody', () => {
    const keys = Array.from({ length: MAX_READY / MAX_READY_PER_ACCOUNT + 1 }, (_, i) => keyPairFrom(i));
    const funding = keys.map((key, i) => payment(BigInt(i), { to: key.address, amount: COINS }));
    const funded = mineBlock(genesis, { transfers: funding });
    const { network, node } = oneNode();
    const peer = feed(network, node, funded);
    const fee = (account: number, nonce: number): bigint => 1_000n + BigInt(account * MAX_READY_PER_ACCOUNT + nonce);
    const full = keys
      .slice(0, -1)
      .flatMap((from, account) =>
        Array.from({ length: MAX_READY_PER_ACCOUNT }, (_, nonce) =>
          payment(BigInt(nonce), { from, fee: fee(account, nonce) }),
        ),
      );
    for (let i = 0; i < full.length; i += 500) peer.send({ type: 'transactions', transfers: full.slice(i, i + 500) });
    network.runUntil(() => node.core.mempool.readyCount === MAX_READY, 10_000, 'a full pool');
    const last = keys.at(-1) as KeyPair;
    expect(submit(network, node, payment(5n, { from: last, fee: 50_000n }))).toBe('accepted');
    expect(node.core.mempool.readyCount).toBe(MAX_READY);
    const minimum = () => node.core.mempool.minimumFeePerKilobyte(network.clock.nowMs);
    const before = minimum();
    expect(submit(network, node, payment(0n, { from: last, fee: 999n }))).not.toBe('accepted');
    expect(submit(network, node, payment(0n, { from: last, fee: 60_000n }))).toBe('accepted');
    expect(node.core.mempool.readyCount).toBeLessThanOrEqual(MAX_READY);
    expect(node.core.mempool.dropped((full[0] as Transfer).txid)?.reason).toBe('evicted');
    expect(minimum()).toBeGreaterThan(before);
    const raised = minimum();
    network.runFor(10 * 60_000);
    expect(minimum()).toBeLessThan(raised);
  });

  it('expiry after 3 h with dependants; subscribers are told', () => {
    const { network, node } = oneNode();
    const old = payment(0n);
    submit(network, node, old);
    network.runFor(EXPIRY_MS - 60_000);
    const young = payment(1n);
    submit(network, node, young);
    network.runFor(3 * 60_000);
    expect(node.core.mempool.size).toBe(0);
    const told = node.notices.flatMap((notice) => (notice.kind === 'mempool' ? notice.removed : []));
    expect(told).toEqual([
      { txid: old.txid, reason: 'expired' },
      { txid: young.txid, reason: 'expired' },
    ]);
    restart(network, node);
    expect(node.core.mempool.size).toBe(0);
  });

  it('mempool-survives a kill: ready, queued and their order', () => {
    const { network, node } = oneNode();
    for (const nonce of [0n, 1n, 5n]) submit(network, node, payment(nonce));
    submit(network, node, payment(0n, { from: carol, fee: 9_000n }));
    const before = standing(node);
    expect(before.mempool).toHaveLength(4);
    restart(network, node);
    expect(standing(node)).toEqual(before);
  });

  it('same-checks-both-ways: the API and peers accept and refuse the same 10,000 transactions', {
    timeout: 60_000,
  }, () => {
    const network = new SimulatedNetwork({ seed: 21, verify: nativeVerify });
    const [byApi, byPeer] = [network.addNode(), network.addNode()];
    const random = new SeededRandom(21);
    const people = DEVELOPMENT_ACCOUNTS.map(({ name }) => keysOf(name));
    let peer = new ScriptedPeer(network, byPeer).hello(genesis);
    network.runFor(100);
    for (let i = 0; i < 10_000; i++) {
      const transfer = anything(random, people, byApi);
      submit(network, byApi, transfer);
      if (peer.closedBecause !== null) {
        peer = new ScriptedPeer(network, byPeer).hello(genesis);
        network.runFor(40);
      }
      peer.send({ type: 'transactions', transfers: [transfer] });
      network.runFor(1);
      const verdicts = [byApi, byPeer].map((node) => stateOf(node, transfer));
      expect(verdicts[1], `transaction ${i}`).toBe(verdicts[0]);
      if (i % 100 === 99) {
        // Both follow the same blocks, so that they go on agreeing on the accounts.
        mine(network, byApi, 1);
        const { hash } = byApi.core.chain.tip.record;
        const carrier = new ScriptedPeer(network, byPeer).hello(genesis);
        network.runFor(40);
        carrier.send({ type: 'block', raw: byApi.store.body(hash) as Uint8Array });
        network.runUntil(() => tipOf(byPeer) === hash, 5_000, 'the same block');
      }
    }
    expect(standing(byPeer)).toEqual(standing(byApi));
  });

  it('unbroadcast: submitted with no peer, announced when one comes, until it is seen', () => {
    const network = new SimulatedNetwork({ seed: 22 });
    const lonely = network.addNode();
    const transfer = payment(0n);
    submit(network, lonely, transfer);
    expect(lonely.core.mempool.get(transfer.txid)?.unbroadcast).toBe(true);
    restart(network, lonely);
    expect(lonely.core.mempool.get(transfer.txid)?.unbroadcast).toBe(true);
    // This one hears of it, but never asks.
    const deaf = new ScriptedPeer(network, lonely).hello(genesis);
    network.runFor(70_000);
    expect(deaf.ofType('inv').filter(({ txids }) => txids.includes(transfer.txid)).length).toBeGreaterThan(1);
    const other = network.addNode({ peers: [0] });
    network.runUntil(() => other.core.mempool.has(transfer.txid), 1_000, 'the transaction');
    network.runFor(100);
    expect(lonely.core.mempool.get(transfer.txid)?.unbroadcast).toBe(false);
  });
});

/** Derivation by mnemonic is slow on purpose; hundreds of accounts need something quicker. */
function keyPairFrom(index: number): KeyPair {
  const secretKey = new Uint8Array(32);
  new DataView(secretKey.buffer).setUint32(0, index + 1);
  const publicKey = ed25519.getPublicKey(secretKey);
  return { secretKey, publicKey, address: addressOfKey(publicKey) };
}

/** A transfer that may be fine, or wrong in any way that its bytes can be. */
function anything(random: SeededRandom, people: readonly KeyPair[], node: SimulatedNode): Transfer {
  const from = people[random.u32() % people.length] as KeyPair;
  const to = (people[random.u32() % people.length] as KeyPair).address;
  const pending = node.core.mempool.pendingAccount(from.address).nonce;
  const offsets = [0n, 0n, 0n, 1n, -1n, 3n, 90n];
  const offset = offsets[random.u32() % offsets.length] as bigint;
  const nonce = pending + offset < 0n ? 0n : pending + offset;
  const amounts = [1n, COINS, 400n * COINS, 10n ** 15n, 2n ** 64n - 1n];
  const fees = [0n, 100n, 1_000n, 1_100n, 5_000n];
  const amount = amounts[random.u32() % amounts.length] as bigint;
  const fee = fees[random.u32() % fees.length] as bigint;
  return transferAt(genesis, from, to, { amount, fee, nonce });
}
