import { expect, it } from 'vitest';
import { compareWithNative } from './compare.ts';

it('gives the same results, events, payments and slots as JavaScript in 10,000 random programs', () => {
  const tally = compareWithNative(1, 10_000);
  // A generator most of whose calls fail would compare little.
  expect(tally.get('same')).toBeGreaterThan(5_000);
});
