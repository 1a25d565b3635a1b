/** Bytes of a header before its nonce: version 4, previous hash 32, Merkle root 32, time 4, bits 4. */
const HEADER_PREFIX_BYTES = 76;
const BLOCK_WORDS = 16;
const SCHEDULE_WORDS = 64;
const DIGEST_WORDS = 8;
/** The header words of the second block that stand before the nonce. */
const TAIL_WORDS = 3;
const NONCE_WORD = 3;
const PADDING_WORD = 0x80000000 | 0;
const HEADER_BITS = 640;
const DIGEST_BITS = 256;

// FIPS 180-4, 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes.
const K = Int32Array.from([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
  0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
  0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
  0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
  0xc67178f2,
]);

// FIPS 180-4, 5.3.3: the initial hash value.
const INITIAL_STATE = Int32Array.from([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]);

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

/** One compression (FIPS 180-4, 6.2.2) of the first 16 words of `w` into `digest`; the rest of `w` is overwritten. */
function compress(digest: Int32Array, w: Int32Array): void {
  for (let t = BLOCK_WORDS; t < SCHEDULE_WORDS; t++) {
    const x = w[t - 15] as number;
    const y = w[t - 2] as number;
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[t] = ((w[t - 16] as number) + s0 + (w[t - 7] as number) + s1) | 0;
  }
  let a = digest[0] as number;
  let b = digest[1] as number;
  let c = digest[2] as number;
  let d = digest[3] as number;
  let e = digest[4] as number;
  let f = digest[5] as number;
  let g = digest[6] as number;
  let h = digest[7] as number;
  for (let t = 0; t < SCHEDULE_WORDS; t++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const choice = g ^ (e & (f ^ g));
    const t1 = (h + s1 + choice + (K[t] as number) + (w[t] as number)) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const majority = (a & b) | (c & (a | b));
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + s0 + majority) | 0;
  }
  digest[0] = (digest[0] as number) + a;
  digest[1] = (digest[1] as number) + b;
  digest[2] = (digest[2] as number) + c;
  digest[3] = (digest[3] as number) + d;
  digest[4] = (digest[4] as number) + e;
  digest[5] = (digest[5] as number) + f;
  digest[6] = (digest[6] as number) + g;
  digest[7] = (digest[7] as number) + h;
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
  const midstate = INITIAL_STATE.slice();
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
    state.set(INITIAL_STATE);
    compress(state, digestSchedule);
    // All but a few hashes fail in the most significant word: only those few pay for the exact comparison.
    if (reverseBytes(state[7] as number) >>> 0 <= highBound && meetsTarget(state, target)) {
      return nonce;
    }
  }
  return -1;
}
