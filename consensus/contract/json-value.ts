import type { Address } from '../address.ts';
import { AddressValue, RecordValue, type ScalarValue, type Value } from './value.ts';

/** A value as JSON has it. */
export type JsonScalar = number | string | boolean;
export type JsonValue = JsonScalar | JsonScalar[] | Record<string, JsonScalar>;

/**
 * The form of a value for people and programs outside of contracts: a bigint as decimal digits, an address as
 * `shownAddress` gives it, a record as an object. Only the type tells a bigint or an address from a text.
 */
export function jsonOfValue(value: Value, shownAddress: (address: Address) => string): JsonValue {
  if (Array.isArray(value)) return value.map((element) => jsonOfScalar(element, shownAddress));
  if (!(value instanceof RecordValue)) return jsonOfScalar(value, shownAddress);
  return Object.fromEntries(
    value.names.map((name, i) => [name, jsonOfScalar(value.values[i] as ScalarValue, shownAddress)]),
  );
}

function jsonOfScalar(value: ScalarValue, shownAddress: (address: Address) => string): JsonScalar {
  if (typeof value === 'bigint') return String(value);
  return value instanceof AddressValue ? shownAddress(value.address) : value;
}
