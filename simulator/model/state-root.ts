import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '../../consensus/hex.ts';
import { littleEndian } from './little-endian.ts';

/** What the state maps an address to. */
export interface ModelAccount {
  /** Base units. */
  readonly balance: bigint;
  readonly nonce: bigint;
  /** Only of a contract. */
  readonly contract?: {
    /** SHA-256 of its source, as hex. */
    readonly codeHash: string;
    /** As hex. */
    readonly storageRoot: string;
  };
}

interface Leaf {
  readonly key: Uint8Array;
  readonly hash: Uint8Array;
}

const LEAF = 0x00;
const INNER = 0x01;
/** Kind and two hashes. One for all nodes, because making one takes nearly as long as hashing it. */
const nodeBytes = new Uint8Array(65);

/**
 * State root as hex: the whole tree, rebuilt from all accounts (by address, as hex).
 * @param receiptsHash what it says of the receipts of its block, where there are some
 */
export function stateRootOf(accounts: ReadonlyMap<string, ModelAccount>, receiptsHash?: Uint8Array): string {
  const leaves = [...accounts].map(([address, account]) =>
    leafOf(sha256(hexToBytes(address)), sha256(accountBytes(account))),
  );
  if (receiptsHash) leaves.push(leafOf(sha256(utf8ToBytes('receipts')), receiptsHash));
  return bytesToHex(rootOf(leaves, 0));
}

/** Root as hex of the tree of a contract's slots: the whole tree, rebuilt from all encoded values by path, as hex. */
export function storageRootOf(contract: string, slots: ReadonlyMap<string, Uint8Array>): string {
  const leaves = [...slots].map(([path, value]) => leafOf(sha256(hexToBytes(contract + path)), sha256(value)));
  return bytesToHex(rootOf(leaves, 0));
}

function leafOf(key: Uint8Array, valueHash: Uint8Array): Leaf {
  return { key, hash: nodeHash(LEAF, key, valueHash) };
}

function accountBytes({ balance, nonce, contract }: ModelAccount): Uint8Array {
  const plain = concatBytes(littleEndian(balance, 8), littleEndian(nonce, 8));
  return contract ? concatBytes(plain, hexToBytes(contract.codeHash), hexToBytes(contract.storageRoot)) : plain;
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
