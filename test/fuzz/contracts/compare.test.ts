import { expect, it } from 'vitest';
import { compareWithNative } from './compare.ts';
import { compareWithModel } from './compare-with-model.ts';

it('gives the same results, events, payments and slots as JavaScript in 10,000 random programs', () => {
  const tally = compareWithNative(1, 10_000);
  // A generator most of whose calls fail would compare little.
  expect(tally.get('same')).toBeGreaterThan(5_000);
});

it('gives the same outcomes as the model, gas included, in 500 random programs and 1,000 sources that are like them', () => {
  const tally = compareWithModel(1, 500);
  expect(tally.get('went well')).toBeGreaterThan(300);
  expect(tally.get('refused')).toBeGreaterThan(500);
});
