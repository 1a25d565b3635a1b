import { ADDRESS_BYTES } from '../address.ts';
import { type ByteReader, ByteWriter, DecodeError } from '../codec.ts';
import { InvariantError } from '../errors.ts';
import { bytesToHex, bytesToUtf8, hexToBytes, utf8ToBytes } from '../hex.ts';
import { MAX_ARRAY, MAX_BIGINT, MAX_TEXT_UNITS } from './limits.ts';
import { utf8Bytes } from './text.ts';
import { namesOf, type Scalar, scalarOf, type ValueType } from './types.ts';
import { AddressValue, RecordValue, type ScalarValue, type Value } from './value.ts';

/** The first byte of an encoded value. */
const KIND = { false: 0, true: 1, number: 2, bigint: 3, text: 4, array: 5, address: 6, record: 7 } as const;

const KIND_BYTES = 1;
const NUMBER_BYTES = 8;
const COUNT_BYTES = 2;
const PROPERTY_COUNT_BYTES = 1;
/** The second byte of a bigint: its sign, and the length of its magnitude. */
const NEGATIVE = 0x80;
const MAX_MAGNITUDE_BYTES = 32;
/** The two's complement of a number. QuickJS gives −3 for `BigInt.asUintN(64, -3n)`. */
const LOW_64_BITS = (1n << 64n) - 1n;

/** Bytes of an encoded value. It stops counting above `limit`, so that a long array costs no more than its limit. */
export function encodedBytes(value: Value, limit: number): number {
  if (Array.isArray(value)) return KIND_BYTES + COUNT_BYTES + sumOfBytes(value, limit);
  if (value instanceof RecordValue) return KIND_BYTES + PROPERTY_COUNT_BYTES + sumOfBytes(value.values, limit);
  return scalarBytes(value);
}

function sumOfBytes(values: readonly ScalarValue[], limit: number): number {
  let sizeBytes = 0;
  for (const value of values) {
    sizeBytes += scalarBytes(value);
    if (sizeBytes > limit) break;
  }
  return sizeBytes;
}

function scalarBytes(value: ScalarValue): number {
  switch (typeof value) {
    case 'boolean':
      return KIND_BYTES;
    case 'number':
      return KIND_BYTES + NUMBER_BYTES;
    case 'bigint':
      return KIND_BYTES + 1 + magnitudeBytes(value);
    case 'string':
      return KIND_BYTES + COUNT_BYTES + utf8Bytes(value);
    default:
      return KIND_BYTES + ADDRESS_BYTES;
  }
}

function magnitudeBytes(value: bigint): number {
  return value === 0n ? 0 : (hexOfMagnitude(value).length + 1) >> 1;
}

function hexOfMagnitude(value: bigint): string {
  return (value < 0n ? -value : value).toString(16);
}

/**
 * The one encoding of a value, `kind u8 ‖ content`: docs/contracts.md. `type` gives the properties of a record their order,
 * and is one that the value has.
 */
export function encodeValue(value: Value, type?: ValueType): Uint8Array {
  const writer = new ByteWriter(encodedBytes(value, Number.POSITIVE_INFINITY));
  if (Array.isArray(value)) {
    writer.u8(KIND.array).u16(value.length);
    for (const element of value) writeScalar(writer, element);
  } else if (value instanceof RecordValue) {
    if (type?.kind !== 'record') throw new InvariantError('a record is encoded by its type');
    writer.u8(KIND.record).u8(type.properties.length);
    for (const { name } of type.properties) {
      writeScalar(writer, value.values[value.names.indexOf(name)] as ScalarValue);
    }
  } else {
    writeScalar(writer, value);
  }
  return writer.finish();
}

function writeScalar(writer: ByteWriter, value: ScalarValue): void {
  switch (typeof value) {
    case 'boolean':
      writer.u8(value ? KIND.true : KIND.false);
      return;
    case 'number':
      writer.u8(KIND.number).u64(BigInt(value) & LOW_64_BITS);
      return;
    case 'bigint': {
      const hex = value === 0n ? '' : hexOfMagnitude(value);
      const magnitude = hexToBytes(hex.length % 2 === 0 ? hex : `0${hex}`).reverse();
      writer
        .u8(KIND.bigint)
        .u8(magnitude.length | (value < 0n ? NEGATIVE : 0))
        .bytes(magnitude);
      return;
    }
    case 'string': {
      const utf8 = utf8ToBytes(value);
      writer.u8(KIND.text).u16(utf8.length).bytes(utf8);
      return;
    }
    default:
      writer.u8(KIND.address).bytes(hexToBytes(value.address));
  }
}

