import { describe, expect, it } from 'vitest';
import { SimulatedNetwork } from '../../simulator/network.ts';
import type { SimulatedNode } from '../../simulator/simulated-node.ts';
import { mineEvent } from '../../testing/asking.ts';
import { mine } from '../../testing/simulated.ts';

const QUIET = { bytesPerSecond: null, loss: 0, duplication: 0, reordering: 0 } as const;

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
    network.pathOf = () => ({ ...QUIET, delayMs: [1, 1], bytesPerSecond: 100 });
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

  it('may lose, double and reorder all but the hello; the nodes come through it', () => {
    const { network, a, b } = pair(3);
    network.pathOf = () => ({ ...QUIET, delayMs: [1, 400], loss: 0.1, duplication: 0.3, reordering: 0.5 });
    for (let i = 0; i < 20; i++) {
      mine(network, i % 2 === 0 ? a : b, 1);
      network.runFor(4_000);
    }
    const { lost, duplicated, reordered } = network.traffic;
    expect(Math.min(lost, duplicated, reordered)).toBeGreaterThan(0);
    mine(network, a, 3);
    network.runUntil(() => tipOf(a) === tipOf(b), 120_000);
    expect(a.logs.concat(b.logs).filter(({ message }) => message === 'peer misbehaved')).toEqual([]);
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
