import { afterEach, expect, it } from 'vitest';
import { removeAllPlaces } from '../../torture/place.ts';
import { soak } from '../../torture/soak.ts';

/** Long enough for miners, kills and cuts; `npm run soak -- --minutes 30` also judges what memory and handles do. */
const MINUTES = 0.2;
const LIMIT_MS = 240_000;

afterEach(removeAllPlaces);

it('five nodes with erratic miners, kills and cuts agree on one tip, with exact supply', {
  timeout: LIMIT_MS,
}, async () => {
  const { kills, cuts, transactions, contents } = await soak({ minutes: MINUTES, seed: 2026 });
  expect([kills, cuts, transactions, contents.height].every((count) => count > 0)).toBe(true);
  expect(contents.pending).toEqual([]);
});
