/** Base units in a coin. */
export const COIN = 100_000_000n;
/** Largest amount that can be encoded, in base units. */
export const MAX_AMOUNT = 2n ** 64n - 1n;

const DECIMALS = 8;
/** Digits before the point of the largest amount. */
const MAX_WHOLE_DIGITS = `${MAX_AMOUNT / COIN}`.length;
const DECIMAL_NUMBER = /^(\d+)(?:\.(\d+))?$/;

/** What is wrong with a text that is not an amount. */
export type AmountProblem = 'empty' | 'negative' | 'not-a-number' | 'leading-zeros' | 'too-many-decimals' | 'too-large';

/** A text is not an amount; the message says why, for people, and the problem for programs. */
export class AmountError extends Error {
  readonly problem: AmountProblem;

  constructor(problem: AmountProblem, message: string) {
    super(message);
    this.name = 'AmountError';
    this.problem = problem;
  }
}

/**
 * Base units of a decimal number of coins such as `10` or `0.5`. No sign, exponent, spaces or leading zeros.
 * Throws {@link AmountError}.
 */
export function parseAmount(text: string): bigint {
  if (text === '') throw new AmountError('empty', 'amount is empty');
  if (text.startsWith('-')) throw new AmountError('negative', 'amount is negative');
  const match = DECIMAL_NUMBER.exec(text);
  const whole = match?.[1];
  if (whole === undefined) throw new AmountError('not-a-number', 'amount is not a decimal number such as 10 or 0.5');
  if (whole.length > 1 && whole.startsWith('0')) throw new AmountError('leading-zeros', 'amount has leading zeros');
  const fraction = match?.[2] ?? '';
  if (fraction.length > DECIMALS)
    throw new AmountError('too-many-decimals', `amount has more than ${DECIMALS} decimals`);
  // A text of millions of digits, which anybody may send, would take long to convert.
  const isConverted = whole.length <= MAX_WHOLE_DIGITS;
  const baseUnits = isConverted ? BigInt(whole) * COIN + BigInt(fraction.padEnd(DECIMALS, '0')) : null;
  if (baseUnits === null || baseUnits > MAX_AMOUNT)
    throw new AmountError('too-large', `amount is above the largest, ${formatAmount(MAX_AMOUNT)}`);
  return baseUnits;
}

/** Shortest decimal number of coins that {@link parseAmount} reads back: `10`, `0.5`. Also for negative differences. */
export function formatAmount(baseUnits: bigint): string {
  if (baseUnits < 0n) return `-${formatAmount(-baseUnits)}`;
  const whole = baseUnits / COIN;
  const fraction = (baseUnits % COIN).toString().padStart(DECIMALS, '0').replace(/0+$/, '');
  return fraction === '' ? `${whole}` : `${whole}.${fraction}`;
}

/** Units of weight that fee rates are given for. */
const FEE_RATE_WEIGHT = 1_000n;

/** Fee of a weight, which for a transfer is its bytes, at a rate in base units per 1,000 units of weight, rounded up. */
export function feeAtRate(weight: number, rate: bigint): bigint {
  return (BigInt(weight) * rate + FEE_RATE_WEIGHT - 1n) / FEE_RATE_WEIGHT;
}
