import { expect, test } from 'vitest';
import { REGTEST } from '../../consensus/networks.ts';
import type { Effect } from '../../protocol/effects.ts';
import type { MiningMode, NodeEvent } from '../../protocol/events.ts';
import { ForkloreNode } from '../../protocol/node.ts';
import { MemoryStore } from '../../simulator/memory-store.ts';
import { SeededRandom } from '../../simulator/seeded-random.ts';
import { mineEvent } from '../../testing/asking.ts';
import { coreConfig } from '../../testing/core-config.ts';

const NOW = { wallMs: 1_800_000_000_000, monotonicMs: 0 };

/** A core that mines in this mode, and what it wants to be mined in answer to an event. */
function core(mode: MiningMode): (event: NodeEvent) => boolean[] {
  const store = new MemoryStore(REGTEST);
  const node = new ForkloreNode(coreConfig({ mode }), store, store, new SeededRandom(1), NOW);
  const isStart = (effect: Effect): effect is Extract<Effect, { type: 'start-mining' }> =>
    effect.type === 'start-mining';
  return (event) =>
    node
      .handleEvent(event, NOW)
      .filter(isStart)
      .map(({ job }) => job.isOnDemand);
}

const mine = mineEvent(1);

test('a block that a caller waits for is on demand', () => {
  const handle = core('off');
  expect(handle({ type: 'start' })).toEqual([]);
  expect(handle(mine(1))).toEqual([true]);
});

test('continuous mining is not, until a caller waits for its block, and again after the caller has gone', () => {
  const handle = core('continuous');
  expect(handle({ type: 'start' })).toEqual([false]);
  expect(handle(mine(1))).toEqual([true]);
  expect(handle(mine(2))).toEqual([]);
  expect(handle({ type: 'mine-cancelled', request: 1 })).toEqual([]);
  expect(handle({ type: 'mine-cancelled', request: 2 })).toEqual([false]);
});
