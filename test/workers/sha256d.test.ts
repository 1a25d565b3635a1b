import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { doubleSha256, hashFromBytes } from '../../consensus/hash.ts';
import { hexToBytes } from '../../consensus/hex.ts';
import { bitsToTarget, hashToInteger } from '../../consensus/target.ts';
import { prepareHeader, searchNonces } from '../../workers/sha256d.ts';

const LAST_NONCE = 2 ** 32 - 1;
const MAX_TARGET = 2n ** 256n - 1n;
const BITCOIN_GENESIS_PREFIX = hexToBytes(
  '0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e' +
    '67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d',
);
const BITCOIN_GENESIS_NONCE = 2083236893;

const headerPrefixes = fc.uint8Array({ minLength: 76, maxLength: 76 });
const nonces = fc.oneof(fc.constantFrom(0, 1, 2 ** 31 - 1, 2 ** 31, LAST_NONCE), fc.nat({ max: LAST_NONCE }));

function search(headerPrefix: Uint8Array, bound: bigint, firstNonce: number, count: number): number {
  const { midstate, tail, target } = prepareHeader(headerPrefix, bound);
  return searchNonces(midstate, tail, target, firstNonce, count);
}

/** The hash of a header as consensus computes it, as the number that is compared with the target. */
function hashInteger(headerPrefix: Uint8Array, nonce: number): bigint {
  const header = new Uint8Array(80);
  header.set(headerPrefix);
  new DataView(header.buffer).setUint32(76, nonce, true);
  return hashToInteger(hashFromBytes(doubleSha256(header)));
}

describe('proof-of-work kernel', () => {
  it('accepts a hash equal to the target or one below it, and refuses one above', () => {
    fc.assert(
      fc.property(headerPrefixes, nonces, (headerPrefix, nonce) => {
        const hash = hashInteger(headerPrefix, nonce);
        expect(search(headerPrefix, hash, nonce, 1)).toBe(nonce);
        expect(search(headerPrefix, hash + 1n, nonce, 1)).toBe(nonce);
        expect(search(headerPrefix, hash - 1n, nonce, 1)).toBe(-1);
      }),
    );
  });

  it('compares every word of the target', () => {
    const headerPrefix = new Uint8Array(76).fill(0x5a);
    const hash = hashInteger(headerPrefix, 7);
    for (let bit = 0n; bit < 256n; bit += 32n) {
      const above = hash + (1n << bit);
      const below = hash - (1n << bit);
      expect(search(headerPrefix, above > MAX_TARGET ? MAX_TARGET : above, 7, 1)).toBe(7);
      expect(search(headerPrefix, below < 0n ? 0n : below, 7, 1)).toBe(-1);
    }
  });

  it('finds the first nonce of a range that meets the target, and only within the range', () => {
    fc.assert(
      fc.property(
        headerPrefixes,
        fc.nat({ max: LAST_NONCE - 64 }),
        fc.integer({ min: 1, max: 64 }),
        (prefix, first, count) => {
          const hashes = Array.from({ length: count }, (_, i) => hashInteger(prefix, first + i));
          const least = hashes.reduce((a, b) => (a < b ? a : b));
          const position = hashes.indexOf(least);
          expect(search(prefix, least, first, count)).toBe(first + position);
          expect(search(prefix, least, first, position)).toBe(-1);
          expect(search(prefix, MAX_TARGET, first, count)).toBe(first);
        },
      ),
    );
  });

  it('reaches the last nonce of a header', () => {
    const headerPrefix = new Uint8Array(76).fill(3);
    expect(search(headerPrefix, hashInteger(headerPrefix, LAST_NONCE), LAST_NONCE - 9, 10)).toSatisfy(
      (nonce: number) => nonce > 0 && nonce <= LAST_NONCE,
    );
    expect(search(headerPrefix, MAX_TARGET, LAST_NONCE, 1)).toBe(LAST_NONCE);
    expect(search(headerPrefix, 0n, LAST_NONCE, 1)).toBe(-1);
  });

  it('solves the genesis block of Bitcoin with its nonce', () => {
    const target = bitsToTarget(0x1d00ffff);
    expect(search(BITCOIN_GENESIS_PREFIX, target, BITCOIN_GENESIS_NONCE - 1000, 2000)).toBe(BITCOIN_GENESIS_NONCE);
    expect(hashInteger(BITCOIN_GENESIS_PREFIX, BITCOIN_GENESIS_NONCE)).toBe(
      0x000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26fn,
    );
  });

  it('keeps nothing of one header for the next', () => {
    const [one, other] = [new Uint8Array(76).fill(1), new Uint8Array(76).fill(2)];
    const expected = hashInteger(one, 5);
    search(other, 0n, 0, 10);
    expect(search(one, expected, 5, 1)).toBe(5);
  });

  it('reads a prefix that is a view into a larger buffer', () => {
    const buffer = new Uint8Array(100).fill(9);
    const headerPrefix = buffer.subarray(13, 89);
    expect(search(headerPrefix, hashInteger(headerPrefix, 11), 11, 1)).toBe(11);
  });

  it('refuses a prefix of another length', () => {
    expect(() => prepareHeader(new Uint8Array(80), 0n)).toThrow(RangeError);
  });
});
