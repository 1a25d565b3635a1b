import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../consensus/codec.ts';
import {
  bytesEqual,
  bytesToHex,
  bytesToUtf8,
  concatBytes,
  hexToBytes,
  reversedBytesToHex,
  utf8ToBytes,
} from '../../consensus/hex.ts';
import { bytesOf } from './arbitraries.ts';

describe('hex', () => {
  it('gives back the bytes it encoded', () => {
    fc.assert(
      fc.property(fc.nat({ max: 40 }).chain(bytesOf), (bytes) => {
        expect(hexToBytes(bytesToHex(bytes))).toEqual(bytes);
      }),
    );
  });

  it.each([0, 1, 32, 512, 513, 5_000])('is two digits for each of %i bytes, in either order', (length) => {
    const bytes = Uint8Array.from({ length }, (_, i) => i * 7);
    expect(bytesToHex(bytes)).toBe(Buffer.from(bytes).toString('hex'));
    expect(reversedBytesToHex(bytes)).toBe(Buffer.from(bytes.toReversed()).toString('hex'));
  });

  it.each(['0', 'AB', '0x', 'zz', ' 00', '00\n', 'é0'])('refuses %j', (text) => {
    expect(() => hexToBytes(text)).toThrow(DecodeError);
  });
});

describe('utf8', () => {
  it('gives back every well-formed text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(bytesToUtf8(utf8ToBytes(text))).toBe(text);
      }),
    );
  });

  it('agrees with the platform and keeps a byte order mark', () => {
    expect(utf8ToBytes('로어 🍴')).toEqual(new Uint8Array(Buffer.from('로어 🍴')));
    expect(bytesToUtf8(Uint8Array.of(0xef, 0xbb, 0xbf))).toBe('\ufeff');
  });

  it('refuses what is not UTF-8 in either direction', () => {
    expect(() => bytesToUtf8(Uint8Array.of(0xc0, 0x80))).toThrow(DecodeError);
    expect(() => bytesToUtf8(Uint8Array.of(0xed, 0xa0, 0x80))).toThrow(DecodeError);
    expect(() => utf8ToBytes('\ud800')).toThrow(DecodeError);
  });
});

describe('byte strings', () => {
  it('are equal only with the same length and content', () => {
    expect(bytesEqual(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
    expect(bytesEqual(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
    expect(bytesEqual(Uint8Array.of(1, 2), Uint8Array.of(1))).toBe(false);
  });

  it('are joined in order', () => {
    expect(concatBytes(Uint8Array.of(1), new Uint8Array(), Uint8Array.of(2, 3))).toEqual(Uint8Array.of(1, 2, 3));
  });
});
