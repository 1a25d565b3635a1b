import { InvariantError } from './errors.ts';

/** The bytes or text are not the one encoding of a value. Every decoder throws this and nothing else. */
export class DecodeError extends Error {
  /** The rule that is broken when such bytes come from a peer. */
  readonly code: 'malformed' | 'reserved-kind';

  constructor(message: string, code: 'malformed' | 'reserved-kind' = 'malformed') {
    super(message);
    this.name = 'DecodeError';
    this.code = code;
  }
}

const MAX_U64 = (1n << 64n) - 1n;
/** For 64 bits at a time. A view for each reader and writer would cost more than most of what they do. */
const eight = new DataView(new ArrayBuffer(8));

/** Reads fixed-width little-endian integers and byte strings in order. Throws {@link DecodeError} past the end. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Bytes read so far. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes left to read. */
  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  u8(): number {
    return this.#bytes[this.#advance(1)] as number;
  }

  u16(): number {
    const at = this.#advance(2);
    return (this.#bytes[at] as number) | ((this.#bytes[at + 1] as number) << 8);
  }

  u32(): number {
    return this.i32() >>> 0;
  }

  i32(): number {
    const at = this.#advance(4);
    const bytes = this.#bytes;
    return (
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)
    );
  }

  u64(): bigint {
    eight.setInt32(0, this.i32(), true);
    eight.setInt32(4, this.i32(), true);
    return eight.getBigUint64(0, true);
  }

  /** The next `length` bytes as a view into the input, not a copy. */
  bytes(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** Everything read since `start`, an earlier {@link offset}: the exact bytes of a decoded value, as a view. */
  readSince(start: number): Uint8Array {
    return this.#bytes.subarray(start, this.#offset);
  }

  /** Throws {@link DecodeError} if any byte is left. */
  end(): void {
    if (this.remaining > 0) throw new DecodeError(`${this.remaining} trailing bytes`);
  }

  #advance(length: number): number {
    const start = this.#offset;
    if (length > this.remaining) {
      throw new DecodeError(`${length} bytes wanted at offset ${start}, ${this.remaining} left`);
    }
    this.#offset = start + length;
    return start;
  }
}

/**
 * Fills a buffer whose exact size is known beforehand. A value out of range is our own bug: `InvariantError`, whose text
 * is made only where it is thrown, because this is done millions of times.
 */
export class ByteWriter {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(sizeBytes: number) {
    this.#bytes = new Uint8Array(sizeBytes);
  }

  u8(value: number): this {
    this.#bytes[this.#advance(1)] = checkedInteger(value, 0, 0xff);
    return this;
  }

  u16(value: number): this {
    const at = this.#advance(2);
    this.#bytes[at] = checkedInteger(value, 0, 0xffff);
    this.#bytes[at + 1] = value >>> 8;
    return this;
  }

  u32(value: number): this {
    return this.#word(checkedInteger(value, 0, 0xffff_ffff));
  }

  i32(value: number): this {
    return this.#word(checkedInteger(value, -0x8000_0000, 0x7fff_ffff));
  }

  u64(value: bigint): this {
    if (value < 0n || value > MAX_U64) throw new InvariantError(`${value} does not fit 64 bits`);
    eight.setBigUint64(0, value, true);
    return this.#word(eight.getInt32(0, true)).#word(eight.getInt32(4, true));
  }

  bytes(bytes: Uint8Array): this {
    this.#bytes.set(bytes, this.#advance(bytes.length));
    return this;
  }

  /** The filled buffer. Throws `InvariantError` unless every byte was written. */
  finish(): Uint8Array {
    const missing = this.#bytes.length - this.#offset;
    if (missing > 0) throw new InvariantError(`${missing} bytes never written`);
    return this.#bytes;
  }

  /** The low 32 bits of an integer. */
  #word(value: number): this {
    const at = this.#advance(4);
    const bytes = this.#bytes;
    bytes[at] = value;
    bytes[at + 1] = value >>> 8;
    bytes[at + 2] = value >>> 16;
    bytes[at + 3] = value >>> 24;
    return this;
  }

  #advance(length: number): number {
    const start = this.#offset;
    if (start + length > this.#bytes.length) {
      throw new InvariantError(`write past the end of ${this.#bytes.length} bytes`);
    }
    this.#offset = start + length;
    return start;
  }
}

function checkedInteger(value: number, minimum: number, maximum: number): number {
  if (!Number.isInteger(value) || value < minimum || value > maximum) {
    throw new InvariantError(`${value} is out of range`);
  }
  return value;
}
