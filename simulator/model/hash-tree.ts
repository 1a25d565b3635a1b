/**
 * Root over one leaf or more in the shape of RFC 6962: split at the largest power of two below the count. `parent` hashes two
 * nodes into the one above them.
 */
export function hashTreeRoot(
  leaves: readonly Uint8Array[],
  parent: (left: Uint8Array, right: Uint8Array) => Uint8Array,
): Uint8Array {
  const [first] = leaves;
  if (first === undefined) throw new Error('a tree has a leaf');
  if (leaves.length === 1) return first;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return parent(hashTreeRoot(leaves.slice(0, split), parent), hashTreeRoot(leaves.slice(split), parent));
}
