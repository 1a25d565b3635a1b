import { expect, it } from 'vitest';
import { MAX_CLOCK_MS, NodeClock } from '../../../server/node/node-clock.ts';

it('stands still at the end of the times that a header can have', () => {
  const clock = NodeClock.system();
  clock.setTo(MAX_CLOCK_MS - 1);
  clock.setTo(clock.wallMs + 10_000);
  expect(clock.wallMs).toBe(MAX_CLOCK_MS);
  clock.setTo(MAX_CLOCK_MS - 10_000);
  expect(clock.wallMs).toBeLessThan(MAX_CLOCK_MS);
});
