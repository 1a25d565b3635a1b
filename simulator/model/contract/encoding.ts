import { bytesToHex, bytesToUtf8, concatBytes, hexToBytes, utf8ToBytes } from '../../../consensus/hex.ts';
import { MAX_ARRAY, MAX_BIGINT, MAX_NUMBER, MAX_TEXT_UNITS } from './limits.ts';
import type { ScalarType, ValueType } from './types.ts';
import { AddressOf, RecordOf, type Scalar, type Value } from './value.ts';

const FALSE = 0;
const TRUE = 1;
const NUMBER = 2;
const BIGINT = 3;
const TEXT = 4;
const ARRAY = 5;
const ADDRESS = 6;
const RECORD = 7;

const ADDRESS_BYTES = 20;
const MAX_MAGNITUDE_BYTES = 32;
const NEGATIVE = 0x80;

/** Section 5 of `docs/contracts.md`. The values of a record stand in the order of the type, which records need. */
export function encode(value: Value, type: ValueType): Uint8Array {
  if (Array.isArray(value)) return concatBytes(Uint8Array.of(ARRAY), u16(value.length), ...value.map(encodeScalar));
  if (!(value instanceof RecordOf)) return encodeScalar(value);
  if (type.kind !== 'record') throw new Error('a record is encoded by its type');
  const values = type.properties.map(({ name }) => encodeScalar(value.values.get(name) as Scalar));
  return concatBytes(Uint8Array.of(RECORD, values.length), ...values);
}

/** {@link encode} of what needs no type. */
export function encodeScalar(value: Scalar): Uint8Array {
  if (typeof value === 'boolean') return Uint8Array.of(value ? TRUE : FALSE);
  if (typeof value === 'bigint') return encodeBigint(value);
  if (value instanceof AddressOf) return concatBytes(Uint8Array.of(ADDRESS), hexToBytes(value.hex));
  if (typeof value === 'string') {
    const bytes = utf8ToBytes(value);
    return concatBytes(Uint8Array.of(TEXT), u16(bytes.length), bytes);
  }
  const bytes = new DataView(new ArrayBuffer(9));
  bytes.setUint8(0, NUMBER);
  bytes.setBigInt64(1, BigInt(value), true);
  return new Uint8Array(bytes.buffer);
}

function encodeBigint(value: bigint): Uint8Array {
  const magnitude: number[] = [];
  for (let rest = value < 0n ? -value : value; rest > 0n; rest /= 256n) magnitude.push(Number(rest % 256n));
  return Uint8Array.of(BIGINT, magnitude.length + (value < 0n ? NEGATIVE : 0), ...magnitude);
}

function u16(value: number): Uint8Array {
  return Uint8Array.of(value % 256, Math.floor(value / 256));
}

/** The values that stand in bytes one after the other, or undefined if these are not exactly values of the types. */
export function decode(bytes: Uint8Array, types: readonly ValueType[]): Value[] | undefined {
  const decoder = new Decoder(bytes);
  try {
    const values = types.map((type) => decoder.value(type));
    return decoder.isAtEnd ? values : undefined;
  } catch (error) {
    if (error instanceof NoValue) return undefined;
    throw error;
  }
}

/** The bytes are no value of the type. */
class NoValue extends Error {}

class Decoder {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  value(type: ValueType): Value {
    if (type.kind === 'scalar') return this.#scalar(type.scalar);
    if (type.kind === 'array') {
      this.#expect(this.#byte() === ARRAY);
      const count = this.#u16();
      this.#expect(count <= MAX_ARRAY);
      return Array.from({ length: count }, () => this.#scalar(type.elements));
    }
    this.#expect(this.#byte() === RECORD && this.#byte() === type.properties.length);
    return new RecordOf(new Map(type.properties.map(({ name, type }) => [name, this.#scalar(type)])));
  }

  #scalar(type: ScalarType): Scalar {
    const kind = this.#byte();
    if (type === 'boolean') {
      this.#expect(kind === TRUE || kind === FALSE);
      return kind === TRUE;
    }
    this.#expect(kind === { number: NUMBER, bigint: BIGINT, string: TEXT, Address: ADDRESS }[type]);
    if (type === 'number') return this.#number();
    if (type === 'bigint') return this.#bigint();
    if (type === 'Address') return new AddressOf(bytesToHex(this.#take(ADDRESS_BYTES)));
    return this.#text();
  }

  #number(): number {
    const bytes = this.#take(8);
    const value = new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(0, true);
    this.#expect(value <= MAX_NUMBER && value >= -MAX_NUMBER);
    return Number(value);
  }

  #bigint(): bigint {
    const head = this.#byte();
    const isNegative = head >= NEGATIVE;
    const length = isNegative ? head - NEGATIVE : head;
    this.#expect(length <= MAX_MAGNITUDE_BYTES && head !== NEGATIVE);
    const bytes = this.#take(length);
    this.#expect(bytes.at(-1) !== 0);
    const magnitude = bytes.reduceRight((sum, byte) => 256n * sum + BigInt(byte), 0n);
    this.#expect(magnitude <= MAX_BIGINT);
    return isNegative ? -magnitude : magnitude;
  }

  #text(): string {
    const bytes = this.#take(this.#u16());
    let text: string;
    try {
      text = bytesToUtf8(bytes);
    } catch {
      throw new NoValue();
    }
    this.#expect(text.length <= MAX_TEXT_UNITS);
    return text;
  }

  #u16(): number {
    const low = this.#byte();
    return low + 256 * this.#byte();
  }

  #byte(): number {
    return this.#take(1)[0] as number;
  }

  #take(length: number): Uint8Array {
    this.#expect(this.#at + length <= this.#bytes.length);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  #expect(condition: boolean): void {
    if (!condition) throw new NoValue();
  }
}
