import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bitsToTarget,
  difficultyOf,
  expectedHashes,
  hashToInteger,
  targetToBits,
  workOfBits,
  workOfTarget,
} from '../../consensus/target.ts';
import { u32 } from './arbitraries.ts';
import { brokenRule } from './fixtures.ts';

describe('compact bits', () => {
  // Bitcoin's documentation and the cases of its own arithmetic tests.
  it.each([
    [0x1d00ffff, 0xffffn << 208n],
    [0x1b0404cb, 0x0404cbn << 192n],
    [0x05009234, 0x92340000n],
    [0x04123456, 0x12345600n],
    [0x03123456, 0x123456n],
    [0x02123400, 0x1234n],
    [0x01120000, 0x12n],
    [0x02008000, 0x80n],
    [0x20123456, 0x123456n << 232n],
    [0x207fffff, 0x7fffffn << 232n],
    [0x2100ffff, 0xffffn << 240n],
  ])('%# stand for their target', (bits, target) => {
    expect(bitsToTarget(bits)).toBe(target);
    expect(targetToBits(target)).toBe(bits);
  });

  it.each([
    ['negative', 0x04923456],
    ['negative', 0x01fedcba],
    ['negative', 0x00800000],
    ['zero', 0x00000000],
    ['zero', 0x01003456],
    ['zero', 0x04000000],
    ['overflowing', 0xff123456],
    ['overflowing', 0x21010000],
    ['overflowing', 0x22000100],
    ['overflowing', 0x237fffff],
    ['non-canonical', 0x01123456],
    ['non-canonical', 0x02123456],
    ['non-canonical', 0x04000012],
    ['non-canonical', 0x1e0000ff],
  ])('are refused when %s: %i', (_, bits) => {
    expect(brokenRule(() => bitsToTarget(bits))).toBe('bad-bits');
  });

  it('have one encoding for each target', () => {
    fc.assert(
      fc.property(u32, (bits) => {
        if (brokenRule(() => bitsToTarget(bits)) === undefined) expect(targetToBits(bitsToTarget(bits))).toBe(bits);
      }),
      { numRuns: 1_000 },
    );
  });

  it('round a target down, by less than one part in 2^15', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 2n ** 256n - 1n }), (target) => {
        const rounded = bitsToTarget(targetToBits(target));
        expect(rounded).toBeLessThanOrEqual(target);
        expect((target - rounded) << 15n).toBeLessThan(target);
      }),
    );
  });
});

describe('work', () => {
  it('is 2^256 / (target + 1), rounded down', () => {
    expect(workOfBits(0x1d00ffff)).toBe(0x1_0001_0001n);
    expect(workOfBits(0x207fffff)).toBe(2n);
    expect(workOfTarget(2n ** 256n - 1n)).toBe(1n);
    expect(workOfTarget(1n)).toBe(2n ** 255n);
    expect(expectedHashes(0x1e03ffff)).toBe(4_194_320n);
  });
});

describe('difficulty', () => {
  it('is how many times smaller the target is', () => {
    expect(difficultyOf(0x1d00ffff, 0x1d00ffff)).toBe(1);
    expect(difficultyOf(0x1b0404cb, 0x1d00ffff)).toBeCloseTo(16_307.420_938_523_983, 9);
  });
});

describe('a hash as an integer', () => {
  it('is read in display order', () => {
    expect(hashToInteger('0'.repeat(62).concat('10'))).toBe(16n);
  });
});
