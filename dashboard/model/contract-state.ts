import { ByteReader } from '../../consensus/codec.ts';
import { decodeUntypedValue, decodeValue } from '../../consensus/contract/encoding.ts';
import type { ResultType, Scalar, ValueType } from '../../consensus/contract/types.ts';
import { hexToBytes } from '../../consensus/hex.ts';
import { type ShownScalar, type ShownValue, shownValue } from './contract-value.ts';

/**
 * A value that a node gives as JSON text, by the type that the source declares: an account looks like a text there. Throws
 * for what is no value of the type.
 */
export function shownStored(json: string, type: ValueType): ShownValue {
  const value: unknown = JSON.parse(json);
  switch (type.kind) {
    case 'scalar':
      return shownScalar(value, type.scalar);
    case 'array':
      if (!Array.isArray(value)) throw new TypeError('a node gives no list where the source declares one');
      return { kind: 'list', items: value.map((item) => shownScalar(item, type.of)) };
    case 'record': {
      const given = value as Readonly<Record<string, unknown>>;
      const properties = type.properties.map((each) => ({
        name: each.name,
        value: shownScalar(given[each.name], each.type),
      }));
      return { kind: 'record', properties };
    }
  }
}

function shownScalar(value: unknown, type: Scalar): ShownScalar {
  if (typeof value === 'object' || value === undefined) throw new TypeError(`a node gives no ${type}`);
  const text = String(value);
  if (type === 'Address') return { kind: 'account', address: text };
  return type === 'string' ? { kind: 'text', text } : { kind: 'plain', text };
}

/** The result of a method, from its encoding; null where it gives nothing. Throws `DecodeError`. */
export function shownResult(hex: string | null, type: ResultType, addressPrefix: string): ShownValue | null {
  if (hex === null) return null;
  const reader = new ByteReader(hexToBytes(hex));
  return shownValue(type === undefined ? decodeUntypedValue(reader) : decodeValue(reader, type), addressPrefix);
}
