import { hexToBytes, reversedBytesToHex } from './hex.ts';
import { sha256 } from './sha256.ts';

/**
 * 64 lower-case hex digits in display order, the reverse of the bytes, so that a block hash shows its zeros first.
 * Block hashes, transaction ids and Merkle nodes have this form everywhere outside the codecs.
 */
export type Hash = string;

/** 64 lower-case hex digits in natural order: SHA-256 of the preimage of a node of a state tree. */
export type NodeHash = string;

/** Size of a hash, of a state root and of a node of a tree. */
export const HASH_BYTES = 32;

/** The parent of a genesis block. */
export const ZERO_HASH: Hash = '0'.repeat(64);

const HASH_PATTERN = /^[0-9a-f]{64}$/;

/** Whether a text is 64 lower-case hex digits. */
export function isHash(text: string): boolean {
  return HASH_PATTERN.test(text);
}

/** SHA-256 of SHA-256, 32 bytes: Bitcoin's hash for headers, ids and Merkle nodes. */
export function doubleSha256(bytes: Uint8Array): Uint8Array {
  return sha256(sha256(bytes));
}

/** Display form of 32 bytes in internal order. */
export function hashFromBytes(internal: Uint8Array): Hash {
  return reversedBytesToHex(internal);
}

/** 32 bytes in internal order. Throws `DecodeError` for bad hex. */
export function hashToBytes(hash: Hash): Uint8Array {
  return hexToBytes(hash).reverse();
}

/** Digits at each end of an abbreviated hash. */
const SHORT_HASH_DIGITS = 8;

/** First and last digits of a hash, for people. */
export function shortHash(hash: string): string {
  return `${hash.slice(0, SHORT_HASH_DIGITS)}…${hash.slice(-SHORT_HASH_DIGITS)}`;
}
