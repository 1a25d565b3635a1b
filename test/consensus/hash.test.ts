import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../consensus/codec.ts';
import { doubleSha256, hashFromBytes, hashToBytes, isHash, ZERO_HASH } from '../../consensus/hash.ts';
import { sha256 } from '../../consensus/sha256.ts';
import { hexOf } from './arbitraries.ts';

describe('hashes', () => {
  it('agree with the platform’s SHA-256', () => {
    const platform = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(sha256(bytes)).toEqual(platform(bytes));
        expect(doubleSha256(bytes)).toEqual(platform(platform(bytes)));
      }),
    );
  });

  it('are right for every length around the ends of blocks', () => {
    for (let length = 0; length <= 260; length++) {
      const message = Uint8Array.from({ length }, (_, i) => i * 31 + length);
      expect(sha256(message)).toEqual(new Uint8Array(createHash('sha256').update(message).digest()));
      // A view that begins in the middle of something else.
      expect(sha256(new Uint8Array([9, ...message, 9]).subarray(1, 1 + length))).toEqual(sha256(message));
    }
  });

  it('are shown reversed, and read back', () => {
    expect(hashFromBytes(Uint8Array.from({ length: 32 }, (_, i) => i))).toMatch(/^1f1e1d.*020100$/);
    fc.assert(
      fc.property(hexOf(32), (hash) => {
        expect(hashFromBytes(hashToBytes(hash))).toBe(hash);
      }),
    );
  });

  it('leave the bytes they are made from alone', () => {
    const bytes = Uint8Array.of(1, 2, 3);
    hashFromBytes(bytes);
    expect(bytes).toEqual(Uint8Array.of(1, 2, 3));
  });

  it('are 64 lower-case hex digits', () => {
    expect(isHash(ZERO_HASH)).toBe(true);
    for (const text of ['', '0'.repeat(63), '0'.repeat(65), 'A'.repeat(64), `${'0'.repeat(64)}\n`]) {
      expect(isHash(text)).toBe(false);
    }
    expect(() => hashToBytes('xy')).toThrow(DecodeError);
  });
});
