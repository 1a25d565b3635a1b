import type { Address } from './address.ts';
import { ByteWriter } from './codec.ts';
import { assertInvariant } from './errors.ts';
import { HASH_BYTES, isHash } from './hash.ts';
import { bytesEqual, bytesToHex, hexToBytes } from './hex.ts';
import { sha256 } from './sha256.ts';
import type { Account, AccountChanges } from './state.ts';

/** 64 lower-case hex digits in natural order: SHA-256 of a node's preimage. */
export type NodeHash = string;

/** Hash of the empty tree and of every empty subtree. */
export const EMPTY_ROOT: NodeHash = '0'.repeat(64);

const EMPTY = hexToBytes(EMPTY_ROOT);
const LEAF = 0x00;
const INNER = 0x01;
/** Bits of a key, hence the greatest depth of a leaf. */
const KEY_BITS = 256;

/** A stored tree. A node is stored by its hash as its 65-byte preimage: `0x00 ‖ key ‖ valueHash` or `0x01 ‖ left ‖ right`. */
export interface StateNodeReader {
  stateNode(hash: NodeHash): Uint8Array | undefined;
}

/** Old nodes − `removed` + `added` are the nodes of the new tree, nothing else; the two are disjoint. */
export interface StateTreeUpdate {
  readonly root: NodeHash;
  readonly added: Map<NodeHash, Uint8Array>;
  readonly removed: Set<NodeHash>;
}

interface Leaf {
  readonly key: Uint8Array;
  readonly valueHash: Uint8Array;
}

/** A change of one leaf; without a value hash it is deleted. */
interface LeafChange {
  readonly key: Uint8Array;
  readonly valueHash: Uint8Array | undefined;
}

/**
 * Applies changes to the tree below `root` in O(changed · log n): a compact sparse Merkle tree keyed by
 * SHA-256(address), in which a subtree that holds a single leaf is that leaf.
 * Throws `InvariantError` when the reader lacks a node of the tree.
 */
export function updateStateTree(reader: StateNodeReader, root: NodeHash, changes: AccountChanges): StateTreeUpdate {
  const leafChanges: LeafChange[] = [];
  for (const [address, account] of changes) {
    leafChanges.push({ key: keyOf(address), valueHash: account && valueHashOf(account) });
  }
  const editor = new TreeEditor(reader);
  const oldRoot = hexToBytes(root);
  return editor.finish(leafChanges.length === 0 ? oldRoot : editor.update(oldRoot, 0, leafChanges));
}

/**
 * Collects what an update takes from the tree and puts into it. A node's hash occurs once in a tree, so sets suffice.
 * Hashes are bytes in here, because text for each child would cost as much as the hashing.
 */
class TreeEditor {
  readonly #reader: StateNodeReader;
  readonly #added = new Map<NodeHash, Uint8Array>();
  readonly #removed = new Set<NodeHash>();

  constructor(reader: StateNodeReader) {
    this.#reader = reader;
  }

