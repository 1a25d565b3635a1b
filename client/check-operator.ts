import type { Expression } from '../consensus/contract/syntax.ts';
import type { Scalar } from '../consensus/contract/types.ts';
import { type CheckContext, startOf } from './check-context.ts';
import {
  BOOLEAN,
  isAssignable,
  isOpen,
  literalName,
  STRING,
  type StaticType,
  scalarOfType,
  scalarType,
  typeName,
  UNKNOWN,
} from './static-types.ts';

type Operation = Expression & { kind: 'binary' | 'quotient' };

/** Where an operation stands, for messages. */
export interface OperatorPlace {
  /** As it is written, such as `+=`. */
  readonly operator: string;
  readonly leftAt: number;
  readonly rightAt: number;
}

const ARITHMETIC: readonly string[] = ['-', '*', '/', '%', '**'];
const BITS: readonly string[] = ['&', '|', '^'];
const ORDER: readonly string[] = ['<', '<=', '>', '>='];
const TO_CONVERT = 'make both the same: BigInt(n) of a number, Number(b) of a bigint';

/** The type of an operation whose operands have these types. */
export function checkBinary(context: CheckContext, node: Operation, left: StaticType, right: StaticType): StaticType {
  const place = { leftAt: startOf(node.left), rightAt: startOf(node.right) };
  if (node.kind === 'binary') {
    checkConstants(context, node, left, right);
    return checkOperator(context, node.operator, { ...place, operator: node.operator }, left, right);
  }
  const type = checkOperator(context, '/', { ...place, operator: '/' }, left, right);
  if (scalarOfType(type) === 'bigint') {
    const hint = 'a division of bigints drops what is behind the point already';
    context.error(place.leftAt, "Argument of type 'bigint' is not assignable to parameter of type 'number'.", hint);
  }
  return scalarType('number');
}

/** What always fails: an operation of two constants whose result no number is. */
function checkConstants(
  context: CheckContext,
  { operator, left: { kind: leftKind }, right: { kind: rightKind }, at }: Operation & { kind: 'binary' },
  left: StaticType,
  right: StaticType,
): void {
  if (leftKind !== 'literal' || rightKind !== 'literal') return;
  const apply = CONSTANT_RESULTS[operator];
  if (apply === undefined || scalarOfType(left) !== 'number' || scalarOfType(right) !== 'number') return;
  const [a, b] = [literalName(left), literalName(right)];
  const result = apply(Number(a), Number(b));
  const what = `The result of ${a} ${operator} ${b}`;
  if (Number.isSafeInteger(result)) return;
  if (b === '0') context.error(at, 'There is nothing to divide by: the divisor is 0.', 'the call fails here');
  else if (Number.isInteger(result))
    context.error(at, `${what} is beyond 2^53 - 1.`, 'write bigints, with n at the end');
  else context.error(at, `${what} is not whole.`, 'use Math.floor(a / b) or Math.trunc(a / b)');
}

const CONSTANT_RESULTS: Partial<Record<string, (a: number, b: number) => number>> = {
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '**': (a, b) => a ** b,
};

/** {@link checkBinary}, for an operator of an assignment too. */
export function checkOperator(
  context: CheckContext,
  operator: string,
  place: OperatorPlace,
  left: StaticType,
  right: StaticType,
): StaticType {
  const isAnswer = ORDER.includes(operator) || operator === '===' || operator === '!==';
  if (isOpen(left) || isOpen(right)) {
    return isAnswer ? BOOLEAN : UNKNOWN;
  }
  if (operator === '+') return checkSum(context, place, left, right);
  if (ARITHMETIC.includes(operator) || BITS.includes(operator)) {
    return checkArithmetic(context, operator, place, left, right);
  }
  if (ORDER.includes(operator)) checkOrder(context, place, left, right);
  else checkEquality(context, operator, place, left, right);
  return BOOLEAN;
}

