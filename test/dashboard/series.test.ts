import { describe, expect, it } from 'vitest';
import type { BlockRecord } from '../../dashboard/model/records.ts';
import { DELAY_BOUNDS_MS, delaysOf, difficultiesOf, hashratesOf, intervalsOf } from '../../dashboard/model/series.ts';

/** Highest first; each block took ten seconds and a hundred hashes. */
const chain = (count: number): BlockRecord[] =>
  Array.from({ length: count }, (_, height) => ({
    blockHash: String(height),
    prevHash: String(height - 1),
    height,
    chainWork: BigInt(100 * (height + 1)),
    isInvalid: false,
    body: { timeMs: height * 10_000, difficulty: height, sizeBytes: 1, miner: 'm', reward: '1', transactionCount: 1 },
  })).reverse();

const seen = (...times: number[]) => times.map((atMs) => ({ atMs, from: 'x', isInvalid: false }));

describe('the curves of a chain', () => {
  it('show the time between blocks, but not since genesis', () => {
    expect(intervalsOf(chain(4))).toEqual({ xs: [2, 3], ys: [10, 10] });
  });

  it('show the difficulty of each block', () => {
    expect(difficultiesOf(chain(3))).toEqual({ xs: [0, 1, 2], ys: [0, 1, 2] });
  });

  it('estimate the hash rate from the work of ten blocks and the time they took', () => {
    expect(hashratesOf(chain(13))).toEqual({ xs: [10, 11, 12], ys: [null, 10, 10] });
    expect(hashratesOf(chain(5))).toEqual({ xs: [], ys: [] });
  });

  it('have no hash rate where no time went by', () => {
    const still = chain(13).map((block) => ({ ...block, body: block.body && { ...block.body, timeMs: 5 } }));
    expect(hashratesOf(still).ys).toEqual([null, null, null]);
  });
});

describe('the delays', () => {
  it('are counted from the first node, which is not itself late', () => {
    const counts = delaysOf([seen(1_000, 1_001, 1_003), seen(5_000), seen(9_000, 9_000 + 5_000)]);
    expect(counts[0]).toBe(1);
    expect(counts[1]).toBe(1);
    expect(counts.at(-1)).toBe(1);
    expect(counts).toHaveLength(DELAY_BOUNDS_MS.length + 1);
  });

  it('leave out nodes that were away when the block was made', () => {
    expect(delaysOf([seen(0, 60_000)]).every((count) => count === 0)).toBe(true);
  });
});
