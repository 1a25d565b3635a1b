/** The numbers from `minimum` to `maximum`, both included. */
export interface NumberRange {
  readonly minimum: number;
  readonly maximum: number;
  /** Whether fractions are left out. */
  readonly isWhole: boolean;
}

const DIGITS = /^\d+$/;
/** A number as it is printed: 5, 0.5 or 1e-7. */
const DECIMAL = /^\d+(\.\d+)?(e-\d+)?$/;

/** The whole numbers of a range. */
export function wholeNumbers(minimum: number, maximum: number): NumberRange {
  return { minimum, maximum, isWhole: true };
}

/** All numbers of a range. */
export function numbers(minimum: number, maximum: number): NumberRange {
  return { minimum, maximum, isWhole: false };
}

/** Whether a value is a number of the range. */
export function isInRange({ minimum, maximum, isWhole }: NumberRange, value: unknown): value is number {
  return typeof value === 'number' && value >= minimum && value <= maximum && (!isWhole || Number.isInteger(value));
}

/** What a value of the range is, for a message: `a whole number from 1 to 5000`. */
export function describeRange({ minimum, maximum, isWhole }: NumberRange): string {
  return `a ${isWhole ? 'whole ' : ''}number from ${minimum} to ${maximum}`;
}

/**
 * The number that a text of somebody else says, in decimal digits; null where it says none of the range. No sign, no
 * spaces, no other base; whole numbers have neither a point nor an exponent.
 */
export function parseNumber(range: NumberRange, text: string): number | null {
  const value = (range.isWhole ? DIGITS : DECIMAL).test(text) ? Number(text) : Number.NaN;
  return isInRange(range, value) ? value : null;
}
