import { describe, expect, it } from 'vitest';
import { encodeBlock } from '../../consensus/block.ts';
import { REGTEST } from '../../consensus/networks.ts';
import { makeCompactBlock } from '../../protocol/compact.ts';
import { SimulatedNetwork } from '../../simulator/network.ts';
import { genesisPoint, keysOf, mineBlock, transferAt } from '../../testing/chain-builder.ts';
import { listenAt, ScriptedPeer } from '../../testing/scripted-peer.ts';
import { submit } from '../../testing/simulated.ts';

const genesis = genesisPoint(REGTEST);
const [alice, bob] = [keysOf('Alice'), keysOf('Bob')];
const transfers = [0n, 1n, 2n].map((nonce) => transferAt(genesis, alice, bob.address, { nonce, fee: 1_000n }));
const point = mineBlock(genesis, { transfers });

/** A node with some of the block's transfers pending, and a peer that announces the block compactly. */
function announced(pending: number) {
  const network = new SimulatedNetwork({ seed: 5 });
  const node = network.addNode();
  for (const transfer of transfers.slice(0, pending)) expect(submit(network, node, transfer)).toBe('accepted');
  const peer = new ScriptedPeer(network, node).hello(genesis);
  network.runFor(1_000);
  peer.received.length = 0;
  peer.send(makeCompactBlock(point.block, 7n, () => false));
  network.runFor(50);
  const asked = peer.received.map(({ type }) => type).filter((type) => type.startsWith('get'));
  return { network, node, peer, asked, height: () => node.core.chain.tip.record.height };
}

describe('a compact block', () => {
  it('is taken without a question where the mempool has it all', () => {
    const { asked, height } = announced(3);
    expect(asked).toEqual([]);
    expect(height()).toBe(1);
  });

  it('is asked for what is missing, once and in part', () => {
    const { network, peer, asked, height } = announced(1);
    expect(asked).toEqual(['getBlockTransactions']);
    const [question] = peer.ofType('getBlockTransactions');
    expect(question?.positions).toHaveLength(2);
    const missing = (question?.positions ?? []).flatMap((position) => {
      const transaction = point.block.transactions[position + 1];
      return transaction?.kind === 'transfer' ? [transaction] : [];
    });
    peer.send({ type: 'blockTransactions', blockHash: point.block.hash, transactions: missing });
    network.runFor(50);
    expect(height()).toBe(1);
  });

  it('is fetched from somebody else when the sender does not answer', () => {
    const { network, node, height } = announced(1);
    new ScriptedPeer(network, node).hello(point);
    network.runFor(10_000);
    expect(height()).toBe(1);
  });
});