function cannotApply(operator: string, left: string, right: string): string {
  return `Operator '${operator}' cannot be applied to types '${left}' and '${right}'.`;
}

function checkSum(context: CheckContext, place: OperatorPlace, left: StaticType, right: StaticType): StaticType {
  const [a, b] = [scalarOfType(left), scalarOfType(right)];
  if (a !== undefined && a === b && isSummable(a)) return scalarType(a);
  const { operator, leftAt } = place;
  if (a === 'string' || b === 'string') {
    const hint = 'only texts are joined to texts here: put both into a template text, between backticks';
    context.error(leftAt, cannotApply(operator, typeName(left), typeName(right)), hint);
    return STRING;
  }
  // As `tsc` does it: constants are shown where both could be added to something.
  const name = isSummable(a) && isSummable(b) ? literalName : typeName;
  context.error(leftAt, cannotApply(operator, name(left), name(right)), isMixed(a, b) ? TO_CONVERT : undefined);
  return UNKNOWN;
}

function checkArithmetic(
  context: CheckContext,
  operator: string,
  { operator: written, leftAt, rightAt }: OperatorPlace,
  left: StaticType,
  right: StaticType,
): StaticType {
  const [a, b] = [scalarOfType(left), scalarOfType(right)];
  const sides = [
    ['left', a, leftAt],
    ['right', b, rightAt],
  ] as const;
  const wrong = sides.filter(([, scalar]) => !isNumeric(scalar));
  for (const [side, , at] of wrong) {
    const wanted = "must be of type 'any', 'number', 'bigint' or an enum type";
    context.error(at, `The ${side}-hand side of an arithmetic operation ${wanted}.`);
  }
  if (wrong.length > 0 || a === undefined) return UNKNOWN;
  if (a !== b) {
    context.error(leftAt, cannotApply(written, typeName(left), typeName(right)), TO_CONVERT);
    return UNKNOWN;
  }
  if (a === 'number' && BITS.includes(operator)) {
    const hint = 'bits are those of bigints here: write 5n & 1n';
    context.error(leftAt, cannotApply(written, typeName(left), typeName(right)), hint);
    return UNKNOWN;
  }
  return scalarType(a);
}

function checkOrder(context: CheckContext, place: OperatorPlace, left: StaticType, right: StaticType): void {
  const [a, b] = [scalarOfType(left), scalarOfType(right)];
  if (isNumeric(a) && a === b) return;
  const message = cannotApply(place.operator, typeName(left), typeName(right));
  if (isMixed(a, b)) context.error(place.leftAt, message, TO_CONVERT);
  else if (isAssignable(left, right))
    context.error(place.leftAt, message, 'only numbers and bigints have an order here');
  else context.error(place.leftAt, message);
}

function checkEquality(
  context: CheckContext,
  operator: string,
  { leftAt }: OperatorPlace,
  left: StaticType,
  right: StaticType,
): void {
  const [a, b] = [scalarOfType(left), scalarOfType(right)];
  if (a !== undefined && a === b) return;
  if (isAssignable(left, right) || isAssignable(right, left)) {
    const hint =
      left.kind === 'several' || right.kind === 'several'
        ? 'only values of one type are compared here'
        : 'only values without parts are compared here: compare elements or properties one by one';
    context.error(leftAt, cannotApply(operator, typeName(left), typeName(right)), hint);
    return;
  }
  const types = `the types '${typeName(left)}' and '${typeName(right)}' have no overlap`;
  context.error(leftAt, `This comparison appears to be unintentional because ${types}.`);
}

function isNumeric(scalar: Scalar | undefined): boolean {
  return scalar === 'number' || scalar === 'bigint';
}

function isSummable(scalar: Scalar | undefined): boolean {
  return isNumeric(scalar) || scalar === 'string';
}

function isMixed(a: Scalar | undefined, b: Scalar | undefined): boolean {
  return isNumeric(a) && isNumeric(b) && a !== b;
}
