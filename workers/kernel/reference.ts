import {
  BLOCK_WORDS,
  compress,
  DIGEST_BITS,
  DIGEST_WORDS,
  HEADER_BITS,
  INITIAL_STATE,
  PADDING_WORD,
  runRounds,
  SCHEDULE_WORDS,
} from '../../consensus/sha256.ts';

/** Bytes of a header before its nonce: version 4, previous hash 32, Merkle root 32, time 4, bits 4. */
const HEADER_PREFIX_BYTES = 76;
/** The header words of the second block that stand before the nonce. */
const TAIL_WORDS = 3;
export const NONCE_WORD = 3;
/** Typed, for the sake of speed. */
const INITIAL = Int32Array.from(INITIAL_STATE);

/** What of a header and its target does not depend on the nonce. Words are 32 bits. */
export interface PreparedHeader {
  /** SHA-256 state after the first 64 of the 80 bytes. */
  readonly midstate: Int32Array;
  /** The three words between the first block and the nonce, as SHA-256 reads them (big-endian). */
  readonly tail: Int32Array;
  /** The target, most significant word first. */
  readonly target: Uint32Array;
}

// A thread searches one header at a time and never yields inside a search, so that one set of buffers is enough.
const headerSchedule = new Int32Array(SCHEDULE_WORDS);
const digestSchedule = new Int32Array(SCHEDULE_WORDS);
const state = new Int32Array(DIGEST_WORDS);

/**
 * The working variables after the rounds of the second block that come before the nonce, and the nonce's own round as
 * if it were zero: the nonce is then still to be added to `a` and `e`.
 */
export function workBeforeNonce({ midstate, tail }: PreparedHeader): Int32Array {
  const words = midstate.slice();
  const w = new Int32Array(SCHEDULE_WORDS);
  w.set(tail);
  runRounds(words, w, NONCE_WORD + 1);
  return words;
}

function reverseBytes(word: number): number {
  return ((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}

/** A digest read as a little-endian 256-bit number against the target, both most significant word first. */
function meetsTarget(digest: Int32Array, target: Uint32Array): boolean {
  for (let i = 0; i < DIGEST_WORDS; i++) {
    const word = reverseBytes(digest[DIGEST_WORDS - 1 - i] as number) >>> 0;
    const bound = target[i] as number;
    if (word !== bound) {
      return word < bound;
    }
  }
  return true;
}

/**
 * Does once what a search would otherwise repeat for each nonce: the state after the first 64 bytes (midstate), and the
 * target as words.
 *
 * @param headerPrefix the first 76 bytes of the serialised header
 * @param target 0 … 2^256−1; a header meets it when its hash is less than or equal to it
 * @throws RangeError when the prefix has another length
 */
export function prepareHeader(headerPrefix: Uint8Array, target: bigint): PreparedHeader {
  if (headerPrefix.length !== HEADER_PREFIX_BYTES) {
    throw new RangeError(`a header prefix has ${HEADER_PREFIX_BYTES} bytes, not ${headerPrefix.length}`);
  }
  const view = new DataView(headerPrefix.buffer, headerPrefix.byteOffset, HEADER_PREFIX_BYTES);
  for (let i = 0; i < BLOCK_WORDS; i++) {
    headerSchedule[i] = view.getInt32(i * 4);
  }
  const midstate = INITIAL.slice();
  compress(midstate, headerSchedule);
  const tail = Int32Array.from({ length: TAIL_WORDS }, (_, i) => view.getInt32((BLOCK_WORDS + i) * 4));
  const targetWords = Uint32Array.from({ length: DIGEST_WORDS }, (_, i) =>
    Number((target >> BigInt(32 * (DIGEST_WORDS - 1 - i))) & 0xffffffffn),
  );
  return { midstate, tail, target: targetWords };
}

/**
 * Tries the nonces `firstNonce … firstNonce + count − 1` in order and stops at the first whose SHA-256d meets the
 * target. When one is found, `nonce − firstNonce + 1` hashes were done, otherwise `count`.
 *
 * @param midstate, tail, target of {@link prepareHeader}
 * @param firstNonce 0 … 2^32−1
 * @param count so that `firstNonce + count ≤ 2^32`
 * @returns the nonce, or −1 when none of the range meets the target
 */
export function searchNonces(
  midstate: Int32Array,
  tail: Int32Array,
  target: Uint32Array,
  firstNonce: number,
  count: number,
): number {
  headerSchedule.set(tail);
  headerSchedule.fill(0, NONCE_WORD, BLOCK_WORDS);
  headerSchedule[NONCE_WORD + 1] = PADDING_WORD;
  headerSchedule[BLOCK_WORDS - 1] = HEADER_BITS;
  digestSchedule.fill(0, DIGEST_WORDS, BLOCK_WORDS);
  digestSchedule[DIGEST_WORDS] = PADDING_WORD;
  digestSchedule[BLOCK_WORDS - 1] = DIGEST_BITS;
  const highBound = target[0] as number;
  const end = firstNonce + count;
  for (let nonce = firstNonce; nonce < end; nonce++) {
    headerSchedule[NONCE_WORD] = reverseBytes(nonce);
    state.set(midstate);
    compress(state, headerSchedule);
    digestSchedule.set(state);
    state.set(INITIAL);
    compress(state, digestSchedule);
    // All but a few hashes fail in the most significant word: only those few pay for the exact comparison.
    if (reverseBytes(state[7] as number) >>> 0 <= highBound && meetsTarget(state, target)) {
      return nonce;
    }
  }
  return -1;
}
