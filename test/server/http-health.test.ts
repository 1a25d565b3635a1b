import { expect, it } from 'vitest';
import { readinessOf } from '../../server/http/health.ts';

const at = (height: number, targetHeight: number) => ({ state: 'blocks', height, targetHeight }) as const;

it('is ready while it follows the chain', () => {
  expect(readinessOf('running', at(100, 102))).toEqual({ ready: true });
  expect(readinessOf('running', { state: 'idle', height: 0, targetHeight: 0 })).toEqual({ ready: true });
});

it('is not ready before and after it runs, or far behind', () => {
  expect(readinessOf('starting', at(5, 5))).toEqual({ ready: false, reason: 'starting' });
  expect(readinessOf('stopping', at(5, 5))).toEqual({ ready: false, reason: 'stopping' });
  expect(readinessOf('running', at(99, 102))).toEqual({ ready: false, reason: 'syncing: at height 99 of 102' });
});
