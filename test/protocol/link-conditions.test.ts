import { describe, expect, it } from 'vitest';
import { CLEAR, isClear, LinkConditionsError, parseLinkConditions } from '../../protocol/link-conditions.ts';

describe('link conditions', () => {
  it('are clear in all that is left out', () => {
    expect(parseLinkConditions({})).toEqual(CLEAR);
    expect(parseLinkConditions({ cut: true })).toEqual({ ...CLEAR, cut: true });
    const all = { delayMs: [50, 200], bytesPerSecond: 20_000, loss: 0.01, cut: false } as const;
    expect(parseLinkConditions(all)).toEqual(all);
  });

  it('take every value at the ends of its range', () => {
    for (const given of [
      { delayMs: [0, 60_000], loss: 0 },
      { delayMs: [60_000, 60_000], bytesPerSecond: 1, loss: 1 },
      { bytesPerSecond: 1_000_000_000 },
      { bytesPerSecond: null },
    ])
      expect(parseLinkConditions(given)).toEqual({ ...CLEAR, ...given });
  });

  it.each([
    [{ delayMs: 5 }, 'delayMs: must be two whole numbers from 0 to 60000, the smaller one first, not 5'],
    [{ delayMs: [5] }, 'delayMs: must be two whole numbers from 0 to 60000, the smaller one first, not [5]'],
    [{ delayMs: [9, 8] }, 'delayMs: must be two whole numbers from 0 to 60000, the smaller one first, not [9,8]'],
    [{ delayMs: [0.5, 1] }, 'delayMs: must be two whole numbers from 0 to 60000, the smaller one first, not [0.5,1]'],
    [{ delayMs: [1, 2, 3] }, 'delayMs: must be two whole numbers from 0 to 60000, the smaller one first, not [1,2,3]'],
    [
      { delayMs: [0, 60_001] },
      'delayMs: must be two whole numbers from 0 to 60000, the smaller one first, not [0,60001]',
    ],
    [{ bytesPerSecond: 0 }, 'bytesPerSecond: must be a whole number from 1 to 1000000000, or null for no limit, not 0'],
    [{ loss: 1.5 }, 'loss: must be a number from 0 to 1, not 1.5'],
    [{ cut: 'yes' }, 'cut: must be true or false, not "yes"'],
  ])('say of %j what it must be', (given, message) => {
    expect(() => parseLinkConditions(given)).toThrow(new LinkConditionsError(message));
  });

  it('are clear only where nothing is changed', () => {
    expect(isClear(CLEAR)).toBe(true);
    for (const given of [{ delayMs: [0, 1] }, { bytesPerSecond: 1 }, { loss: 1e-9 }, { cut: true }])
      expect(isClear(parseLinkConditions(given))).toBe(false);
  });
});
