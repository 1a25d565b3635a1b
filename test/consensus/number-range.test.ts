import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeRange, isInRange, numbers, parseNumber, wholeNumbers } from '../../consensus/number-range.ts';

const PORTS = wholeNumbers(0, 65_535);
const SHARES = numbers(0, 1);

describe('a number that somebody typed', () => {
  it('is every number of the range, as it is printed', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 65_535 }), (n) => parseNumber(PORTS, String(n)) === n));
    fc.assert(fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (n) => parseNumber(SHARES, String(n)) === n + 0));
    expect(parseNumber(SHARES, '1e-7')).toBe(1e-7);
    expect(parseNumber(PORTS, '005')).toBe(5);
  });

  it.each(['', ' 5', '5 ', '+5', '-1', '0x10', '1e3', '5.0', '1_000', '65536', '９', 'Infinity', 'NaN'])(
    'is no whole number of the range in %j',
    (text) => expect(parseNumber(PORTS, text)).toBeNull(),
  );

  it.each(['', '.5', '1.', '0,5', '0.5=3', '1e1', '1.0001', '-0'])('is no number of the range in %j', (text) => {
    expect(parseNumber(SHARES, text)).toBeNull();
  });

  it('does not reach a limit by rounding', () => {
    expect(parseNumber(wholeNumbers(0, Number.MAX_SAFE_INTEGER), '9007199254740993')).toBeNull();
  });
});

describe('a range of numbers', () => {
  it('holds both ends, fractions only where it says so, and numbers only', () => {
    expect([0, 65_535].every((n) => isInRange(PORTS, n))).toBe(true);
    expect([-1, 65_536, 0.5, Number.NaN, '5', null, 5n].some((value) => isInRange(PORTS, value))).toBe(false);
    expect(isInRange(SHARES, 0.5)).toBe(true);
  });

  it('is described by its ends', () => {
    expect(describeRange(PORTS)).toBe('a whole number from 0 to 65535');
    expect(describeRange(SHARES)).toBe('a number from 0 to 1');
  });
});
