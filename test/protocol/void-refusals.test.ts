import { describe, expect, it } from 'vitest';
import { REGTEST } from '../../consensus/networks.ts';
import { genesisPoint, keysOf, mineBlock, mineChain, pathTo, transferAt } from '../../testing/chain-builder.ts';
import { ScriptedPeer } from '../../testing/scripted-peer.ts';
import { feed, oneNode, submit, tipOf } from '../../testing/simulated.ts';

// What is refused for now is not refused for good. Times that are too far ahead are in sync-state.test.ts.

const genesis = genesisPoint(REGTEST);
const [alice, bob] = [keysOf('Alice'), keysOf('Bob')];

describe('a transaction that was dropped', () => {
  it('is asked for again when it is announced on another tip, and not before', () => {
    const { network, node } = oneNode();
    const first = transferAt(genesis, alice, bob.address, { fee: 1_000n });
    expect(submit(network, node, first)).toBe('accepted');
    expect(submit(network, node, transferAt(genesis, alice, bob.address, { fee: 2_000n }))).toBe('accepted');
    const inv = { type: 'inv', txids: [first.txid] } as const;
    const asks = (): number => {
      const peer = new ScriptedPeer(network, node).hello(genesis).send(inv);
      network.runFor(100);
      return peer.ofType('getTransactions').length;
    };
    expect(asks()).toBe(0);
    const peer = new ScriptedPeer(network, node).hello(genesis).sendBlock(mineBlock(genesis));
    network.runUntil(() => node.core.chain.tip.record.height === 1, 1_000);
    expect(asks()).toBe(1);
    expect(peer.closedBecause).toBeNull();
  });
});

describe('a chain of less work', () => {
  //         ┌── b1 ── b2           not asked for: less work than a4
  // genesis ┴── a1 ── … ── a4      until a1 is ruled out
  it('is asked for when the one that had more is ruled out', () => {
    const { network, node } = oneNode();
    network.runFor(100_000);
    const heavier = mineChain(genesis, 4, { extraNonce: 1 });
    const lighter = mineChain(genesis, 2, { extraNonce: 2 });
    feed(network, node, heavier).close();
    const peer = new ScriptedPeer(network, node).hello(lighter);
    network.runFor(1_000);
    expect(peer.ofType('getHeaders')).toEqual([]);
    const blockHash = pathTo(heavier)[0]?.block.hash ?? '';
    node.request((request) => ({ type: 'invalidate-block', request, blockHash }));
    network.runUntil(() => tipOf(node) === lighter.block.hash, 5_000, 'the other branch');
  });
});

describe('a peer whose announcements led nowhere while its headers were on their way', () => {
  it('is asked about a later one all the same', () => {
    const { network, node } = oneNode();
    network.runFor(1_000_000);
    const tip = mineChain(genesis, 40);
    const peer = new ScriptedPeer(network, node).withhold('getHeaders').hello(tip);
    network.runFor(10);
    // More than the answers that may lead nowhere; none of these is one.
    for (const point of pathTo(tip).slice(5, 30)) peer.sendBlock(point);
    network.runFor(5_100);
    const before = peer.ofType('getHeaders').length;
    peer.sendBlock(tip);
    network.runFor(6_000);
    expect(peer.ofType('getHeaders').length).toBeGreaterThan(before);
  });
});
