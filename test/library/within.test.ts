import { expect, it } from 'vitest';
import { within } from '../../library/within.ts';

const call = { what: 'work', byDefaultMs: 60_000 };

it('leaves no timer behind work that fails before it has begun', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  const run = () => {
    throw new RangeError('no such date');
  };
  await expect(within({ ...call, limits: {}, run })).rejects.toThrow('no such date');
  expect(timers()).toBe(before);
});

it.each([
  [{ timeoutMs: -1 }, 'work: timeoutMs must be milliseconds from 0 to 2147483647, or Infinity for no limit, not -1'],
  [{ timeoutMs: '1' }, 'work: timeoutMs must be milliseconds from 0 to 2147483647, or Infinity for no limit'],
  [{ signal: {} }, 'work: signal must be an AbortSignal, such as the signal of an AbortController'],
])('refuses %j', async (limits, message) => {
  const run = () => Promise.resolve();
  await expect(within({ ...call, limits: limits as object, run })).rejects.toMatchObject({
    code: 'bad-option',
    message,
  });
});
