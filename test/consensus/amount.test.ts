import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AmountError, COIN, formatAmount, MAX_AMOUNT, parseAmount } from '../../consensus/amount.ts';
import { u64 } from './arbitraries.ts';

describe('amounts', () => {
  it.each([
    ['10', 10n * COIN],
    ['0.5', COIN / 2n],
    ['0', 0n],
    ['0.00000001', 1n],
    ['184467440737.09551615', MAX_AMOUNT],
  ])('%s is read and written in its shortest form', (text, baseUnits) => {
    expect(parseAmount(text)).toBe(baseUnits);
    expect(formatAmount(baseUnits)).toBe(text);
  });

  it('may be given with trailing zeros', () => {
    expect(parseAmount('1.50')).toBe((COIN * 3n) / 2n);
  });

  it('are read back as they were written', () => {
    fc.assert(
      fc.property(u64, (baseUnits) => {
        expect(parseAmount(formatAmount(baseUnits))).toBe(baseUnits);
      }),
    );
  });

  it('can be shown as negative differences', () => {
    expect(formatAmount(-COIN / 2n)).toBe('-0.5');
  });

  it.each([
    ['', 'empty', 'amount is empty'],
    ['-1', 'negative', 'amount is negative'],
    ['1e3', 'not-a-number', 'amount is not a decimal number such as 10 or 0.5'],
    ['1.', 'not-a-number', 'amount is not a decimal number such as 10 or 0.5'],
    ['.5', 'not-a-number', 'amount is not a decimal number such as 10 or 0.5'],
    [' 1', 'not-a-number', 'amount is not a decimal number such as 10 or 0.5'],
    ['1\n', 'not-a-number', 'amount is not a decimal number such as 10 or 0.5'],
    ['+1', 'not-a-number', 'amount is not a decimal number such as 10 or 0.5'],
    ['1,5', 'not-a-number', 'amount is not a decimal number such as 10 or 0.5'],
    ['0x10', 'not-a-number', 'amount is not a decimal number such as 10 or 0.5'],
    ['١', 'not-a-number', 'amount is not a decimal number such as 10 or 0.5'],
    ['01', 'leading-zeros', 'amount has leading zeros'],
    ['0.000000001', 'too-many-decimals', 'amount has more than 8 decimals'],
    ['184467440737.09551616', 'too-large', 'amount is above the largest, 184467440737.09551615'],
  ] as const)('refuse %j as %s', (text, problem, message) => {
    expect(() => parseAmount(text)).toThrow(new AmountError(problem, message));
  });
});
