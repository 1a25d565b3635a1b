import { doubleSha256, hashFromBytes } from '../../consensus/hash.ts';
import { encodeHeader, HEADER_BYTES } from '../../consensus/header.ts';
import { rootFromCoinbaseBranch } from '../../consensus/merkle.ts';
import { COINBASE_EXTRA_NONCE_OFFSET } from '../../consensus/transaction.ts';
import type { Template } from '../../protocol/mining-job.ts';

/** The nonce is the last field of a header. */
export const NONCE_OFFSET = HEADER_BYTES - 4;
/** Number of nonces of one header. */
const NONCE_COUNT = 2 ** 32;

/** The nonces for one extra nonce. They are searched in ascending order, one slice at a time. */
export interface NonceSpace {
  readonly extraNonce: Uint8Array;
  readonly headerPrefix: Uint8Array;
  /** The first nonce that was not tried yet. */
  nextNonce: number;
}

/**
 * Opens the nonces behind an extra nonce: puts it into the coinbase, and the Merkle root that follows into the header.
 *
 * @param extraNonce 8 bytes
 */
export function openNonceSpace(template: Template, extraNonce: Uint8Array): NonceSpace {
  const coinbase = template.coinbase.raw.slice();
  coinbase.set(extraNonce, COINBASE_EXTRA_NONCE_OFFSET);
  const coinbaseTxid = hashFromBytes(doubleSha256(coinbase));
  const merkleRoot = rootFromCoinbaseBranch(coinbaseTxid, template.coinbaseBranch);
  const headerPrefix = encodeHeader({ ...template.header, merkleRoot }).slice(0, NONCE_OFFSET);
  return { extraNonce, headerPrefix, nextNonce: 0 };
}

/** Number of nonces that were not tried yet. */
export function noncesLeft(space: NonceSpace): number {
  return NONCE_COUNT - space.nextNonce;
}
