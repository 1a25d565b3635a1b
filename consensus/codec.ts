import { assertInvariant } from './errors.ts';

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

/** Reads fixed-width little-endian integers and byte strings in order. Throws {@link DecodeError} past the end. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
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
    return this.#view.getUint8(this.#advance(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  i32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#advance(8), true);
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

/** Fills a buffer whose exact size is known beforehand. A value out of range is our own bug: `InvariantError`. */
export class ByteWriter {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(sizeBytes: number) {
    this.#bytes = new Uint8Array(sizeBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  u8(value: number): this {
    this.#view.setUint8(this.#advance(1), checkedInteger(value, 0, 0xff));
    return this;
  }

  u16(value: number): this {
    this.#view.setUint16(this.#advance(2), checkedInteger(value, 0, 0xffff), true);
    return this;
  }

  u32(value: number): this {
    this.#view.setUint32(this.#advance(4), checkedInteger(value, 0, 0xffff_ffff), true);
    return this;
  }

  i32(value: number): this {
    this.#view.setInt32(this.#advance(4), checkedInteger(value, -0x8000_0000, 0x7fff_ffff), true);
    return this;
  }

  u64(value: bigint): this {
    assertInvariant(value >= 0n && value < 1n << 64n, `${value} does not fit 64 bits`);
    this.#view.setBigUint64(this.#advance(8), value, true);
    return this;
  }

  bytes(bytes: Uint8Array): this {
    this.#bytes.set(bytes, this.#advance(bytes.length));
    return this;
  }

  /** The filled buffer. Throws `InvariantError` unless every byte was written. */
  finish(): Uint8Array {
    assertInvariant(this.#offset === this.#bytes.length, `${this.#bytes.length - this.#offset} bytes never written`);
    return this.#bytes;
  }

  #advance(length: number): number {
    const start = this.#offset;
    assertInvariant(start + length <= this.#bytes.length, `write past the end of ${this.#bytes.length} bytes`);
    this.#offset = start + length;
    return start;
  }
}

function checkedInteger(value: number, minimum: number, maximum: number): number {
  assertInvariant(Number.isInteger(value) && value >= minimum && value <= maximum, `${value} is out of range`);
  return value;
}
