import { describe, expect, it } from 'vitest';
import { REGTEST } from '../../consensus/networks.ts';
import { makeCompactBlock } from '../../protocol/compact.ts';
import { SimulatedNetwork } from '../../simulator/network.ts';
import { genesisPoint, keysOf, mineBlock, transferAt } from '../support/chain-builder.ts';
import { ScriptedPeer } from '../support/scripted-peer.ts';
import { submit } from '../support/simulated.ts';

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
    peer.send({ type: 'blockTransactions', blockHash: point.block.hash, transfers: missing });
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
    expect(node.reply(request)).toBeUndefined();
    network.runUntil(() => node.reply(request) !== undefined, 10_000);
    expect(node.core.chain.tip.record.height).toBe(0);
  });
});
