import { sha256 } from '@noble/hashes/sha2.js';

/** `dsha` of the protocol: SHA-256 of SHA-256. */
export function doubleSha256(bytes: Uint8Array): Uint8Array {
  return sha256(sha256(bytes));
}
