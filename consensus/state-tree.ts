import type { Address } from './address.ts';
import { ByteWriter } from './codec.ts';
import { assertInvariant } from './errors.ts';
import { HASH_BYTES, isHash, type NodeHash } from './hash.ts';
import { bytesEqual, bytesToHex, hexToBytes } from './hex.ts';
import { sha256 } from './sha256.ts';
import type { Account, AccountChanges } from './state.ts';

/** Hash of the empty tree and of every empty subtree. */
export const EMPTY_ROOT: NodeHash = '0'.repeat(64);

const EMPTY = hexToBytes(EMPTY_ROOT);
const LEAF = 0x00;
const INNER = 0x01;
const ACCOUNT_BYTES = 16;
const CONTRACT_ACCOUNT_BYTES = ACCOUNT_BYTES + 2 * HASH_BYTES;
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

/** One leaf as it is to be, both as 32 bytes; without a value hash it is deleted, or absent. */
export interface LeafChange {
  readonly key: Uint8Array;
  readonly valueHash: Uint8Array | undefined;
}

/**
 * Applies changes of accounts to the tree below `root` in O(changed · log n).
 * Throws `InvariantError` when the reader lacks a node of the tree.
 */
export function updateStateTree(reader: StateNodeReader, root: NodeHash, changes: AccountChanges): StateTreeUpdate {
  const editor = new StateTreeEditor(reader);
  const newRoot = editor.update(
    root,
    Array.from(changes, ([address, account]) => accountLeaf(address, account)),
  );
  return { root: newRoot, added: editor.added, removed: editor.removed };
}

/** The leaf of an account after a change. */
export function accountLeaf(address: Address, account: Account | undefined): LeafChange {
  return { key: keyOf(address), valueHash: account && valueHashOf(account) };
}

/**
 * Edits compact sparse Merkle trees, in which a subtree that holds a single leaf is that leaf, and collects what is taken from
 * them and put into them. A node's hash occurs once in all trees of a state, so sets suffice. Many updates can follow each other.
 * Hashes are bytes inside, because text for each child would cost as much as the hashing.
 */
export class StateTreeEditor {
  /** New nodes. */
  readonly added = new Map<NodeHash, Uint8Array>();
  /** Nodes of the reader that are in no tree any more. */
  readonly removed = new Set<NodeHash>();
  readonly #reader: StateNodeReader;

  constructor(reader: StateNodeReader) {
    this.#reader = reader;
  }

  /** Applies changes to the tree below `root`, and gives its new root. Throws `InvariantError` for a missing node. */
  update(root: NodeHash, changes: readonly LeafChange[]): NodeHash {
    return changes.length === 0 ? root : bytesToHex(this.#update(hexToBytes(root), 0, changes));
  }

  /** Hash of the subtree at `hash` and `depth` after the changes, which all belong below it. */
  #update(hash: Uint8Array, depth: number, changes: readonly LeafChange[]): Uint8Array {
    if (isEmpty(hash)) return this.#build(depth, changes.filter(isLeaf));
    const node = this.#take(bytesToHex(hash));
    if (node[0] === LEAF) {
      const leaf = leafOf(node);
      const isReplaced = changes.some((change) => bytesEqual(change.key, leaf.key));
      const leaves = changes.filter(isLeaf);
      return this.#build(depth, isReplaced ? leaves : [...leaves, leaf]);
    }
    const [oldLeft, oldRight] = childrenOf(node);
    const [toLeft, toRight] = split(changes, depth);
    const left = toLeft.length === 0 ? oldLeft : this.#update(oldLeft, depth + 1, toLeft);
    const right = toRight.length === 0 ? oldRight : this.#update(oldRight, depth + 1, toRight);
    return this.#join(left, right);
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

  /** Takes a node out of its tree. */
  #take(hash: NodeHash): Uint8Array {
    const own = this.added.get(hash);
    if (own !== undefined) {
      this.added.delete(hash);
      return own;
    }
    this.removed.add(hash);
    return loadNode(this.#reader, hash);
  }

  /** Puts a node into a tree. One that was taken out and put back stays where it is. */
  #put(node: Uint8Array): Uint8Array {
    const bytes = sha256(node);
    const hash = bytesToHex(bytes);
    if (!this.removed.delete(hash)) this.added.set(hash, node);
    return bytes;
  }

  #isLeaf(hash: Uint8Array): boolean {
    const nodeHash = bytesToHex(hash);
    const node = this.added.get(nodeHash) ?? loadNode(this.#reader, nodeHash);
    return node[0] === LEAF;
  }
}

/**
 * Shows what the root of a tree says about one key. `siblings` lead from the root down to where the key ends; there stands its
 * leaf, the leaf of another key (it is absent), or nothing (absent too).
 */
export interface StateProof {
  readonly siblings: readonly NodeHash[];
  /** Both 64 hex digits in natural order. */
  readonly leaf: { readonly key: string; readonly valueHash: string } | null;
}

/** Proof that the account is what it is, or absent, in the tree below `root`. Throws `InvariantError` for a missing node. */
export function accountProof(reader: StateNodeReader, root: NodeHash, address: Address): StateProof {
  return stateProof(reader, root, keyOf(address));
}

/** What the tree below `root` says about a key of 32 bytes. Throws `InvariantError` for a missing node. */
export function stateProof(reader: StateNodeReader, root: NodeHash, key: Uint8Array): StateProof {
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
  proof: StateProof,
): boolean {
  return verifyStateProof(root, accountLeaf(address, account), proof);
}

/** Whether the proof shows that in the tree with this root the key has this value hash; undefined: is absent. */
export function verifyStateProof(root: NodeHash, { key, valueHash }: LeafChange, proof: StateProof): boolean {
  const { siblings, leaf } = proof;
  if (siblings.length > KEY_BITS || !siblings.every(isHash)) return false;
  if (leaf !== null && !(isHash(leaf.key) && isHash(leaf.valueHash))) return false;
  const isPresent = leaf !== null && leaf.key === bytesToHex(key);
  if (isPresent !== (valueHash !== undefined)) return false;
  if (valueHash !== undefined && leaf?.valueHash !== bytesToHex(valueHash)) return false;
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

function valueHashOf({ balance, nonce, contract }: Account): Uint8Array {
  const writer = new ByteWriter(contract === undefined ? ACCOUNT_BYTES : CONTRACT_ACCOUNT_BYTES)
    .u64(balance)
    .u64(nonce);
  if (contract !== undefined) writer.bytes(hexToBytes(contract.codeHash)).bytes(hexToBytes(contract.storageRoot));
  return sha256(writer.finish());
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
