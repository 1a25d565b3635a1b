import { describe, expect, it } from 'vitest';
import { REGTEST } from '../../consensus/networks.ts';
import { SimulatedNetwork } from '../../simulator/network.ts';
import { genesisPoint, keysOf, transferAt } from '../../testing/chain-builder.ts';
import { mine, submit } from '../../testing/simulated.ts';

const BLOCKS = 40;

describe('what a person who watches is told', () => {
  it('is at most one line a second, the last of which says how things stand', () => {
    const network = new SimulatedNetwork({ seed: 1 });
    const node = network.addNode({ hashrate: 20 });
    const startMs = network.clock.nowMs;
    mine(network, node, BLOCKS);
    network.runFor(1_000);
    const tips = node.logs.filter(({ message }) => message === 'new tip').map(({ fields }) => fields);
    expect(tips.at(-1)?.height).toBe(BLOCKS);
    expect(tips.reduce((sum, { blocks }) => sum + Number(blocks ?? 1), 0)).toBe(BLOCKS);
    expect(tips.length).toBeGreaterThan(1);
    expect(tips.length).toBeLessThanOrEqual((network.clock.nowMs - startMs) / 1_000 + 1);
  });

  it('is that a transaction is pending, on the node that has it from its peer, too', () => {
    const network = new SimulatedNetwork({ seed: 2 });
    const [a, b] = [network.addNode(), network.addNode({ peers: [0] })];
    network.runFor(1_000);
    const transfer = transferAt(genesisPoint(REGTEST), keysOf('Alice'), keysOf('Bob').address, { fee: 1_000n });
    submit(network, a, transfer);
    network.runFor(1_500);
    for (const { logs } of [a, b]) {
      expect(logs.find(({ message }) => message === 'pending')?.fields).toEqual({ id: transfer.txid, transactions: 1 });
    }
  });
});

describe('the height that is shown of a peer', () => {
  it('follows what it tells and what it is told', () => {
    const network = new SimulatedNetwork({ seed: 3 });
    const [a, b] = [network.addNode(), network.addNode({ peers: [0] })];
    network.runFor(1_000);
    mine(network, a, 3);
    network.runFor(1_000);
    for (const node of [a, b]) expect(node.core.peers().map(({ height }) => height)).toEqual([3]);
  });
});
