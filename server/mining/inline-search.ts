import { doubleSha256, hashFromBytes } from '../../consensus/hash.ts';
import { HEADER_BYTES } from '../../consensus/header.ts';
import { hashToInteger, workOfTarget } from '../../consensus/target.ts';
import { NONCE_OFFSET, type NonceSpace, noncesLeft } from './nonce-space.ts';

/**
 * A search of which at most this many hashes are expected, about a millisecond, is done by the thread that wants the
 * block: waking another one takes longer, and on a busy machine much longer.
 */
export const MAX_INLINE_HASHES = 512n;
/** Hashes between two turns of the event loop, about a third of a millisecond. */
const INLINE_SLICE_HASHES = 128;

/** Whether a search for this target belongs to the thread that wants the block. */
export function isSearchedInline(target: bigint): boolean {
  return workOfTarget(target) <= MAX_INLINE_HASHES;
}

/** The result of a slice. */
export interface InlineSlice {
  /** The first nonce from `nextNonce` on that solves the header; null where the slice has none. */
  readonly nonce: number | null;
  /** Number of nonces that were tried. */
  readonly hashes: number;
}

/** Tries the next nonces of a space in ascending order, on this thread. */
export function searchInline(space: NonceSpace, target: bigint): InlineSlice {
  const header = new Uint8Array(HEADER_BYTES);
  header.set(space.headerPrefix);
  const view = new DataView(header.buffer);
  const count = Math.min(INLINE_SLICE_HASHES, noncesLeft(space));
  for (let hashes = 1; hashes <= count; hashes++) {
    const nonce = space.nextNonce + hashes - 1;
    view.setUint32(NONCE_OFFSET, nonce, true);
    if (hashToInteger(hashFromBytes(doubleSha256(header))) <= target) return { nonce, hashes };
  }
  return { nonce: null, hashes: count };
}
