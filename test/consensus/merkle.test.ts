import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../consensus/errors.ts';
import { doubleSha256, type Hash, hashFromBytes, hashToBytes, ZERO_HASH } from '../../consensus/hash.ts';
import { concatBytes } from '../../consensus/hex.ts';
import {
  coinbaseBranch,
  merkleBranch,
  merkleRoot,
  rootFromBranch,
  rootFromCoinbaseBranch,
} from '../../consensus/merkle.ts';
import { hexOf } from './arbitraries.ts';

/** RFC 6962 §2.1 word by word. */
function rootByDefinition(txids: readonly Hash[]): Hash {
  if (txids.length === 1) return txids[0]!;
  let split = 1;
  while (split * 2 < txids.length) split *= 2;
  const left = rootByDefinition(txids.slice(0, split));
  const right = rootByDefinition(txids.slice(split));
  return hashFromBytes(doubleSha256(concatBytes(hashToBytes(left), hashToBytes(right))));
}

const leaves = fc.array(hexOf(32), { minLength: 1, maxLength: 40 });

describe('Merkle tree', () => {
  it('has the shape of RFC 6962', () => {
    fc.assert(
      fc.property(leaves, (txids) => {
        expect(merkleRoot(txids)).toBe(rootByDefinition(txids));
      }),
    );
  });

  it('leads from every leaf along its branch to the root', () => {
    fc.assert(
      fc.property(leaves, fc.nat(), (txids, n) => {
        const index = n % txids.length;
        expect(rootFromBranch(txids[index]!, merkleBranch(txids, index))).toBe(merkleRoot(txids));
      }),
    );
  });

  it('leads from the coinbase along right siblings alone to the root', () => {
    fc.assert(
      fc.property(leaves, (txids) => {
        const branch = coinbaseBranch(txids);
        expect(rootFromCoinbaseBranch(txids[0]!, branch)).toBe(merkleRoot(txids));
        expect(merkleBranch(txids, 0).siblings).toEqual(branch.map((sibling) => ({ sibling, side: 'right' })));
      }),
    );
  });

  it('never takes a repeated leaf for the same tree (CVE-2012-2459)', () => {
    const [a, b, c] = ['aa', 'bb', 'cc'].map((pair) => pair.repeat(32)) as [Hash, Hash, Hash];
    expect(merkleRoot([a, b, c])).not.toBe(merkleRoot([a, b, c, c]));
    expect(merkleRoot([a])).toBe(a);
    expect(merkleRoot([a])).not.toBe(merkleRoot([a, a]));
  });

  it('has the root zero and no branch without leaves', () => {
    expect(merkleRoot([])).toBe(ZERO_HASH);
    expect(() => merkleBranch([], 0)).toThrow(InvariantError);
  });
});
