import { describe, expect, it } from 'vitest';
import { developmentAccountByName } from '../../consensus/keys.ts';
import { REGTEST } from '../../consensus/networks.ts';
import { signTransfer } from '../../consensus/signature.ts';
import type { Transfer } from '../../consensus/transaction.ts';
import { SimulatedNetwork } from '../../simulator/network.ts';
import type { SimulatedNode } from '../../simulator/simulated-node.ts';

export function account(name: string) {
  const found = developmentAccountByName(name);
  if (!found) throw new Error(`no account ${name}`);
  return found.keyPair;
}

export function transfer(from: string, to: string, amount: bigint, nonce: bigint, fee = 1_000n): Transfer {
  return signTransfer(
    { networkId: REGTEST.networkId, nonce, recipient: account(to).address, amount, fee, memo: new Uint8Array() },
    account(from).secretKey,
  );
}

export function submit(node: SimulatedNode, tx: Transfer): number {
  return node.request((request) => ({ type: 'submit', request, raw: tx.raw }));
}

export function mine(network: SimulatedNetwork, node: SimulatedNode, count: number): void {
  const request = node.request((id) => ({ type: 'mine', request: id, count, recipient: null }));
  network.runUntil(() => node.reply(request) !== undefined, 60_000_000, `${count} blocks`);
}

const tip = (node: SimulatedNode) => node.core.chain.tip.record.hash;

describe('a network of simulated nodes', () => {
  it('carries a transaction to every node and a block that confirms it', () => {
    const network = new SimulatedNetwork({ seed: 1 });
    const nodes = [network.addNode(), network.addNode({ peers: [0] }), network.addNode({ peers: [1] })];
    network.runUntil(() => nodes.every((node) => node.core.peers().some((peer) => peer.state === 'ready')));
    const tx = transfer('Alice', 'Bob', 10n, 0n);
    submit(nodes[0]!, tx);
    network.runUntil(() => nodes.every((node) => node.core.mempool.has(tx.txid)), 1_000);
    mine(network, nodes[2]!, 1);
    network.runUntil(() => nodes.every((node) => node.core.chain.tip.record.height === 1), 1_000);
    expect(new Set(nodes.map(tip)).size).toBe(1);
    for (const node of nodes) {
      expect(node.core.mempool.size).toBe(0);
      expect(node.store.account(account('Bob').address)?.balance).toBe(1_000_00000000n + 10n);
    }
  });

  it('heals a partition: the branch with the most work wins and the losing transactions come back', () => {
    const network = new SimulatedNetwork({ seed: 2 });
    const nodes = [network.addNode(), network.addNode({ peers: [0] }), network.addNode({ peers: [0, 1] }), network.addNode({ peers: [2] })];
    const [a, b, c, d] = nodes as [SimulatedNode, SimulatedNode, SimulatedNode, SimulatedNode];
    network.runFor(1_000);
    network.partition([a, b], [c, d]);
    const tx = transfer('Alice', 'Bob', 10n, 0n);
    submit(a, tx);
    network.runFor(500);
    mine(network, a, 2);
    mine(network, d, 5);
    network.runFor(1_000);
    expect(tip(a)).not.toBe(tip(d));
    network.heal();
    network.runUntil(() => new Set(nodes.map(tip)).size === 1, 40_000, 'one tip');
    expect(a.core.chain.tip.record.height).toBe(5);
    network.runUntil(() => nodes.every((node) => node.core.mempool.has(tx.txid)), 5_000, 'tx back');
    const reorg = a.notices.find((notice) => notice.kind === 'reorg');
    expect(reorg).toMatchObject({ returnedToMempool: [tx.txid] });
    expect(a.store.supply()).toBe(REGTEST.allocationTotal + 5n * 50_00000000n);
  });

  it('catches up a new node from genesis, headers first', () => {
    const network = new SimulatedNetwork({ seed: 3 });
    const a = network.addNode({ hashrate: 1e9 });
    mine(network, a, 3_000);
    const b = network.addNode({ peers: [0] });
    network.runUntil(() => tip(a) === tip(b), 60_000, 'caught up');
    expect(b.core.sync().state).toBe('synced');
  });
});
