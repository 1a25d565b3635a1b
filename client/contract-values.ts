import { formatAddress } from '../consensus/address.ts';
import { ByteReader } from '../consensus/codec.ts';
import { decodeUntypedValue, decodeValue } from '../consensus/contract/encoding.ts';
import type { ResultType } from '../consensus/contract/types.ts';
import { AddressValue, RecordValue, type ScalarValue, type Value } from '../consensus/contract/value.ts';
import { hexToBytes } from '../consensus/hex.ts';
import type { ContractValue } from './contract-types.ts';

// All throw `DecodeError` for bytes that are no values.

/** A result. @param type declared by its method; undefined: not known @param addressPrefix of the network */
export function decodeResult(hex: string, type: ResultType, addressPrefix: string): ContractValue {
  const reader = new ByteReader(hexToBytes(hex));
  const value = type === undefined ? decodeUntypedValue(reader) : decodeValue(reader, type);
  reader.end();
  return shownValue(value, addressPrefix);
}

/** Values one after the other: of an event, or arguments. @param addressPrefix of the network */
export function decodeValues(hex: string, addressPrefix: string): ContractValue[] {
  const reader = new ByteReader(hexToBytes(hex));
  const values: ContractValue[] = [];
  while (reader.remaining > 0) values.push(shownValue(decodeUntypedValue(reader), addressPrefix));
  return values;
}

/**
 * A result of a receipt, which does not say what the properties of a record are called. @param type declared by its method
 */
export function namedResult(result: ContractValue | null, type: ResultType): ContractValue | null {
  if (type?.kind !== 'record' || !Array.isArray(result)) return result;
  return Object.fromEntries(type.properties.map(({ name }, i) => [name, result[i]]));
}

/** A value of the machine as a program gets it. */
export function shownValue(value: Value, addressPrefix: string): ContractValue {
  const shown = (scalar: ScalarValue) =>
    scalar instanceof AddressValue ? formatAddress(scalar.address, addressPrefix) : scalar;
  if (Array.isArray(value)) return value.map(shown);
  if (!(value instanceof RecordValue)) return shown(value);
  return Object.fromEntries(value.names.map((name, i) => [name, shown(value.values[i] as ScalarValue)]));
}
