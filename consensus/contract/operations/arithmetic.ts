import { MAX_BIGINT, MAX_TEXT_UNITS } from '../limits.ts';
import type { Machine } from '../machine.ts';
import type { OpName } from '../opcodes.ts';
import { GAS_BIGINT, TEXT_BYTES_PER_GAS } from '../prices.ts';
import { utf8Bytes } from '../text.ts';
import { Trap } from '../trap.ts';
import type { TrapCode } from '../traps.ts';
import { AddressValue, type Value } from '../value.ts';
import { type Handler, isScalar, popBigint, popBoolean, popNumber, wrongType, wrongTypes } from './handler.ts';

/** A result as a number of a contract. 0 is added because −0 + 0 is 0. */
function checkedNumber(value: number, operator: string): number {
  if (Number.isSafeInteger(value)) return value + 0;
  throw Number.isInteger(value) ? new Trap('number-too-large') : new Trap('not-whole', operator);
}

const MIN_BIGINT = -MAX_BIGINT;

function checkedBigint(value: bigint, tooLarge: TrapCode = 'bigint-too-large'): bigint {
  if (value > MAX_BIGINT || value < MIN_BIGINT) throw new Trap(tooLarge);
  return value;
}

/** Charges for joining, cutting or comparing texts. */
export function chargeText(machine: Machine, sizeBytes: number): void {
  machine.charge(Math.ceil(sizeBytes / TEXT_BYTES_PER_GAS));
}

/** The joined text. Traps above the longest. */
export function joined(machine: Machine, a: string, b: string): string {
  if (a.length + b.length > MAX_TEXT_UNITS) throw new Trap('text-too-long', `${MAX_TEXT_UNITS}`);
  chargeText(machine, utf8Bytes(a) + utf8Bytes(b));
  return a + b;
}

/** An operator of two numbers or two bigints. */
function arithmetic(
  operator: string,
  ofNumbers: (a: number, b: number) => number,
  ofBigints: (a: bigint, b: bigint) => bigint,
): Handler {
  return (machine) => {
    const b = machine.pop();
    const a = machine.pop();
    if (typeof a === 'number' && typeof b === 'number') {
      machine.push(checkedNumber(ofNumbers(a, b), operator));
    } else if (typeof a === 'bigint' && typeof b === 'bigint') {
      machine.charge(GAS_BIGINT);
      machine.push(checkedBigint(ofBigints(a, b)));
    } else if (operator === '+' && typeof a === 'string' && typeof b === 'string') {
      machine.push(joined(machine, a, b));
    } else {
      throw wrongTypes(operator, a, b);
    }
  };
}

function nonZero<T extends number | bigint>(divisor: T): T {
  if (divisor === 0 || divisor === 0n) throw new Trap('division-by-zero');
  return divisor;
}

/** Of a base beyond −1, 0 and 1, every power above this is out of bounds. */
const MAX_EXPONENT = 255n;

/**
 * The exact power, by squaring. It stops as soon as a factor that is still needed is out of bounds, so that no intermediate
 * result has more than 510 bits. Numbers take the same way: engines may differ in the last digit of theirs.
 */
function power(base: bigint, exponent: bigint, tooLarge: TrapCode): bigint {
  if (exponent < 0n) throw new Trap('negative-exponent');
  if (base >= -1n && base <= 1n) return exponent === 0n ? 1n : base ** (2n - (exponent & 1n));
  if (exponent > MAX_EXPONENT) throw new Trap(tooLarge);
  let result = 1n;
  let factor = base;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = checkedBigint(result * factor, tooLarge);
    if (left > 1n) factor = checkedBigint(factor * factor, tooLarge);
  }
  return result;
}

function powerOfNumbers(base: number, exponent: number): number {
  return Number(power(BigInt(base), BigInt(exponent), 'number-too-large'));
}

function powerOfBigints(base: bigint, exponent: bigint): bigint {
  return power(base, exponent, 'bigint-too-large');
}

/**
 * The quotient of two numbers before it is rounded. It is a whole number only if the exact one is: with |a| < 2^53 the
 * distance of another quotient to the next whole number is at least 1/|b|, which is more than half a unit in its last place.
 */
function quotient(a: number, b: number): number {
  return a / nonZero(b);
}

/** `Math.floor(a / b)`, `Math.trunc(a / b)`: of numbers only, as in JavaScript. */
function rounded(round: (value: number) => number, name: string): Handler {
  return (machine) => {
    const b = machine.pop();
    const a = machine.pop();
    if (typeof a !== 'number' || typeof b !== 'number') throw wrongTypes(`Math.${name}(a / b)`, a, b);
    machine.push(checkedNumber(round(quotient(a, b)), '/'));
  };
}

