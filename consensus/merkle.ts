import { assertInvariant } from './errors.ts';
import { doubleSha256, type Hash, hashFromBytes, hashToBytes, ZERO_HASH } from './hash.ts';
import { concatBytes } from './hex.ts';

/** One step from a leaf towards the root: the sibling, and the side on which it stands. */
interface MerkleStep {
  readonly sibling: Hash;
  readonly side: 'left' | 'right';
}

/** The siblings of a leaf, leaf first. */
export interface MerkleBranch {
  readonly siblings: readonly MerkleStep[];
}

/**
 * Root over transaction ids: inner nodes are double SHA-256(left ‖ right), shape of RFC 6962 (split at the largest
 * power of two below the count). A node without a sibling moves up as it is, which gives exactly that shape, and no
 * leaf is ever duplicated (CVE-2012-2459). The root of no leaves is all zeros.
 */
export function merkleRoot(txids: readonly Hash[]): Hash {
  const root = levels(txids).at(-1)?.[0];
  return root === undefined ? ZERO_HASH : hashFromBytes(root);
}

/** Branch of the leaf at `index`. Throws `InvariantError` when there is no such leaf. */
export function merkleBranch(txids: readonly Hash[], index: number): MerkleBranch {
  assertInvariant(Number.isInteger(index) && index >= 0 && index < txids.length, `no leaf ${index}`);
  const siblings: MerkleStep[] = [];
  let position = index;
  for (const level of levels(txids)) {
    const isRight = position % 2 === 1;
    const sibling = level[isRight ? position - 1 : position + 1];
    if (sibling !== undefined) {
      siblings.push({ sibling: hashFromBytes(sibling), side: isRight ? 'left' : 'right' });
    }
    position = Math.floor(position / 2);
  }
  return { siblings };
}

/** The root that a leaf and its branch lead to. Throws `DecodeError` for bad hex. */
export function rootFromBranch(txid: Hash, branch: MerkleBranch): Hash {
  let node = hashToBytes(txid);
  for (const { sibling, side } of branch.siblings) {
    const other = hashToBytes(sibling);
    node = side === 'left' ? parent(other, node) : parent(node, other);
  }
  return hashFromBytes(node);
}

/** Branch of the first leaf: a plain list of right siblings, leaf first, as Stratum sends it. Empty for one leaf. */
export function coinbaseBranch(txids: readonly Hash[]): Hash[] {
  const branch: Hash[] = [];
  for (const level of levels(txids)) {
    const sibling = level[1];
    if (sibling !== undefined) branch.push(hashFromBytes(sibling));
  }
  return branch;
}

/** The root that a coinbase and its branch lead to. Throws `DecodeError` for bad hex. */
export function rootFromCoinbaseBranch(coinbaseTxid: Hash, branch: readonly Hash[]): Hash {
  let node = hashToBytes(coinbaseTxid);
  for (const sibling of branch) node = parent(node, hashToBytes(sibling));
  return hashFromBytes(node);
}

/** All levels of the tree over transaction ids, in internal byte order. */
function levels(txids: readonly Hash[]): Uint8Array[][] {
  return merkleLevels(txids.map(hashToBytes), parent);
}

/** All levels of a tree of this shape, leaves first, up to the one with the root alone. */
export function merkleLevels(
  leaves: readonly Uint8Array[],
  parent: (left: Uint8Array, right: Uint8Array) => Uint8Array,
): Uint8Array[][] {
  let level = [...leaves];
  const all = [level];
  while (level.length > 1) {
    const above: Uint8Array[] = [];
    let left: Uint8Array | undefined;
    for (const node of level) {
      if (left === undefined) {
        left = node;
      } else {
        above.push(parent(left, node));
        left = undefined;
      }
    }
    if (left !== undefined) above.push(left);
    all.push(above);
    level = above;
  }
  return all;
}

function parent(left: Uint8Array, right: Uint8Array): Uint8Array {
  return doubleSha256(concatBytes(left, right));
}
