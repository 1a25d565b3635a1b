import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../consensus/codec.ts';
import { doubleSha256, hashFromBytes, hashToBytes, isHash, sha256, ZERO_HASH } from '../../consensus/hash.ts';
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
