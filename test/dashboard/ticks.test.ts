import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { boundsOf, ticksBetween } from '../../dashboard/model/ticks.ts';
import { i18n } from '../../dashboard/text/i18n.svelte.ts';

const MAX = 6;
const MS_PER_SECOND = 1_000;

afterEach(() => i18n.use('en'));

describe('the ticks of an axis', () => {
  it('are round, with one step between them', () => {
    expect(ticksBetween(0, 1.08, MAX, 'number')).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(ticksBetween(0, 730, MAX, 'number')).toEqual([0, 200, 400, 600]);
    expect(ticksBetween(7, 12, MAX, 'count')).toEqual([7, 8, 9, 10, 11, 12]);
  });

  it('are whole where things are counted', () => {
    expect(ticksBetween(0, 1.08, MAX, 'count')).toEqual([0, 1]);
    expect(ticksBetween(3, 4, MAX, 'count')).toEqual([3, 4]);
  });

  it('of a time are those of a clock', () => {
    expect(ticksBetween(0, 0.4, MAX, 'duration')).toEqual([0, 0.1, 0.2, 0.3, 0.4]);
    expect(ticksBetween(0, 11, MAX, 'duration')).toEqual([0, 2, 4, 6, 8, 10]);
    expect(ticksBetween(0, 70, MAX, 'duration')).toEqual([0, 15, 30, 45, 60]);
    expect(ticksBetween(0, 400, MAX, 'duration')).toEqual([0, 120, 240, 360]);
    expect(ticksBetween(0, 9_000, MAX, 'duration')).toEqual([0, 1_800, 3_600, 5_400, 7_200, 9_000]);
    expect(ticksBetween(0, 900_000, MAX, 'duration')).toEqual([0, 172_800, 345_600, 518_400, 691_200, 864_000]);
  });

  it('are none where there is no room for any', () => {
    expect(ticksBetween(1, 1, MAX, 'number')).toEqual([]);
    expect(ticksBetween(0, 10, 0, 'number')).toEqual([]);
  });

  it.each(['en', 'ko'] as const)(
    'never have the same label twice, however small or large the values are: %s',
    async (language) => {
      await i18n.use(language);
      const labels = {
        number: (value: number) => i18n.significant(value),
        hashrate: (value: number) => i18n.hashrate(value),
        count: (value: number) => i18n.whole(value),
        duration: (value: number) => i18n.duration(value * MS_PER_SECOND),
      };
      fc.assert(
        fc.property(
          fc.constantFrom('number', 'hashrate', 'count', 'duration'),
          fc.double({ min: -2, max: 9 }),
          (kind, power) => {
            const ticks = ticksBetween(0, 10 ** power, MAX, kind === 'hashrate' ? 'number' : kind);
            const texts = ticks.map(labels[kind]);
            expect(new Set(texts).size).toBe(texts.length);
            expect(ticks.length).toBeLessThanOrEqual(MAX + 1);
          },
        ),
      );
    },
  );
});

describe('the bounds of an axis', () => {
  it('are those of what is on it, and give a single value room', () => {
    expect(boundsOf([3, 9, 5], 1)).toEqual([3, 9]);
    expect(boundsOf([7], 1)).toEqual([6, 8]);
    expect(boundsOf([], 1)).toEqual([0, 1]);
  });
});
