import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes } from '../../consensus/hex.ts';

/** What the state maps an address to. */
export interface ModelAccount {
  /** Base units. */
  readonly balance: bigint;
  readonly nonce: bigint;
}

interface Leaf {
  readonly key: Uint8Array;
  readonly hash: Uint8Array;
}

const LEAF = 0x00;
const INNER = 0x01;
/** Kind and two hashes. One for all nodes, because making one takes nearly as long as hashing it. */
const nodeBytes = new Uint8Array(65);

/** State root as hex: the whole tree, rebuilt from all accounts (by address, as hex). */
export function stateRootOf(accounts: ReadonlyMap<string, ModelAccount>): string {
  const leaves = [...accounts].map(([address, account]) => leafOf(hexToBytes(address), account));
  return bytesToHex(rootOf(leaves, 0));
}

function leafOf(address: Uint8Array, account: ModelAccount): Leaf {
  const value = new DataView(new ArrayBuffer(16));
  value.setBigUint64(0, account.balance, true);
  value.setBigUint64(8, account.nonce, true);
  const key = sha256(address);
  return { key, hash: nodeHash(LEAF, key, sha256(new Uint8Array(value.buffer))) };
}

function rootOf(leaves: readonly Leaf[], depth: number): Uint8Array {
  const [first] = leaves;
  if (first === undefined) return new Uint8Array(32);
  if (leaves.length === 1) return first.hash;
  const left = leaves.filter((leaf) => bitOf(leaf.key, depth) === 0);
  const right = leaves.filter((leaf) => bitOf(leaf.key, depth) === 1);
  return nodeHash(INNER, rootOf(left, depth + 1), rootOf(right, depth + 1));
}

/** Bit 0 is the most significant bit of the first byte. */
function bitOf(key: Uint8Array, index: number): number {
  const byte = key[Math.floor(index / 8)] ?? 0;
  return (byte >> (7 - (index % 8))) & 1;
}

function nodeHash(kind: number, first: Uint8Array, second: Uint8Array): Uint8Array {
  nodeBytes[0] = kind;
  nodeBytes.set(first, 1);
  nodeBytes.set(second, 33);
  return sha256(nodeBytes);
}
