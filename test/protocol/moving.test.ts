import { describe, expect, it } from 'vitest';
import { coinbaseOf } from '../../consensus/block.ts';
import { REGTEST } from '../../consensus/networks.ts';
import { nativeVerify } from '../../simulator/command/native-crypto.ts';
import { SimulatedNetwork } from '../../simulator/network.ts';
import { mineEvent } from '../../testing/asking.ts';
import { genesisPoint, keysOf, mineBlock, transferAt } from '../../testing/chain-builder.ts';
import { unsignedTransfer } from '../../testing/quick-signing.ts';
import { ScriptedPeer } from '../../testing/scripted-peer.ts';
import { mine, restart, submit } from '../../testing/simulated.ts';

const genesis = genesisPoint(REGTEST);
const [alice, bob, carol] = [keysOf('Alice'), keysOf('Bob'), keysOf('Carol')];
const FEE = 1_000n;
const BLOCKS = 120;
/** Transactions of which a node no longer knows the first ones' signatures to be valid. */
const MORE_THAN_REMEMBERED = 21_000;

describe('while a node moves to another branch', () => {
  /** A node that is on its way back to genesis, with transactions of blocks that it has left. */
  function movingNode() {
    const network = new SimulatedNetwork({ seed: 11 });
    const node = network.addNode();
    let point = genesis;
    for (let i = 0; i < BLOCKS; i++) {
      const transfer = transferAt(point, alice, bob.address, { fee: FEE });
      point = mineBlock(point, { transfers: [transfer] });
    }
    network.runFor(BLOCKS * REGTEST.spacingSeconds * 1_000);
    new ScriptedPeer(network, node).hello(point);
    network.runUntil(() => node.core.chain.tip.record.hash === point.block.hash, 30_000);
    const pending = transferAt(point, alice, bob.address, { fee: FEE });
    expect(submit(network, node, pending)).toBe('accepted');
    const lowest = node.core.chain.activeAt(1)?.record.hash ?? '';
    node.request((request) => ({ type: 'invalidate-block', request, blockHash: lowest }));
    expect(node.core.chain.isMoving).toBe(true);
    return { network, node, nowSeconds: Math.floor(network.clock.instant().wallMs / 1_000) };
  }

  it('what would be mined is always a valid block', () => {
    const { network, node, nowSeconds } = movingNode();
    let looks = 0;
    for (; node.core.chain.isMoving; network.clock.step()) {
      const template = node.core.template(nowSeconds);
      expect(template.header.prevHash).toBe(node.core.chain.tip.record.hash);
      expect(template.transactions).toEqual([]);
      looks++;
    }
    expect(looks).toBeGreaterThan(3);
    expect(node.core.template(nowSeconds).transactions.length).toBeGreaterThan(0);
  });

  it('a transaction is judged by where the node arrives, not by where it passes', () => {
    const { network, node } = movingNode();
    // At the old tip Alice's nonce 0 is long used up; at genesis it is free again.
    const replacement = transferAt(genesis, alice, carol.address, { fee: 2n * FEE });
    expect(submit(network, node, replacement)).toBe('accepted');
    expect(node.core.chain.isMoving).toBe(false);
    expect(node.core.mempool.get(replacement.txid)?.state).toBe('ready');
  });
});

describe('a block that takes a node more than one step', () => {
  it('is followed by the next one with what it left over', () => {
    const network = new SimulatedNetwork({ seed: 14, verify: nativeVerify });
    const node = network.addNode();
    const senders = ['Alice', 'Bob', 'Carol', 'Dave', 'Erin'].map(keysOf);
    for (const sender of senders) {
      for (let nonce = 0n; nonce < 20n; nonce++) {
        const transfer = transferAt(genesis, sender, bob.address, { amount: 1n, fee: FEE, nonce });
        expect(submit(network, node, transfer)).toBe('accepted');
      }
    }
    mine(network, node, 3);
    const counts = [1, 2, 3].map((height) => node.core.chain.activeAt(height)?.record.transactionCount);
    expect(counts).toEqual([81, 21, 1]);
    expect(node.core.mempool.size).toBe(0);
  });
});