describe('compact blocks of several peers', () => {
  const compact = makeCompactBlock(point.block, 7n, () => false);
  /** Longer than a question and its answer take, and far shorter than a silent peer is waited for. */
  const ROUND_TRIP_MS = 100;

  /** A node that lacks all transfers, and peers that have announced the block and answer nothing. */
  function withSilent(count: number) {
    const network = new SimulatedNetwork({ seed: 5 });
    const node = network.addNode();
    const silent = Array.from({ length: count }, () => {
      const peer = new ScriptedPeer(network, node).withhold('getBlocks', 'getBlockTransactions').hello(genesis);
      network.runFor(50);
      return peer.send(compact);
    });
    network.runFor(50);
    return { network, node, silent, height: () => node.core.chain.tip.record.height };
  }

  /** Answers what it is asked of the block in part. */
  function answerInPart(network: SimulatedNetwork, peer: ScriptedPeer): void {
    network.runUntil(() => peer.ofType('getBlockTransactions').length > 0, ROUND_TRIP_MS, 'the question');
    peer.send({ type: 'blockTransactions', blockHash: point.block.hash, transactions: transfers });
  }

  it('do not wait for one another: a complete one is taken while another is being asked', () => {
    const { network, node, silent, height } = withSilent(3);
    expect(silent[0]?.ofType('getBlockTransactions')).toHaveLength(1);
    const honest = new ScriptedPeer(network, node).hello(genesis);
    network.runFor(50);
    honest.send(makeCompactBlock(point.block, 8n, () => true));
    network.runFor(ROUND_TRIP_MS);
    expect(height()).toBe(1);
  });

  it('do not wait for one another: the second announcer is asked as well, and whoever answers first wins', () => {
    const { network, node, silent, height } = withSilent(1);
    const honest = new ScriptedPeer(network, node).hello(genesis);
    network.runFor(50);
    honest.send(compact);
    answerInPart(network, honest);
    network.runFor(ROUND_TRIP_MS);
    expect(height()).toBe(1);
    // The answer that comes too late is nobody's fault.
    silent[0]?.send({ type: 'blockTransactions', blockHash: point.block.hash, transactions: transfers });
    network.runFor(ROUND_TRIP_MS);
    expect(silent[0]?.closedBecause).toBeNull();
    expect(node.core.resources().find(({ what }) => what === 'partial blocks')?.count).toBe(0);
  });

  it('are asked for of at most two callers at once, and of a third that this node has called itself', () => {
    const { network, node, silent } = withSilent(5);
    const asked = silent.filter((peer) => peer.ofType('getBlockTransactions').length > 0);
    expect(asked).toHaveLength(2);
    const url = network.urlOf(9);
    let called: ScriptedPeer | undefined;
    listenAt(network, url, (peer) => {
      called = peer.hello(genesis);
    });
    node.request((request) => ({ type: 'connect-peer', request, url }));
    network.runUntil(() => node.core.peers().some((peer) => peer.url === url && peer.state === 'ready'), 1_000);
    called?.send(compact);
    network.runFor(50);
    expect(called?.ofType('getBlockTransactions')).toHaveLength(1);
  });

  it('of peers that bring blocks late take no place from others: late does not make up for it', () => {
    const { network, node, silent, height } = withSilent(2);
    const honest = new ScriptedPeer(network, node).hello(point);
    network.runUntil(() => height() === 1, 5_000, 'the block');
    for (const peer of silent) peer.sendBlock(point);
    const next = mineBlock(point, { transfers: [transferAt(point, alice, bob.address, { fee: 1_000n })] });
    for (const peer of silent) peer.send(makeCompactBlock(next.block, 9n, () => false));
    network.runFor(50);
    honest.serve(next).send(makeCompactBlock(next.block, 9n, () => false));
    network.runUntil(() => honest.ofType('getBlockTransactions').length > 0, ROUND_TRIP_MS, 'the question');
  });

  it('are asked for of a caller that has brought a block before, though two others were first', () => {
    const network = new SimulatedNetwork({ seed: 5 });
    const node = network.addNode();
    const honest = new ScriptedPeer(network, node).hello(genesis).sendBlock(point);
    network.runUntil(() => node.core.chain.tip.record.height === 1, 1_000, 'the block');
    const next = mineBlock(point, { transfers: [transferAt(point, alice, bob.address, { fee: 1_000n })] });
    const announced = makeCompactBlock(next.block, 9n, () => false);
    for (let i = 0; i < 2; i++) new ScriptedPeer(network, node).hello(genesis).send(announced);
    network.runFor(50);
    honest.serve(next).send(announced);
    network.runUntil(() => honest.ofType('getBlockTransactions').length > 0, ROUND_TRIP_MS, 'the question');
  });

  it('of peers that were silent before take no place from others', () => {
    const { network, node, silent, height } = withSilent(2);
    // They are found to be silent, and somebody else gives the block.
    const honest = new ScriptedPeer(network, node).hello(point);
    network.runUntil(() => height() === 1, 5_000, 'the block');
    const next = mineBlock(point, { transfers: [transferAt(point, alice, bob.address, { fee: 1_000n })] });
    for (const peer of silent) peer.send(makeCompactBlock(next.block, 9n, () => false));
    network.runFor(50);
    honest.serve(next).send(makeCompactBlock(next.block, 9n, () => false));
    network.runUntil(() => honest.ofType('getBlockTransactions').length > 0, ROUND_TRIP_MS, 'the question');
  });

  it('leave nothing behind when their sender has gone, or says that it lacks the block', () => {
    const { network, node, silent } = withSilent(2);
    const partial = () => node.core.resources().find(({ what }) => what === 'partial blocks')?.count;
    expect(partial()).toBe(2);
    silent[0]?.close();
    silent[1]?.send({ type: 'notFound', what: 'block', hashes: [point.block.hash] });
    network.runFor(50);
    expect(partial()).toBe(0);
  });
});

describe('a bad body', () => {
  it('of one peer causes no second request to the one that was asked', () => {
    const network = new SimulatedNetwork({ seed: 5 });
    const node = network.addNode();
    const asked = new ScriptedPeer(network, node).withhold('getBlocks').hello(point);
    network.runUntil(() => asked.ofType('getBlocks').length > 0, 1_000, 'the request');
    const [coinbase, ...rest] = point.block.transactions;
    const mutated = encodeBlock(point.block.header, coinbase ? [coinbase, ...rest.slice(1)] : []);
    const liar = new ScriptedPeer(network, node).hello(genesis).send({ type: 'block', raw: mutated.raw });
    network.runFor(1_000);
    expect(liar.closedBecause).not.toBeNull();
    expect(asked.ofType('getBlocks')).toHaveLength(1);
    asked.sendBlock(point);
    network.runFor(50);
    expect(node.core.chain.tip.record.hash).toBe(point.block.hash);
  });
});

describe('invalidateBlock', () => {
  it('is answered when the node stands where it leads', () => {
    const network = new SimulatedNetwork({ seed: 6 });
    const node = network.addNode();
    let tip = genesis;
    for (let i = 0; i < 100; i++) tip = mineBlock(tip);
    network.runFor(100 * REGTEST.spacingSeconds * 1_000);
    new ScriptedPeer(network, node).hello(tip);
    network.runUntil(() => node.core.chain.tip.record.height === 100, 30_000);
    const lowest = node.core.chain.activeAt(1)?.record.hash ?? '';
    const request = node.request((id) => ({ type: 'invalidate-block', request: id, blockHash: lowest }));
    expect(node.replyTo(request)).toBeUndefined();
    network.runUntil(() => node.replyTo(request) !== undefined, 10_000);
    expect(node.core.chain.tip.record.height).toBe(0);
  });
});
