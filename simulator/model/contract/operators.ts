import type { Gas } from './gas.ts';
import { MAX_BIGINT, MAX_NUMBER, MAX_TEXT_UNITS } from './limits.ts';
import { BIGINT_GAS, textGas } from './prices.ts';
import { Trap } from './trap.ts';
import { isScalar, sameScalar, scalarTypeOf, type Value } from './value.ts';

const COMPARISONS = ['<', '<=', '>', '>=', '===', '!=='];
const ARITHMETIC_GAS: Readonly<Record<string, number>> = {
  '+': 1,
  '-': 1,
  '*': 2,
  '/': 4,
  '%': 4,
  '**': 60,
  '&': 1,
  '|': 1,
  '^': 1,
};
const ONLY_BIGINTS = ['&', '|', '^'];
/** Bits of the largest bigint, so that no power of 2 with a larger exponent is in bounds. */
const MAX_EXPONENT = 255n;

/** Charges for an operator with two operands that are both evaluated, but `&&` and `||`, and gives its result. */
export function binary(sign: string, left: Value, right: Value, gas: Gas): Value {
  if (typeof left === 'string' && typeof right === 'string') return binaryOfTexts(sign, left, right, gas);
  if (COMPARISONS.includes(sign)) {
    gas.charge(1);
    return compare(sign, left, right);
  }
  gas.charge(ARITHMETIC_GAS[sign] as number);
  if (typeof left === 'bigint' && typeof right === 'bigint') {
    gas.charge(BIGINT_GAS);
    return boundedBigint(arithmetic(sign, left, right));
  }
  if (typeof left !== 'number' || typeof right !== 'number' || ONLY_BIGINTS.includes(sign)) throw wrongTypes(sign);
  if (sign === '/' && right !== 0 && left % right !== 0) throw new Trap('not-whole');
  return boundedNumber(arithmetic(sign, BigInt(left), BigInt(right)));
}

function binaryOfTexts(sign: string, left: string, right: string, gas: Gas): Value {
  gas.charge(1);
  if (sign !== '+' && sign !== '===' && sign !== '!==') throw wrongTypes(sign);
  gas.charge(textGas(left, right));
  if (sign !== '+') return (left === right) === (sign === '===');
  return boundedText(left + right);
}

function compare(sign: string, left: Value, right: Value): boolean {
  if (sign === '===' || sign === '!==') {
    if (!isScalar(left) || !isScalar(right) || scalarTypeOf(left) !== scalarTypeOf(right)) throw wrongTypes(sign);
    return sameScalar(left, right) === (sign === '===');
  }
  const areNumbers = typeof left === 'number' && typeof right === 'number';
  if (!areNumbers && !(typeof left === 'bigint' && typeof right === 'bigint')) throw wrongTypes(sign);
  if (sign === '<') return left < right;
  if (sign === '<=') return left <= right;
  return sign === '>' ? left > right : left >= right;
}

function arithmetic(sign: string, left: bigint, right: bigint): bigint {
  if ((sign === '/' || sign === '%') && right === 0n) throw new Trap('division-by-zero');
  switch (sign) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    case '%':
      return left % right;
    case '&':
      return left & right;
    case '|':
      return left | right;
    case '^':
      return left ^ right;
    default:
      return power(left, right);
  }
}

function power(base: bigint, exponent: bigint): bigint {
  if (exponent < 0n) throw new Trap('negative-exponent');
  const grows = base > 1n || base < -1n;
  return grows && exponent > MAX_EXPONENT
    ? 2n ** (MAX_EXPONENT + 1n)
    : base ** (grows ? exponent : smallExponent(exponent));
}

/** Of 0, 1 and −1 only whether the exponent is 0, and whether it is even, makes a difference. */
function smallExponent(exponent: bigint): bigint {
  return exponent === 0n ? 0n : 2n - (exponent % 2n);
}

/** Charges for `Math.floor(a / b)` or `Math.trunc(a / b)`, and gives its result. */
export function quotient(name: string, left: Value, right: Value, gas: Gas): number {
  gas.charge(ARITHMETIC_GAS['/'] as number);
  if (typeof left !== 'number' || typeof right !== 'number') throw wrongTypes('/');
  const whole = Number(arithmetic('/', BigInt(left), BigInt(right)));
  const isBelow = left % right !== 0 && left < 0 !== right < 0;
  return name === 'floor' && isBelow ? whole - 1 : whole;
}

/** What `++` or `--` makes of a value. */
export function stepped(value: Value, sign: '+' | '-'): number | bigint {
  if (typeof value === 'number') return boundedNumber(arithmetic(sign, BigInt(value), 1n));
  if (typeof value === 'bigint') return boundedBigint(arithmetic(sign, value, 1n));
  throw new Trap('wrong-type', 'a number or bigint is wanted');
}

/** The result of an operation with numbers. */
export function boundedNumber(value: bigint): number {
  if (value > MAX_NUMBER || value < -MAX_NUMBER) throw new Trap('number-too-large');
  return Number(value);
}

function boundedBigint(value: bigint): bigint {
  if (value > MAX_BIGINT || value < -MAX_BIGINT) throw new Trap('bigint-too-large');
  return value;
}

/** The result of an operation with texts. */
export function boundedText(text: string): string {
  if (text.length > MAX_TEXT_UNITS) throw new Trap('text-too-long');
  return text;
}

function wrongTypes(sign: string): Trap {
  return new Trap('wrong-types', `${sign} is not for these`);
}