  /** Hash of the subtree at `hash` and `depth` after the changes, which all belong below it. */
  update(hash: Uint8Array, depth: number, changes: readonly LeafChange[]): Uint8Array {
    if (isEmpty(hash)) return this.#build(depth, changes.filter(isLeaf));
    const nodeHash = bytesToHex(hash);
    const node = loadNode(this.#reader, nodeHash);
    this.#removed.add(nodeHash);
    if (node[0] === LEAF) {
      const leaf = leafOf(node);
      const isReplaced = changes.some((change) => bytesEqual(change.key, leaf.key));
      const leaves = changes.filter(isLeaf);
      return this.#build(depth, isReplaced ? leaves : [...leaves, leaf]);
    }
    const [oldLeft, oldRight] = childrenOf(node);
    const [toLeft, toRight] = split(changes, depth);
    const left = toLeft.length === 0 ? oldLeft : this.update(oldLeft, depth + 1, toLeft);
    const right = toRight.length === 0 ? oldRight : this.update(oldRight, depth + 1, toRight);
    return this.#join(left, right);
  }

  /** What differs in the end: a node that was taken out and put back stays where it is. */
  finish(root: Uint8Array): StateTreeUpdate {
    for (const hash of this.#removed) {
      if (this.#added.delete(hash)) this.#removed.delete(hash);
    }
    return { root: bytesToHex(root), added: this.#added, removed: this.#removed };
  }

  #build(depth: number, leaves: readonly Leaf[]): Uint8Array {
    const [first] = leaves;
    if (first === undefined) return EMPTY;
    if (leaves.length === 1) return this.#put(preimage(LEAF, first.key, first.valueHash));
    assertInvariant(depth < KEY_BITS, 'two leaves with the same key');
    const [left, right] = split(leaves, depth);
    return this.#join(this.#build(depth + 1, left), this.#build(depth + 1, right));
  }

  #join(left: Uint8Array, right: Uint8Array): Uint8Array {
    if (isEmpty(left) && (isEmpty(right) || this.#isLeaf(right))) return right;
    if (isEmpty(right) && this.#isLeaf(left)) return left;
    return this.#put(preimage(INNER, left, right));
  }

  #put(node: Uint8Array): Uint8Array {
    const hash = sha256(node);
    this.#added.set(bytesToHex(hash), node);
    return hash;
  }

  #isLeaf(hash: Uint8Array): boolean {
    const nodeHash = bytesToHex(hash);
    const node = this.#added.get(nodeHash) ?? loadNode(this.#reader, nodeHash);
    return node[0] === LEAF;
  }
}

/**
 * Shows what a state root says about one account. `siblings` lead from the root down to where the account's key ends;
 * there stands its leaf, another account's leaf (the account is absent), or nothing (absent too).
 */
export interface AccountProof {
  readonly siblings: readonly NodeHash[];
  /** Both 64 hex digits in natural order. */
  readonly leaf: { readonly key: string; readonly valueHash: string } | null;
}

/** Proof that the account is what it is, or absent, in the tree below `root`. Throws `InvariantError` for a missing node. */
export function accountProof(reader: StateNodeReader, root: NodeHash, address: Address): AccountProof {
  const key = keyOf(address);
  const siblings: NodeHash[] = [];
  let hash = root;
  while (hash !== EMPTY_ROOT) {
    const node = loadNode(reader, hash);
    if (node[0] === LEAF) {
      const leaf = leafOf(node);
      return { siblings, leaf: { key: bytesToHex(leaf.key), valueHash: bytesToHex(leaf.valueHash) } };
    }
    const [left, right] = childrenOf(node);
    const isRight = bitAt(key, siblings.length) === 1;
    siblings.push(bytesToHex(isRight ? left : right));
    hash = bytesToHex(isRight ? right : left);
  }
  return { siblings, leaf: null };
}

/** Whether the proof shows that in the tree with this root the account has this content; undefined: is absent. */
export function verifyAccountProof(
  root: NodeHash,
  address: Address,
  account: Account | undefined,
  proof: AccountProof,
): boolean {
  const { siblings, leaf } = proof;
  if (siblings.length > KEY_BITS || !siblings.every(isHash)) return false;
  if (leaf !== null && !(isHash(leaf.key) && isHash(leaf.valueHash))) return false;
  const key = keyOf(address);
  const isPresent = leaf !== null && leaf.key === bytesToHex(key);
  if (isPresent !== (account !== undefined)) return false;
  if (account !== undefined && leaf?.valueHash !== bytesToHex(valueHashOf(account))) return false;
  if (leaf !== null && !sharePrefix(key, hexToBytes(leaf.key), siblings.length)) return false;

  let hash = leaf === null ? EMPTY_ROOT : hashNode(LEAF, leaf.key, leaf.valueHash);
  for (let depth = siblings.length - 1; depth >= 0; depth--) {
    const sibling = siblings[depth] ?? EMPTY_ROOT;
    hash = bitAt(key, depth) === 1 ? hashNode(INNER, sibling, hash) : hashNode(INNER, hash, sibling);
  }
  return hash === root;
}

function loadNode(reader: StateNodeReader, hash: NodeHash): Uint8Array {
  const node = reader.stateNode(hash);
  assertInvariant(node !== undefined, `state tree lacks node ${hash}`);
  return node;
}

function keyOf(address: Address): Uint8Array {
  return sha256(hexToBytes(address));
}

function valueHashOf(account: Account): Uint8Array {
  return sha256(new ByteWriter(16).u64(account.balance).u64(account.nonce).finish());
}

function preimage(kind: number, first: Uint8Array, second: Uint8Array): Uint8Array {
  const node = new Uint8Array(1 + 2 * HASH_BYTES);
  node[0] = kind;
  node.set(first, 1);
  node.set(second, 1 + HASH_BYTES);
  return node;
}

function hashNode(kind: number, first: string, second: string): NodeHash {
  return bytesToHex(sha256(preimage(kind, hexToBytes(first), hexToBytes(second))));
}

function leafOf(node: Uint8Array): Leaf {
  return { key: node.subarray(1, 1 + HASH_BYTES), valueHash: node.subarray(1 + HASH_BYTES) };
}

function childrenOf(node: Uint8Array): [Uint8Array, Uint8Array] {
  return [node.subarray(1, 1 + HASH_BYTES), node.subarray(1 + HASH_BYTES)];
}

function isEmpty(hash: Uint8Array): boolean {
  return hash.every((byte) => byte === 0);
}

function isLeaf(change: LeafChange): change is Leaf {
  return change.valueHash !== undefined;
}

/** Bit number `depth` of a key, the most significant bit of its first byte being number 0. */
function bitAt(key: Uint8Array, depth: number): number {
  return ((key[depth >> 3] ?? 0) >> (7 - (depth & 7))) & 1;
}

function split<T extends LeafChange>(changes: readonly T[], depth: number): [T[], T[]] {
  const left: T[] = [];
  const right: T[] = [];
  for (const change of changes) (bitAt(change.key, depth) === 0 ? left : right).push(change);
  return [left, right];
}

function sharePrefix(a: Uint8Array, b: Uint8Array, bits: number): boolean {
  for (let depth = 0; depth < bits; depth++) {
    if (bitAt(a, depth) !== bitAt(b, depth)) return false;
  }
  return true;
}
