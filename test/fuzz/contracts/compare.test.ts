import { expect, it } from 'vitest';
import { compareWithNative } from './compare.ts';

it('gives the same results, events, payments and slots as JavaScript in 10,000 random programs', () => {
  const tally = compareWithNative(1, 10_000);
  // The others trap in both, as they should; a generator whose calls all do would compare nothing.
  expect(tally.get('same')).toBeGreaterThan(5_000);
});