describe('a transaction that is confirmed by a block on the way', () => {
  //           a
  //          /
  //  genesis-b-c      b has more transactions than one step connects
  it('stays out of the journal, though a peer tells meanwhile that it has it', () => {
    const network = new SimulatedNetwork({ seed: 15, verify: nativeVerify });
    const node = network.addNode();
    const own = transferAt(genesis, alice, carol.address, { fee: FEE });
    expect(submit(network, node, own)).toBe('accepted');
    const others = Array.from({ length: 40 }, (_, i) => transferAt(genesis, bob, carol.address, { nonce: BigInt(i) }));
    const a = mineBlock(genesis);
    const b = mineBlock(genesis, { transfers: [own, ...others] });
    const c = mineBlock(b);
    const peer = new ScriptedPeer(network, node).hello(genesis).sendBlock(a).sendBlock(b);
    network.runFor(100);
    peer.sendBlock(c);
    network.runUntil(() => node.core.chain.isMoving, 1_000);
    // It arrives behind the answer about the signatures of b, and before the next step.
    peer.send({ type: 'inv', txids: [own.txid] });
    network.runUntil(() => node.store.tip === b.block.hash, 1_000);
    expect(node.core.chain.isMoving).toBe(true);
    network.runUntil(() => !node.core.chain.isMoving);
    expect(node.store.tip).toBe(c.block.hash);
    expect(node.core.mempool.has(own.txid)).toBe(false);
    expect(node.store.isJournaled(own.txid)).toBe(false);
  });
});

describe('a clock that is set back', () => {
  it('costs a mined block at most, not the node', () => {
    const network = new SimulatedNetwork({ seed: 12, params: REGTEST });
    const node = network.addNode();
    node.request(mineEvent(1));
    const back = { wallMs: network.clock.instant().wallMs - 4 * 3_600_000, monotonicMs: network.clock.nowMs };
    const instant = network.clock.instant.bind(network.clock);
    network.clock.instant = () => back;
    network.runFor(5_000);
    expect(node.core.chain.tip.record.height).toBe(0);
    expect(node.logs.map(({ message }) => message)).toContain('mined block dropped');
    network.clock.instant = instant;
    mine(network, node, 1);
    expect(node.core.chain.tip.record.height).toBeGreaterThan(0);
  });
});

describe('a miner that is told whom to pay', () => {
  it('pays whoever asked, though it was searching for somebody else already', () => {
    const network = new SimulatedNetwork({ seed: 13 });
    const node = network.addNode({ hashrate: 0.01 });
    const set = { type: 'set-mining', mode: 'continuous', threads: null, intervalMs: null } as const;
    node.request((request) => ({ ...set, request, hashrateLimit: null, recipient: alice.address }));
    const first = node.request(mineEvent(1, { recipient: carol.address }));
    const cancelled = node.request(mineEvent(1, { recipient: alice.address }));
    const second = node.request(mineEvent(1, { recipient: bob.address }));
    node.handle({ type: 'mine-cancelled', request: cancelled });
    network.runUntil(() => node.replyTo(second) !== undefined, 10_000_000);
    for (const [request, recipient] of [
      [first, carol.address],
      [second, bob.address],
    ] as const) {
      const reply = node.replyTo(request);
      const hashes = reply?.ok && reply.value.kind === 'mined' ? reply.value.blockHashes : [];
      const entry = node.core.chain.get(hashes[0] ?? '');
      expect(entry && coinbaseOf(node.core.chain.readBlock(entry as never)).recipient).toBe(recipient);
    }
  });
});

describe('a block that was mined on demand', () => {
  it('counts after a restart, and what came back from the journal is not verified again', () => {
    let checks = 0;
    const verify: typeof nativeVerify = (check) => {
      checks++;
      return nativeVerify(check);
    };
    const network = new SimulatedNetwork({ seed: 15, verify });
    const node = network.addNode();
    for (const nonce of [0n, 1n]) submit(network, node, transferAt(genesis, alice, bob.address, { fee: FEE, nonce }));
    restart(network, node);
    mine(network, node, 1);
    expect(node.core.chain.tip.record).toMatchObject({ height: 1, transactionCount: 3 });
    expect(checks).toBe(2);
  });

  it('counts when it is connected, also where so much was verified since that its signatures are forgotten', {
    timeout: 180_000,
  }, () => {
    const network = new SimulatedNetwork({ seed: 16, verify: () => true });
    const node = network.addNode();
    submit(network, node, transferAt(genesis, alice, bob.address, { fee: FEE }));
    const peer = new ScriptedPeer(network, node).hello(genesis);
    network.runFor(100);
    const fields = { networkId: REGTEST.networkId, recipient: bob.address, amount: 2n ** 60n, memo: new Uint8Array() };
    for (let i = 0; i < MORE_THAN_REMEMBERED; i += 1_000) {
      const transfers = Array.from({ length: 1_000 }, (_, j) =>
        unsignedTransfer({ ...fields, nonce: BigInt(i + j), fee: FEE }, carol),
      );
      peer.send({ type: 'transactions', transactions: transfers });
      network.runFor(10);
    }
    mine(network, node, 1);
    expect(node.core.chain.tip.record).toMatchObject({ height: 1, transactionCount: 2 });
  });
});
