import { MAX_BIGINT, MAX_TEXT_UNITS } from '../../../consensus/contract/limits.ts';
import { Trap } from '../../../consensus/contract/trap.ts';
import { describeType, describeValue, hasType, type ValueType } from '../../../consensus/contract/types.ts';
import { AddressValue, RecordValue, type ScalarValue, type Value } from '../../../consensus/contract/value.ts';
import { addressObject, rawAddressOf } from './native-address.ts';

// Values of the machine and of JavaScript. Both ways they are copies.

/** A value as the machine has it. Traps for what no contract can hold, such as 3.5, null or a function. */
export function machineValue(value: unknown): Value {
  if (Array.isArray(value)) return value.map(machineScalar);
  if (!isRecord(value)) return machineScalar(value);
  return new RecordValue(Object.keys(value), Object.values(value).map(machineScalar));
}

/** {@link machineValue}, of a type. Traps for another one. */
export function machineValueOf(value: unknown, type: ValueType): Value {
  const found = machineValue(value);
  if (!hasType(found, type)) throw new Trap('wrong-type', describeType(type), describeValue(found));
  return found;
}

/** A value without parts as the machine has it. Traps for any other. */
export function machineScalar(value: unknown): ScalarValue {
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'number':
      if (!Number.isSafeInteger(value)) throw new Trap(Number.isInteger(value) ? 'number-too-large' : 'not-whole', '/');
      // Numbers of contracts have no −0.
      return value === 0 ? 0 : value;
    case 'bigint':
      if (value > MAX_BIGINT || value < -MAX_BIGINT) throw new Trap('bigint-too-large');
      return value;
    case 'string':
      if (value.length > MAX_TEXT_UNITS) throw new Trap('text-too-long', `${MAX_TEXT_UNITS}`);
      if (/\p{Surrogate}/u.test(value)) throw new Trap('cut-character');
      return value;
    case 'undefined':
      throw new Trap('no-value-yet');
    default: {
      const raw = rawAddressOf(value);
      if (raw !== undefined) return new AddressValue(raw);
      throw new Trap('wrong-type', 'a value without parts', value === null ? 'null' : `a ${typeof value}`);
    }
  }
}

/** A value as JavaScript has it. A record cannot be changed, as on the machine. */
export function nativeValue(value: Value): unknown {
  if (Array.isArray(value)) return value.map(nativeScalar);
  if (!(value instanceof RecordValue)) return nativeScalar(value);
  return Object.freeze(
    Object.fromEntries(value.names.map((name, i) => [name, nativeScalar(value.values[i] as ScalarValue)])),
  );
}

function nativeScalar(value: ScalarValue): unknown {
  return value instanceof AddressValue ? addressObject(value.address) : value;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