/** Reads a value of a type. Throws `DecodeError` for anything else, and for a second encoding of the same value. */
export function decodeValue(reader: ByteReader, type: ValueType): Value {
  if (type.kind === 'scalar') return readScalar(reader, type.scalar);
  const kind = reader.u8();
  if (type.kind === 'array') {
    if (kind !== KIND.array) throw new DecodeError(`kind ${kind} is no array`);
    const length = reader.u16();
    if (length > MAX_ARRAY) throw new DecodeError(`an array has at most ${MAX_ARRAY} elements, not ${length}`);
    return Array.from({ length }, () => readScalar(reader, type.of));
  }
  const { properties } = type;
  if (kind !== KIND.record || reader.u8() !== properties.length)
    throw new DecodeError(`kind ${kind} is no ${type.name}`);
  return new RecordValue(
    namesOf(properties),
    properties.map((property) => readScalar(reader, property.type)),
  );
}

/**
 * Reads a value of any type: what an event or a result holds, for those who do not have the source. Of a record only the
 * values are encoded, so that it is given as an array. Throws like {@link decodeValue}.
 */
export function decodeUntypedValue(reader: ByteReader): ScalarValue | ScalarValue[] {
  const kind = reader.u8();
  if (kind === KIND.record) return Array.from({ length: reader.u8() }, () => readAnyScalar(reader));
  if (kind !== KIND.array) return readScalarOfKind(reader, kind);
  const length = reader.u16();
  if (length > MAX_ARRAY) throw new DecodeError(`an array has at most ${MAX_ARRAY} elements, not ${length}`);
  return Array.from({ length }, () => readAnyScalar(reader));
}

function readScalar(reader: ByteReader, type: Scalar): ScalarValue {
  const value = readAnyScalar(reader);
  if (scalarOf(value) !== type) throw new DecodeError(`${type} is wanted, not ${scalarOf(value)}`);
  return value;
}

function readAnyScalar(reader: ByteReader): ScalarValue {
  return readScalarOfKind(reader, reader.u8());
}

function readScalarOfKind(reader: ByteReader, kind: number): ScalarValue {
  switch (kind) {
    case KIND.false:
      return false;
    case KIND.true:
      return true;
    case KIND.number:
      return readNumber(reader);
    case KIND.bigint:
      return readBigint(reader);
    case KIND.text:
      return readText(reader);
    case KIND.address:
      return new AddressValue(bytesToHex(reader.bytes(ADDRESS_BYTES)));
    default:
      throw new DecodeError(`kind ${kind} has no value`);
  }
}

function readNumber(reader: ByteReader): number {
  const value = Number(BigInt.asIntN(64, reader.u64()));
  if (!Number.isSafeInteger(value)) throw new DecodeError('number beyond 2^53 - 1');
  return value;
}

function readBigint(reader: ByteReader): bigint {
  const head = reader.u8();
  const length = head & ~NEGATIVE;
  if (length > MAX_MAGNITUDE_BYTES) throw new DecodeError(`bigint of ${length} bytes`);
  const magnitude = reader.bytes(length);
  if (length === 0 ? head !== 0 : magnitude[length - 1] === 0) throw new DecodeError('bigint in a second encoding');
  const value = length === 0 ? 0n : BigInt(`0x${bytesToHex(magnitude.toReversed())}`);
  if (value > MAX_BIGINT) throw new DecodeError('bigint beyond 2^255 - 1');
  return head & NEGATIVE ? -value : value;
}

function readText(reader: ByteReader): string {
  const text = bytesToUtf8(reader.bytes(reader.u16()));
  if (text.length > MAX_TEXT_UNITS) throw new DecodeError(`text of ${text.length} units`);
  return text;
}
