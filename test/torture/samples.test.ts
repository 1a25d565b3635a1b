import { describe, expect, it } from 'vitest';
import { TortureFailure } from '../../torture/failure.ts';
import { demandSameCounts, demandWithinLimits, judgeLevels, type Sample } from '../../torture/samples.ts';

const MIB = 1_048_576;

/** Samples of a process, the heap of which is collected every fourth time. */
function samples(count: number, change: (i: number) => Partial<Sample> = () => ({})): Sample[] {
  return Array.from({ length: count }, (_, i) => ({
    atMs: i,
    anonymousBytes: 100 * MIB,
    heapBytes: (40 + (i % 4) * 20) * MIB,
    descriptors: 30,
    resources: 20,
    listeners: 5,
    subscriptions: 0,
    height: 10,
    ...change(i),
  }));
}

const unlevel = (list: Sample[]) =>
  judgeLevels(list)
    ?.filter(({ isLevel }) => !isLevel)
    .map(({ name }) => name);

describe('the levels of a process', () => {
  it('are not judged from few samples', () => {
    expect(judgeLevels(samples(20))).toBeNull();
  });

  it('are level where only garbage comes and goes', () => {
    expect(unlevel(samples(60))).toEqual([]);
  });

  it.each([
    ['heapBytes', (i: number) => ({ heapBytes: (40 + i) * MIB })],
    ['anonymousBytes', (i: number) => ({ anonymousBytes: (100 + 3 * i) * MIB })],
    ['descriptors', (i: number) => ({ descriptors: 30 + i })],
    ['resources', (i: number) => ({ resources: 20 + i })],
    ['listeners', (i: number) => ({ listeners: 5 + Math.floor(i / 10) })],
    ['subscriptions', (i: number) => ({ subscriptions: Math.floor(i / 30) })],
  ])('are not where %s grow', (name, change) => {
    expect(unlevel(samples(60, change))).toEqual([name]);
  });

  it('may grow with the chain', () => {
    const change = (i: number) => ({ heapBytes: (40 + i) * MIB, height: i * 1_000 });
    expect(unlevel(samples(60, change))).toEqual([]);
  });
});

describe('what is held', () => {
  const metrics = (count: number) =>
    `forklore_held{what="addresses"} ${count}\nforklore_held_limit{what="addresses"} 9\n`;

  it('may not be above its limit', () => {
    demandWithinLimits(metrics(9));
    expect(() => demandWithinLimits(metrics(10))).toThrow('holds 10 addresses, at most 9');
    expect(() => demandWithinLimits('')).toThrow(TortureFailure);
  });
});

describe('what is counted exactly', () => {
  const [first] = samples(1) as [Sample];

  it('may not be more at the end, however short the run was', () => {
    demandSameCounts(first, { ...first, descriptors: 100 });
    expect(() => demandSameCounts(first, { ...first, listeners: 6 })).toThrow(TortureFailure);
    expect(() => demandSameCounts(first, { ...first, subscriptions: 1 })).toThrow('subscriptions grew from 0 to 1');
  });
});
