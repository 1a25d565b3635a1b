import { doubleSha256, hashFromBytes } from '../consensus/hash.ts';
import { type BlockHeader, encodeHeader, HEADER_BYTES } from '../consensus/header.ts';
import { bitsToTarget, hashToInteger } from '../consensus/target.ts';

const NONCE_OFFSET = HEADER_BYTES - 4;

/** The first nonce from `first` on with which the header meets its target. For easy networks: it hashes for real. */
export function solveHeader(header: BlockHeader, first = 0): number {
  const target = bitsToTarget(header.bits);
  const bytes = encodeHeader(header);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let nonce = first; ; nonce++) {
    view.setUint32(NONCE_OFFSET, nonce, true);
    if (hashToInteger(hashFromBytes(doubleSha256(bytes))) <= target) return nonce;
  }
}
