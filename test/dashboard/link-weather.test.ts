import { describe, expect, it } from 'vitest';
import type { LinkConditions } from '../../client/link-conditions.ts';
import { isRough, worstOf } from '../../dashboard/model/link-weather.ts';

const CALM: LinkConditions = { delayMs: [0, 0], bytesPerSecond: null, loss: 0, cut: false };
const conditions = (changes: Partial<LinkConditions>): LinkConditions => ({ ...CALM, ...changes });

describe('the weather of a link', () => {
  it('is what slows or loses messages, and no cut alone', () => {
    expect([CALM, conditions({ cut: true })].map(isRough)).toEqual([false, false]);
    const rough = [{ delayMs: [0, 1] }, { bytesPerSecond: 1 }, { loss: 0.001 }] satisfies Partial<LinkConditions>[];
    expect(rough.map((each) => isRough(conditions(each)))).toEqual([true, true, true]);
  });

  it('is that of the one direction that has any', () => {
    const slow = conditions({ delayMs: [20, 40] });
    expect(worstOf([null, null])).toBeNull();
    expect(worstOf([conditions({ cut: true }), null])).toBeNull();
    expect(worstOf([null, slow])).toEqual(slow);
    expect(worstOf([slow, CALM])).toEqual(slow);
  });

  it('is the worst of both directions, each in its own unit', () => {
    const there = conditions({ delayMs: [20, 40], bytesPerSecond: 9_000, loss: 0.1 });
    const back = conditions({ delayMs: [10, 30], bytesPerSecond: 5_000, cut: true });
    const worst = { delayMs: [10, 40], bytesPerSecond: 5_000, loss: 0.1, cut: true };
    expect(worstOf([there, back])).toEqual(worst);
    expect(worstOf([back, there])).toEqual(worst);
    expect(worstOf([conditions({ loss: 0.5 }), back])?.bytesPerSecond).toBe(5_000);
  });
});
