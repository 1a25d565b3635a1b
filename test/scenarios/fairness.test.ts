import { describe, expect, it } from 'vitest';
import { REGTEST } from '../../consensus/networks.ts';
import { MAX_INBOUND } from '../../protocol/dialling.ts';
import { MAX_QUEUED, MAX_QUEUED_PER_ACCOUNT } from '../../protocol/policy.ts';
import { genesisPoint, keysOf, mineBlock, mineChain, mineUnchecked, transferAt } from '../../testing/chain-builder.ts';
import { quickKeyPair, unsignedTransfer } from '../../testing/quick-signing.ts';
import { ScriptedPeer } from '../../testing/scripted-peer.ts';
import { expectUnchanged, feed, type OneNode, oneNode, standing, tipOf } from '../../testing/simulated.ts';

const genesis = genesisPoint(REGTEST);
const [alice, bob] = [keysOf('Alice'), keysOf('Bob')];
const FEE = 1_000n;
const transfer = transferAt(genesis, alice, bob.address, { fee: FEE });
const inv = { type: 'inv', txids: [transfer.txid] } as const;

function peersOf({ network, node }: OneNode, count: number): ScriptedPeer[] {
  const peers = Array.from({ length: count }, () => new ScriptedPeer(network, node).hello(genesis));
  network.runFor(100);
  return peers;
}

const requests = (peer: ScriptedPeer | undefined): number => peer?.ofType('getTransactions').length ?? 0;

const askedOf = (peer: ScriptedPeer | undefined): string[] =>
  peer?.ofType('getTransactions').flatMap(({ txids }) => txids) ?? [];

/** What each of many flooders announces at a time: four times what it is asked for at once. */
const FLOOD = 2_000;
/** From here on, ids that no flooder announces. */
const ANNOUNCED = 1e9;

/** An id of a transaction that does not exist. */
const unknownId = (index: number): string => index.toString(16).padStart(64, '0');