function bitwise(operator: string, ofBigints: (a: bigint, b: bigint) => bigint): Handler {
  return (machine) => {
    const b = machine.pop();
    const a = machine.pop();
    if (typeof a !== 'bigint' || typeof b !== 'bigint') throw wrongTypes(operator, a, b);
    machine.charge(GAS_BIGINT);
    machine.push(checkedBigint(ofBigints(a, b)));
  };
}

/** Order is that of numbers and bigints; texts have none. */
function comparison(operator: string, holds: (a: number | bigint, b: number | bigint) => boolean): Handler {
  return (machine) => {
    const b = machine.pop();
    const a = machine.pop();
    if ((typeof a !== 'number' && typeof a !== 'bigint') || typeof a !== typeof b) throw wrongTypes(operator, a, b);
    machine.push(holds(a, b as number | bigint));
  };
}

/** Whether two scalars of one type are equal. Arrays and records are never compared: JavaScript would compare identities. */
function areEqual(machine: Machine, operator: string): boolean {
  const b = machine.pop();
  const a = machine.pop();
  if (!isScalar(a) || !isScalar(b) || typeof a !== typeof b) throw wrongTypes(operator, a, b);
  if (typeof a === 'string') chargeText(machine, utf8Bytes(a) + utf8Bytes(b as string));
  return equalScalars(a, b);
}

/** JavaScript's `===`, with addresses by their bytes. */
function equalScalars(a: Value, b: Value): boolean {
  return a instanceof AddressValue && b instanceof AddressValue ? a.address === b.address : a === b;
}

function step(by: 1 | -1): Handler {
  const byBigint = BigInt(by);
  const last = by === 1 ? MAX_BIGINT : MIN_BIGINT;
  return (machine) => {
    const value = machine.pop();
    if (typeof value === 'number') machine.push(checkedNumber(value + by, '+'));
    else if (typeof value !== 'bigint') throw wrongType('number', value);
    else if (value === last) throw new Trap('bigint-too-large');
    else machine.push(value + byBigint);
  };
}

function extreme(choose: (...numbers: number[]) => number): Handler {
  return (machine, count) => {
    const numbers = machine.popMany(count).map((value) => {
      if (typeof value !== 'number') throw wrongType('number', value);
      return value;
    });
    machine.charge(count);
    machine.push(choose(...numbers));
  };
}

/** Operators of numbers, bigints and booleans, and `+` of texts. */
export const ARITHMETIC = {
  ADD: arithmetic(
    '+',
    (a, b) => a + b,
    (a, b) => a + b,
  ),
  SUBTRACT: arithmetic(
    '-',
    (a, b) => a - b,
    (a, b) => a - b,
  ),
  MULTIPLY: arithmetic(
    '*',
    (a, b) => a * b,
    (a, b) => a * b,
  ),
  DIVIDE: arithmetic('/', quotient, (a, b) => a / nonZero(b)),
  REMAINDER: arithmetic(
    '%',
    (a, b) => a % nonZero(b),
    (a, b) => a % nonZero(b),
  ),
  POWER: arithmetic('**', powerOfNumbers, powerOfBigints),
  FLOOR: rounded(Math.floor, 'floor'),
  TRUNCATE: rounded(Math.trunc, 'trunc'),
  AND: bitwise('&', (a, b) => a & b),
  OR: bitwise('|', (a, b) => a | b),
  XOR: bitwise('^', (a, b) => a ^ b),
  EQUAL: (machine) => machine.push(areEqual(machine, '===')),
  UNEQUAL: (machine) => machine.push(!areEqual(machine, '!==')),
  LESS: comparison('<', (a, b) => a < b),
  LESS_OR_EQUAL: comparison('<=', (a, b) => a <= b),
  GREATER: comparison('>', (a, b) => a > b),
  GREATER_OR_EQUAL: comparison('>=', (a, b) => a >= b),
  NEGATE: (machine) => {
    const value = machine.pop();
    if (typeof value !== 'number' && typeof value !== 'bigint') throw wrongType('number', value);
    machine.push(typeof value === 'number' ? 0 - value : -value);
  },
  NOT: (machine) => machine.push(!popBoolean(machine)),
  INCREMENT: step(1),
  DECREMENT: step(-1),
  MINIMUM: extreme(Math.min),
  MAXIMUM: extreme(Math.max),
  TO_BIGINT: (machine) => machine.push(BigInt(popNumber(machine))),
  TO_NUMBER: (machine) => {
    const value = popBigint(machine);
    const number = Number(value);
    if (!Number.isSafeInteger(number)) throw new Trap('number-too-large');
    machine.push(number);
  },
} as const satisfies Partial<Record<OpName, Handler>>;
