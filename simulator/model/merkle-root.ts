import { doubleSha256 } from './double-sha256.ts';

/** Merkle root over txids in internal order, as RFC 6962 defines it: split at the largest power of two below the count. */
export function merkleRoot(txids: readonly Uint8Array[]): Uint8Array {
  const [first] = txids;
  if (first === undefined) return new Uint8Array(32);
  if (txids.length === 1) return first;
  let split = 1;
  while (split * 2 < txids.length) split *= 2;
  const node = new Uint8Array(64);
  node.set(merkleRoot(txids.slice(0, split)), 0);
  node.set(merkleRoot(txids.slice(split)), 32);
  return doubleSha256(node);
}
