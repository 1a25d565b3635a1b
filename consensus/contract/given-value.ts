import type { Address } from '../address.ts';
import { concatBytes } from '../hex.ts';
import { quotable } from '../quotable.ts';
import { encodeValue } from './encoding.ts';
import { MAX_ARGS_BYTES, MAX_ARRAY, MAX_BIGINT, MAX_TEXT_UNITS } from './limits.ts';
import { CONSTRUCTOR } from './program.ts';
import { describeType, namesOf, type Parameter, type Property, type Scalar, type ValueType } from './types.ts';
import { AddressValue, RecordValue, type ScalarValue, type Value } from './value.ts';

// Values that come from outside of contracts, out of JSON or out of a program, as values of a declared type.

/** What is given is no value of the type that is declared. The message says where, what is wanted and what was given. */
export class GivenValueError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'GivenValueError';
  }
}

/** What an account is called outside. Throws `GivenValueError` for what is none. */
export type AddressReader = (given: string) => Address;

/** Digits of the largest bigint, with its sign. */
const MAX_BIGINT_CHARS = `-${MAX_BIGINT}`.length;
const DECIMAL = /^-?\d+$/;
/** What may be a secret key. It was given by mistake, and is not repeated. */
const LIKE_A_KEY = /(0x)?[0-9a-f]{64}/i;

/** The method that arguments are for. */
export interface Callee {
  readonly name: string;
  readonly parameters: readonly Parameter[];
}

/**
 * The arguments of a call as its transaction holds them. A number is a whole number; a bigint a bigint, a whole number or
 * its decimal digits; an Address a text that `addressOf` knows, or an object that has one as its `address`; a record an
 * object. Throws {@link GivenValueError}.
 */
export function encodeArguments(callee: Callee, given: readonly unknown[], addressOf: AddressReader): Uint8Array {
  const { parameters } = callee;
  checkCount(callee, given.length);
  const encoded = parameters.map(({ type }, index) => {
    return encodeValue(typedValue(given[index], type, { label: argumentLabel(callee, index), addressOf }), type);
  });
  const bytes = concatBytes(...encoded);
  if (bytes.length <= MAX_ARGS_BYTES) return bytes;
  throw new GivenValueError(
    `the arguments have ${bytes.length} bytes when encoded; at most ${MAX_ARGS_BYTES} are allowed`,
  );
}

/** Throws {@link GivenValueError} where a method takes another number of arguments. */
export function checkCount(callee: Callee, count: number): void {
  const { parameters } = callee;
  if (parameters.length === count) return;
  const wanted = parameters.length === 0 ? 'no arguments' : plural(parameters.length);
  const signature = parameters.map(({ name, type }) => `${name}: ${describeType(type)}`).join(', ');
  const list = parameters.length === 0 ? '' : ` (${signature})`;
  throw new GivenValueError(`${calleeText(callee)} takes ${wanted}${list}, not ${count}`);
}

/** How messages name an argument: `argument 2 of vote (option: number)`. */
export function argumentLabel(callee: Callee, index: number): string {
  const { name = '', type } = callee.parameters[index] ?? {};
  return `argument ${index + 1} of ${calleeText(callee)} (${name}${type ? `: ${describeType(type)}` : ''})`;
}

function calleeText({ name }: Callee): string {
  return name === CONSTRUCTOR ? 'the constructor' : name;
}

/** Where a value stands, and how its addresses are read. */
interface Place {
  readonly label: string;
  readonly addressOf: AddressReader;
}

function typedValue(given: unknown, type: ValueType, place: Place): Value {
  if (type.kind === 'scalar') return scalarOf(given, type.scalar, place);
  if (type.kind === 'record') return recordOf(given, type.properties, place);
  const { label } = place;
  if (!Array.isArray(given)) throw mustBe(label, `a list of ${type.of} values`, given);
  if (given.length > MAX_ARRAY) throw new GivenValueError(`${label}: a list has at most ${MAX_ARRAY} elements`);
  return given.map((element, i) => scalarOf(element, type.of, { ...place, label: `${label}, element [${i}]` }));
}

