import { describe, expect, it } from 'vitest';
import { CLEAR } from '../../protocol/link-conditions.ts';
import { CLEAR_PATH, SimulatedNetwork } from '../../simulator/network.ts';
import type { SimulatedNode } from '../../simulator/simulated-node.ts';
import { mineEvent } from '../../testing/asking.ts';
import { mine } from '../../testing/simulated.ts';

function pair(seed = 1): { network: SimulatedNetwork; a: SimulatedNode; b: SimulatedNode } {
  const network = new SimulatedNetwork({ seed });
  const [a, b] = [network.addNode(), network.addNode({ peers: [0] })];
  network.runUntil(() => ready(a) && ready(b));
  return { network, a, b };
}

const ready = (node: SimulatedNode): boolean => node.core.peers().some(({ state }) => state === 'ready');
const tipOf = (node: SimulatedNode): string => node.core.chain.tip.record.hash;

describe('a simulated line', () => {
  it('carries no more than it can', () => {
    const { network, a, b } = pair();
    network.pathOf = () => ({ ...CLEAR_PATH, delayMs: [1, 1], bytesPerSecond: 100 });
    mine(network, a, 1);
    const startMs = network.clock.nowMs;
    network.runUntil(() => tipOf(b) === tipOf(a));
    // A compact block of an empty block has about 170 bytes.
    expect(network.clock.nowMs - startMs).toBeGreaterThan(1_500);
  });

  it('goes dead in one direction only, and breaks when all is healed', () => {
    const { network, a, b } = pair(2);
    network.silence(a, b);
    mine(network, a, 1);
    network.runFor(2_000);
    expect(tipOf(b)).not.toBe(tipOf(a));
    const theirs = tipOf(b);
    mine(network, b, 2);
    network.runUntil(() => tipOf(a) === tipOf(b), 5_000);
    expect(tipOf(b)).not.toBe(theirs);
    network.heal();
    expect(ready(a)).toBe(false);
    network.runUntil(() => ready(a) && ready(b));
  });

  it('may drop, double and reorder all but the hello; the nodes come through it', () => {
    const { network, a, b } = pair(3);
    network.pathOf = () => ({ ...CLEAR_PATH, delayMs: [1, 400], drop: 0.1, duplication: 0.3, reordering: 0.5 });
    for (let i = 0; i < 20; i++) {
      mine(network, i % 2 === 0 ? a : b, 1);
      network.runFor(4_000);
    }
    const { dropped, duplicated, reordered } = network.traffic;
    expect(Math.min(dropped, duplicated, reordered)).toBeGreaterThan(0);
    mine(network, a, 3);
    network.runUntil(() => tipOf(a) === tipOf(b), 120_000);
    expect(a.logs.concat(b.logs).filter(({ message }) => message === 'peer misbehaved')).toEqual([]);
  });
});

describe('link conditions between simulated nodes', () => {
  it('break the connection where a message is lost, and the nodes connect again', () => {
    const { network, a, b } = pair(8);
    network.setConditions(a, b, { ...CLEAR, loss: 1 });
    mine(network, a, 1);
    network.runUntil(() => !ready(a) && !ready(b), 1_000);
    network.setConditions(a, b, CLEAR);
    network.runUntil(() => tipOf(a) === tipOf(b));
    expect(network.traffic.lost).toBeGreaterThan(0);
    expect(network.traffic.dropped).toBe(0);
  });

  it('part two nodes while one direction is cut, and let them meet again after it', () => {
    const { network, a, b } = pair(9);
    network.setConditions(b, a, { ...CLEAR, cut: true });
    expect([ready(a), ready(b)]).toEqual([false, false]);
    mine(network, a, 2);
    network.runFor(60_000);
    expect(tipOf(b)).not.toBe(tipOf(a));
    network.setConditions(b, a, CLEAR);
    network.runUntil(() => tipOf(a) === tipOf(b));
  });

  it('delay one direction and leave the other', () => {
    const { network, a, b } = pair(10);
    network.setConditions(a, b, { ...CLEAR, delayMs: [3_000, 3_000] });
    const arrivalMs = (from: SimulatedNode, to: SimulatedNode): number => {
      mine(network, from, 1);
      const startMs = network.clock.nowMs;
      network.runUntil(() => tipOf(to) === tipOf(from));
      return network.clock.nowMs - startMs;
    };
    expect(arrivalMs(a, b)).toBeGreaterThanOrEqual(3_000);
    expect(arrivalMs(b, a)).toBeLessThan(3_000);
  });
});

describe('a simulated node', () => {
  it.each(['before-commit', 'after-commit', 'amid-effects'] as const)(
    'dies %s, and starts on what was durable',
    (point) => {
      const { network, a } = pair(4);
      mine(network, a, 2);
      const before = tipOf(a);
      a.scheduleCrash(point);
      a.request(mineEvent(1));
      network.runUntil(() => !a.isRunning);
      expect(a.store.isDirty).toBe(false);
      a.start();
      expect(tipOf(a) === before).toBe(point === 'before-commit');
      expect(tipOf(a)).toBe(a.store.tip);
    },
  );

  it('says nothing of a block before it is flushed', () => {
    const { network, a, b } = pair(5);
    a.commitMs = 5_000;
    a.request(mineEvent(1));
    network.runUntil(() => a.store.isDirty);
    network.runFor(4_000);
    expect(tipOf(b)).toBe(network.params.genesis.hash);
    network.runUntil(() => tipOf(b) === tipOf(a), 5_000);
  });

  it('stops when its disk is full, and goes on when there is room', () => {
    const { network, a, b } = pair(6);
    a.store.failure = 'no space left on device';
    mine(network, b, 1);
    network.runUntil(() => !a.isRunning);
    expect(a.down).toBe('disk');
    a.store.failure = null;
    a.start();
    network.runUntil(() => tipOf(a) === tipOf(b));
  });
});
