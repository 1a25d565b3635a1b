import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter, DecodeError } from '../../consensus/codec.ts';
import { InvariantError } from '../../consensus/errors.ts';
import { bytesOf, i32, u8, u16, u32, u64 } from './arbitraries.ts';

describe('ByteReader and ByteWriter', () => {
  it('read back what was written, little-endian', () => {
    fc.assert(
      fc.property(u8, u16, u32, i32, u64, bytesOf(5), (a, b, c, d, e, f) => {
        const bytes = new ByteWriter(1 + 2 + 4 + 4 + 8 + 5).u8(a).u16(b).u32(c).i32(d).u64(e).bytes(f).finish();
        const reader = new ByteReader(bytes);
        expect([reader.u8(), reader.u16(), reader.u32(), reader.i32(), reader.u64(), reader.bytes(5)]).toEqual([
          a,
          b,
          c,
          d,
          e,
          f,
        ]);
        reader.end();
      }),
    );
    expect(new ByteWriter(4).u32(0x01020304).finish()).toEqual(Uint8Array.of(4, 3, 2, 1));
  });

  it('read from a view that does not start at its buffer’s start', () => {
    const reader = new ByteReader(Uint8Array.of(9, 9, 1, 0, 7).subarray(2));
    expect(reader.u16()).toBe(1);
    expect(reader.offset).toBe(2);
    expect(reader.readSince(0)).toEqual(Uint8Array.of(1, 0));
    expect(reader.remaining).toBe(1);
  });

  it('refuse to read past the end, and trailing bytes', () => {
    expect(() => new ByteReader(Uint8Array.of(1, 2, 3)).u32()).toThrow(DecodeError);
    expect(() => new ByteReader(Uint8Array.of(1)).bytes(2)).toThrow(DecodeError);
    expect(() => new ByteReader(Uint8Array.of(1)).end()).toThrow(DecodeError);
  });

  it('take a value out of range, a gap or an overrun for our own bug', () => {
    expect(() => new ByteWriter(1).u8(256)).toThrow(InvariantError);
    expect(() => new ByteWriter(2).u16(-1)).toThrow(InvariantError);
    expect(() => new ByteWriter(4).u32(0.5)).toThrow(InvariantError);
    expect(() => new ByteWriter(4).i32(0x8000_0000)).toThrow(InvariantError);
    expect(() => new ByteWriter(8).u64(2n ** 64n)).toThrow(InvariantError);
    expect(() => new ByteWriter(8).u64(-1n)).toThrow(InvariantError);
    expect(() => new ByteWriter(1).u16(1)).toThrow(InvariantError);
    expect(() => new ByteWriter(1).bytes(new Uint8Array(2))).toThrow(InvariantError);
    expect(() => new ByteWriter(2).u8(1).finish()).toThrow(InvariantError);
  });
});