function recordOf(given: unknown, properties: readonly Property[], place: Place): RecordValue {
  const { label } = place;
  const shape = properties.map(({ name, type }) => `${name} (${type})`).join(', ');
  if (!isObject(given)) throw mustBe(label, `an object with ${shape}`, given);
  const unknown = Object.keys(given).find((name) => !properties.some((property) => property.name === name));
  if (unknown !== undefined) {
    throw new GivenValueError(`${label} has no property "${quotable(unknown)}": it is an object with ${shape}`);
  }
  const values = properties.map(({ name, type }) => {
    if (!Object.hasOwn(given, name)) throw new GivenValueError(`${label}: its property ${name} (${type}) is missing`);
    return scalarOf(given[name], type, { ...place, label: `${label}, property ${name}` });
  });
  return new RecordValue(namesOf(properties), values);
}

function scalarOf(given: unknown, type: Scalar, { label, addressOf }: Place): ScalarValue {
  switch (type) {
    case 'boolean':
      if (typeof given === 'boolean') return given;
      throw mustBe(label, 'true or false', given);
    case 'number':
      // Numbers of contracts have no −0.
      if (typeof given === 'number' && Number.isSafeInteger(given)) return given === 0 ? 0 : given;
      throw mustBe(label, 'a whole number of at most 2^53 - 1', given);
    case 'bigint':
      return bigintOf(given, label);
    case 'string':
      return textOf(given, label);
    default:
      return addressValueOf(given, label, addressOf);
  }
}

function bigintOf(given: unknown, label: string): bigint {
  const value = wholeOf(given);
  if (value === undefined) {
    const advice = typeof given === 'number' && Number.isInteger(given) ? ', in quotes, because it is large' : '';
    throw mustBe(label, `a whole number, such as 5 or "5"${advice}`, given);
  }
  if (value <= MAX_BIGINT && value >= -MAX_BIGINT) return value;
  throw new GivenValueError(`${label} is beyond 2^255 - 1, the largest bigint`);
}

function wholeOf(given: unknown): bigint | undefined {
  if (typeof given === 'bigint') return given;
  if (typeof given === 'number') return Number.isSafeInteger(given) ? BigInt(given) : undefined;
  if (typeof given !== 'string' || given.length > MAX_BIGINT_CHARS || !DECIMAL.test(given)) return undefined;
  return BigInt(given);
}

function textOf(given: unknown, label: string): string {
  if (typeof given !== 'string') throw mustBe(label, 'a text', given);
  if (given.length > MAX_TEXT_UNITS) {
    throw new GivenValueError(`${label} has ${given.length} UTF-16 units; a text has at most ${MAX_TEXT_UNITS}`);
  }
  if (isWellFormed(given)) return given;
  throw new GivenValueError(`${label} holds half of a character that has two UTF-16 units`);
}

function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

function addressValueOf(given: unknown, label: string, addressOf: AddressReader): AddressValue {
  const text = isObject(given) && Object.hasOwn(given, 'address') ? given.address : given;
  if (typeof text !== 'string') throw mustBe(label, 'an address, or the name of an account, as a text', given);
  try {
    return new AddressValue(addressOf(text));
  } catch (error) {
    if (error instanceof GivenValueError) throw new GivenValueError(`${label}: ${error.message}`);
    throw error;
  }
}

function mustBe(label: string, wanted: string, given: unknown): GivenValueError {
  return new GivenValueError(`${label} must be ${wanted}, not ${shown(given)}`);
}

/** What was given, short enough for a message. */
function shown(given: unknown): string {
  if (Array.isArray(given)) return 'a list';
  switch (typeof given) {
    case 'string':
      return LIKE_A_KEY.test(given) ? 'a text that may be a key' : `the text ${JSON.stringify(quotable(given))}`;
    case 'object':
      return given === null ? 'null' : 'an object';
    case 'number':
    case 'boolean':
    case 'undefined':
      return String(given);
    default:
      return `a ${typeof given}`;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function plural(count: number): string {
  return `${count} argument${count === 1 ? '' : 's'}`;
}
