import { concatBytes } from '../../consensus/hex.ts';
import { doubleSha256 } from './double-sha256.ts';
import { hashTreeRoot } from './hash-tree.ts';

/** Merkle root over txids in internal order. */
export function merkleRoot(txids: readonly Uint8Array[]): Uint8Array {
  if (txids.length === 0) return new Uint8Array(32);
  return hashTreeRoot(txids, (left, right) => doubleSha256(concatBytes(left, right)));
}