describe('request-fairness', () => {
  it('request-fairness: one asked, then another on timeout, one after the other', () => {
    const one = oneNode();
    const peers = peersOf(one, 3);
    for (const peer of peers) peer.send(inv);
    one.network.runFor(1_900);
    expect(peers.map(requests)).toEqual([1, 0, 0]);
    one.network.runFor(200);
    expect(peers.map(requests)).toEqual([1, 1, 0]);
    one.network.runFor(2_000);
    expect(peers.map(requests)).toEqual([1, 1, 1]);
    peers[2]?.send({ type: 'transactions', transactions: [transfer] });
    one.network.runFor(100);
    expect(one.node.core.mempool.has(transfer.txid)).toBe(true);
    one.network.runFor(10_000);
    expect(peers.map(requests)).toEqual([1, 1, 1]);
    // Slow is not wrong.
    expect(peers.map(({ closedBecause }) => closedBecause)).toEqual([null, null, null]);
  });

  it('request-fairness: another is asked at once where the first one does not have it, or is gone', () => {
    const one = oneNode();
    const peers = peersOf(one, 3);
    for (const peer of peers) peer.send(inv);
    one.network.runFor(10);
    peers[0]?.send({ type: 'notFound', what: 'transaction', hashes: [transfer.txid] });
    one.network.runFor(10);
    expect(peers.map(requests)).toEqual([1, 1, 0]);
    peers[1]?.close();
    one.network.runFor(10);
    expect(peers.map(requests)).toEqual([1, 1, 1]);
  });

  it('request-fairness: who announces the same again and again is not asked before the others', () => {
    const one = oneNode();
    const [first, second] = peersOf(one, 2);
    for (let i = 0; i < 20; i++) first?.send(inv);
    one.network.runFor(50);
    second?.send(inv);
    one.network.runFor(2_100);
    expect([requests(first), requests(second)]).toEqual([1, 1]);
  });

  it('request-fairness: who announces thousands that do not exist does not keep the others from being asked', () => {
    const one = oneNode();
    const [flooder, honest] = peersOf(one, 2);
    for (let i = 0; i < 60_000; i += 1_000) {
      flooder?.send({ type: 'inv', txids: Array.from({ length: 1_000 }, (_, j) => unknownId(i + j)) });
    }
    one.network.runFor(10);
    honest?.send(inv);
    one.network.runFor(10);
    expect(requests(honest)).toBe(1);
    expect(askedOf(flooder)).toHaveLength(500);
    expect(flooder?.closedBecause).toBeNull();
  });

  it('request-fairness: nor do as many such peers as there is room for, however often they announce', () => {
    const one = oneNode();
    const { network } = one;
    const [honest, ...flooders] = peersOf(one, MAX_INBOUND);
    const rounds = 3;
    for (let round = 0; round < rounds; round++) {
      // When the requests of one round have ended, the next is there.
      for (const [i, flooder] of flooders.entries()) {
        const first = (round * MAX_INBOUND + i) * FLOOD;
        for (let j = first; j < first + FLOOD; j += 1_000) {
          flooder.send({ type: 'inv', txids: Array.from({ length: 1_000 }, (_, k) => unknownId(j + k)) });
        }
      }
      network.runFor(10);
      honest?.send({ type: 'inv', txids: [unknownId(ANNOUNCED + round)] });
      network.runFor(2_100);
      expect(askedOf(honest)).toContain(unknownId(ANNOUNCED + round));
    }
    for (const flooder of flooders) expect(askedOf(flooder).length).toBeLessThanOrEqual((rounds + 1) * 500);
    expect(flooders.map(({ closedBecause }) => closedBecause)).toEqual(flooders.map(() => null));
  });

  it('request-fairness: all that a peer announces is asked for, a part at a time, and of one that has it', () => {
    const one = oneNode();
    const [silent, honest] = peersOf(one, 2);
    const transfers = Array.from({ length: 1_100 }, (_, i) =>
      transferAt(genesis, alice, bob.address, { fee: FEE, nonce: BigInt(i) }),
    );
    const txids = transfers.map(({ txid }) => txid);
    const byId = new Map(transfers.map((each) => [each.txid, each]));
    // The one keeps back what it announces as the other does.
    for (const peer of [silent, honest]) {
      for (let i = 0; i < txids.length; i += 1_000) peer?.send({ type: 'inv', txids: txids.slice(i, i + 1_000) });
    }
    const answered = new Set<string>();
    for (let step = 0; step < 200 && answered.size < txids.length; step++) {
      one.network.runFor(100);
      const asked = askedOf(honest).filter((txid) => !answered.has(txid));
      expect(asked.length).toBeLessThanOrEqual(500);
      for (const txid of asked) answered.add(txid);
      const found = asked.flatMap((txid) => byId.get(txid) ?? []);
      if (found.length > 0) honest?.send({ type: 'transactions', transactions: found });
    }
    expect(answered.size).toBe(txids.length);
    // None twice of the same peer.
    for (const peer of [silent, honest]) expect(new Set(askedOf(peer)).size).toBe(askedOf(peer).length);
  });

  it('request-fairness: headers, too: the next peer is asked when the first does not answer within 2 s', () => {
    const one = oneNode();
    const tip = mineChain(genesis, 3);
    const silent = new ScriptedPeer(one.network, one.node).withhold('getHeaders').hello(tip, { chainWork: 2n ** 100n });
    one.network.runFor(10);
    const good = new ScriptedPeer(one.network, one.node).hello(tip);
    one.network.runFor(1_900);
    expect([silent, good].map((peer) => peer.ofType('getHeaders').length)).toEqual([1, 0]);
    one.network.runUntil(() => tipOf(one.node) === tip.block.hash, 1_000, 'the chain from the other one');
    expect(silent.closedBecause).toBeNull();
  });
});

