import { describe, expect, it } from 'vitest';
import { REGTEST } from '../../consensus/networks.ts';
import { SimulatedNetwork } from '../../simulator/network.ts';
import type { SimulatedNode } from '../../simulator/simulated-node.ts';
import { genesisPoint, keysOf, transferAt } from '../../testing/chain-builder.ts';
import { mine, submit } from '../../testing/simulated.ts';

const transfer = transferAt(genesisPoint(REGTEST), keysOf('Alice'), keysOf('Bob').address, {
  amount: 10n,
  fee: 1_000n,
});
const tip = (node: SimulatedNode) => node.core.chain.tip.record.hash;

describe('a network of simulated nodes', () => {
  it('carries a transaction to every node and a block that confirms it', () => {
    const network = new SimulatedNetwork({ seed: 1 });
    const nodes = [network.addNode(), network.addNode({ peers: [0] }), network.addNode({ peers: [1] })] as const;
    network.runUntil(() => nodes.every((node) => node.core.peers().some((peer) => peer.state === 'ready')));
    submit(network, nodes[0], transfer);
    network.runUntil(() => nodes.every((node) => node.core.mempool.has(transfer.txid)), 1_000);
    mine(network, nodes[2], 1);
    network.runUntil(() => nodes.every((node) => node.core.chain.tip.record.height === 1), 1_000);
    expect(new Set(nodes.map(tip)).size).toBe(1);
    for (const node of nodes) {
      expect(node.core.mempool.size).toBe(0);
      expect(node.store.account(keysOf('Bob').address)?.balance).toBe(1_000_00000000n + 10n);
    }
  });

  it('heals a partition: the branch with the most work wins and the losing transactions come back', () => {
    const network = new SimulatedNetwork({ seed: 2 });
    const [a, b, c, d] = [
      network.addNode(),
      network.addNode({ peers: [0] }),
      network.addNode({ peers: [0, 1] }),
      network.addNode({ peers: [2] }),
    ] as const;
    const nodes = [a, b, c, d];
    network.runFor(1_000);
    network.partition([a, b], [c, d]);
    submit(network, a, transfer);
    network.runFor(500);
    mine(network, a, 2);
    mine(network, d, 5);
    network.runFor(1_000);
    expect(tip(a)).not.toBe(tip(d));
    network.heal();
    network.runUntil(() => new Set(nodes.map(tip)).size === 1, 40_000, 'one tip');
    expect(a.core.chain.tip.record.height).toBe(5);
    network.runUntil(() => nodes.every((node) => node.core.mempool.has(transfer.txid)), 5_000, 'the transaction');
    const reorg = a.notices.find((notice) => notice.kind === 'reorg');
    expect(reorg).toMatchObject({ returnedToMempool: [transfer.txid] });
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

  it('runs the same way twice from one seed', () => {
    const run = () => {
      const network = new SimulatedNetwork({ seed: 4 });
      const nodes = [network.addNode(), network.addNode({ peers: [0] })] as const;
      network.runFor(500);
      mine(network, nodes[1], 5);
      network.runFor(500);
      return nodes.map((node) => node.notices);
    };
    expect(run()).toEqual(run());
  });
});
