import { existsSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { TortureFailure } from '../../torture/failure.ts';
import { Place, removeAllPlaces } from '../../torture/place.ts';

const HOUR_MS = 3_600_000;

afterEach(removeAllPlaces);

describe('the place of a run', () => {
  it('starts nothing any more once it is closed, neither in itself nor in what is within', async () => {
    const place = Place.make();
    const inner = place.within('round');
    await place.close();
    expect(() => place.start([])).toThrow(TortureFailure);
    expect(() => inner.start([])).toThrow(TortureFailure);
    await expect(inner.run([])).rejects.toThrow(TortureFailure);
  });

  it('ends its pauses when it is closed', async () => {
    const place = Place.make();
    const pauses = [place.pause(HOUR_MS), place.pause(HOUR_MS)];
    await place.close();
    await Promise.all(pauses);
    await place.pause(HOUR_MS);
  });

  it('is gone, with all that it holds, when everything is removed', async () => {
    const place = Place.make();
    const inner = place.within('round');
    await removeAllPlaces();
    expect([place, inner].map(({ folder }) => existsSync(folder))).toEqual([false, false]);
    expect(inner.isClosed).toBe(true);
  });
});
