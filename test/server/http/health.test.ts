import { expect, it } from 'vitest';
import type { SyncView } from '../../../protocol/node-view.ts';
import { readinessOf } from '../../../server/http/health.ts';

const at = (height: number, provenHeight: number): SyncView => ({
  state: 'blocks',
  height,
  targetHeight: provenHeight,
  provenHeight,
  waiting: null,
  stalls: 0,
});

it('is ready while it follows the chain', () => {
  expect(readinessOf('running', at(100, 102))).toEqual({ ready: true });
  expect(readinessOf('running', { ...at(0, 0), state: 'idle' })).toEqual({ ready: true });
});

it('is not ready before and after it runs, or far behind', () => {
  expect(readinessOf('starting', at(5, 5))).toEqual({ ready: false, reason: 'starting' });
  expect(readinessOf('stopping', at(5, 5))).toEqual({ ready: false, reason: 'stopping' });
  expect(readinessOf('running', at(99, 102))).toEqual({ ready: false, reason: 'syncing: at height 99 of 102' });
});

it('is ready whatever heights peers merely claim', () => {
  expect(readinessOf('running', { ...at(5, 5), state: 'headers', targetHeight: 4_000_000_000 })).toEqual({
    ready: true,
  });
});

it('is ready where nobody gives what is missing, and says what it waits for', () => {
  const waiting = { reason: 'bodies', height: 6, count: 95, untilSeconds: null } as const;
  const stalled: SyncView = { ...at(5, 100), state: 'stalled', waiting };
  expect(readinessOf('running', stalled)).toEqual({ ready: true, stalled: 'bodies' });
  expect(readinessOf('stopping', stalled)).toEqual({ ready: false, reason: 'stopping' });
});