describe('orphan-bounds', () => {
  const BLOCKS = 500;
  // genesis ── 1 ── 2        and hundreds of blocks whose parents nobody has
  const tip = mineChain(genesis, 2);

  it('orphan-bounds: of blocks whose parents are unknown nothing is kept, and requests are counted', () => {
    const one = oneNode();
    const { network, node } = one;
    feed(network, node, tip);
    const before = standing(node);
    const index = node.core.chain.index.size;
    const stored = [...node.store.headers()].length;
    const flooder = new ScriptedPeer(network, node).hello(genesis);
    network.runFor(100);
    for (let i = 0; i < BLOCKS; i++) {
      const lost = { prevHash: unknownId(i + 1) };
      const block = mineUnchecked(tip, { header: lost, extraNonce: i });
      if (i % 2 === 0) flooder.send({ type: 'block', raw: block.raw });
      else flooder.send({ type: 'headers', headers: [block.header] });
      network.runFor(20);
      expect(node.store.body(block.hash)).toBeUndefined();
    }
    expect(node.core.chain.index.size).toBe(index);
    expect([...node.store.headers()]).toHaveLength(stored);
    expect(flooder.ofType('getHeaders').length).toBeLessThanOrEqual(10);
    expect(flooder.closedBecause).toBeNull();
    expectUnchanged(network, node, before);
    feed(network, node, mineBlock(tip));
  });

  it('orphan-bounds: transactions whose nonces are ahead fill the queue and nothing more', () => {
    const { network, node } = oneNode({ verify: () => true });
    const senders = Array.from({ length: 40 }, (_, i) => quickKeyPair(i));
    const funded = mineBlock(genesis, {
      transfers: senders.map(({ address }, i) =>
        transferAt(genesis, alice, address, { amount: 1_00000000n, nonce: BigInt(i) }),
      ),
    });
    const flooder = feed(network, node, funded);
    const { mempool } = node.core;
    for (const [account, sender] of senders.entries()) {
      const transfers = Array.from({ length: 100 }, (_, i) =>
        unsignedTransfer(
          {
            networkId: REGTEST.networkId,
            nonce: BigInt(i + 1),
            recipient: bob.address,
            amount: 1n,
            fee: FEE + BigInt(account),
            memo: new Uint8Array(),
          },
          sender,
        ),
      );
      flooder.send({ type: 'transactions', transactions: transfers });
      network.runFor(20);
      expect(mempool.size).toBe(Math.min((account + 1) * MAX_QUEUED_PER_ACCOUNT, MAX_QUEUED));
    }
    expect(mempool.readyCount).toBe(0);
    expect([...node.store.journal()]).toHaveLength(MAX_QUEUED);
    expect(flooder.closedBecause).toBeNull();
    // What can be mined finds its place all the same, and is.
    const ready = transferAt(funded, bob, alice.address, { fee: FEE });
    flooder.send({ type: 'transactions', transactions: [ready] });
    network.runFor(20);
    expect(mempool.get(ready.txid)?.state).toBe('ready');
    expectUnchanged(network, node, standing(node));
  });

  it('orphan-bounds: bodies that were never asked for, of headers whose ancestors lack theirs, are not kept', () => {
    const { network, node } = oneNode();
    network.runFor(3_000_000);
    const long = mineChain(genesis, 300);
    const flooder = new ScriptedPeer(network, node).withhold('getBlocks').hello(long);
    network.runUntil(() => node.core.chain.bestHeader.record.height === 300, 5_000, 'the headers');
    const asked = () => new Set(flooder.ofType('getBlocks').flatMap(({ blockHashes }) => blockHashes));
    let unasked = 0;
    for (let point = long; point.parent?.parent; point = point.parent) {
      if (asked().has(point.block.hash)) continue;
      flooder.sendBlock(point);
      network.runFor(1);
      expect(node.store.body(point.block.hash)).toBeUndefined();
      unasked++;
    }
    expect(unasked).toBeGreaterThan(200);
    expect(node.core.chain.tip.record.height).toBe(0);
    expect(flooder.closedBecause).toBeNull();
  });
});
