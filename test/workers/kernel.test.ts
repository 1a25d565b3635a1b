import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { doubleSha256, hashFromBytes } from '../../consensus/hash.ts';
import { hexToBytes } from '../../consensus/hex.ts';
import { bitsToTarget, hashToInteger } from '../../consensus/target.ts';
import { type Kernel, openKernel } from '../../workers/kernel/kernel.ts';
import { searchModule } from '../../workers/kernel/search-module.ts';

const LAST_NONCE = 2 ** 32 - 1;
const MAX_TARGET = 2n ** 256n - 1n;
const headerPrefixes = fc.uint8Array({ minLength: 76, maxLength: 76 });
const nonces = fc.oneof(fc.constantFrom(0, 1, 2 ** 31 - 1, 2 ** 31, LAST_NONCE), fc.nat({ max: LAST_NONCE }));

/** The hash of a header as consensus computes it, as the number that is compared with the target. */
function hashInteger(headerPrefix: Uint8Array, nonce: number): bigint {
  const header = new Uint8Array(80);
  header.set(headerPrefix);
  new DataView(header.buffer).setUint32(76, nonce, true);
  return hashToInteger(hashFromBytes(doubleSha256(header)));
}

/** Headers of Bitcoin's first blocks. */
const BITCOIN = JSON.parse(
  readFileSync(new URL('../vectors/bitcoin-headers.json', import.meta.url), 'utf8'),
) as readonly { readonly height: number; readonly raw: string; readonly hash: string; readonly bits: string }[];

describe.each(['simd', 'scalar', 'javascript'] as const)('proof-of-work kernel, %s', (name) => {
  const kernel = openKernel(name) as Kernel;

  function search(headerPrefix: Uint8Array, bound: bigint, firstNonce: number, count: number): number {
    kernel.load(headerPrefix, bound);
    return kernel.search(firstNonce, count);
  }

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

  it.each(BITCOIN)("solves Bitcoin's block $height with its nonce", ({ raw, hash, bits }) => {
    const header = hexToBytes(raw);
    const prefix = header.subarray(0, 76);
    const nonce = new DataView(header.buffer, header.byteOffset).getUint32(76, true);
    expect(search(prefix, bitsToTarget(Number(bits)), nonce - 1000, 2000)).toBe(nonce);
    expect(hashInteger(prefix, nonce)).toBe(hashToInteger(hash));
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
    expect(() => kernel.load(new Uint8Array(80), 0n)).toThrow(RangeError);
  });
});

describe('the kernels', () => {
  it('agree on every nonce of many headers, for easy and for hard targets', () => {
    const kernels = (['simd', 'scalar', 'javascript'] as const).map((name) => openKernel(name) as Kernel);
    const targets = fc.oneof(
      fc.bigInt({ min: 0n, max: MAX_TARGET }),
      fc.nat({ max: 24 }).map((bits) => MAX_TARGET >> BigInt(bits)),
    );
    fc.assert(
      fc.property(headerPrefixes, targets, fc.nat({ max: LAST_NONCE - 3000 }), (prefix, target, first) => {
        const found = kernels.map((kernel) => {
          kernel.load(prefix, target);
          const hits: number[] = [];
          for (let at = first; at < first + 3000 && hits.length < 50; ) {
            const nonce = kernel.search(at, first + 3000 - at);
            if (nonce < 0) break;
            hits.push(nonce);
            at = nonce + 1;
          }
          return hits;
        });
        expect(found[0]).toEqual(found[2]);
        expect(found[1]).toEqual(found[2]);
      }),
      { numRuns: 20 },
    );
  });

  it('find a hit in each of the four lanes, wherever the range begins and ends', () => {
    const prefix = new Uint8Array(76).fill(0xc3);
    const kernel = openKernel('simd') as Kernel;
    for (let first = 0; first < 4; first++) {
      for (let count = 1; count <= 9; count++) {
        for (let hit = first; hit < first + count; hit++) {
          kernel.load(prefix, hashInteger(prefix, hit));
          const expected = Array.from({ length: count }, (_, i) => first + i).find(
            (nonce) => hashInteger(prefix, nonce) <= hashInteger(prefix, hit),
          );
          expect(kernel.search(first, count)).toBe(expected);
        }
      }
    }
  });

  it('come from a source that gives the same bytes every time', () => {
    const digests = ([4, 1] as const).map((lanes) => {
      expect(searchModule(lanes)).toEqual(searchModule(lanes));
      return hashFromBytes(doubleSha256(searchModule(lanes)));
    });
    expect(digests).toMatchInlineSnapshot(`
      [
        "75b71961e94eb63bbc0ebfa7f03634229b92106ea6b07018763c75578c9f73d6",
        "4e1e99c41d3fabc421cc6816b9f3daa61060e2d9de3433293b4cda710c1957f8",
      ]
    `);
  });

  it('are chosen by what the engine can: this one has SIMD', () => {
    expect(openKernel().name).toBe('simd');
  });
});
