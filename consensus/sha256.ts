/**
 * SHA-256 (FIPS 180-4) in plain JavaScript. Without an object for each call it makes 1.7 times as many hashes of 64 bytes as
 * @noble/hashes, and as many as `crypto.hash`, which does not exist in a browser: `npm run bench -- primitives`. Trees and
 * ids hash many small messages: with the library, decoding and connecting a full block (6,000 transfers, signatures apart)
 * takes 148 ms of a core instead of 106 (Node.js 20.20). The proof-of-work kernels are built on the same parts.
 */

// The constants. All are 32-bit words, as signed integers.

/** 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes; one for each round. */
export const ROUND_CONSTANTS: readonly number[] = [
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
  0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
  0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
  0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
  0xc67178f2,
].map((word) => word | 0);

/** 5.3.3: the initial hash value. */
export const INITIAL_STATE: readonly number[] = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
].map((word) => word | 0);

/** Words of a block, of the schedule that is made of it, of a digest. */
export const BLOCK_WORDS = 16;
export const SCHEDULE_WORDS = 64;
export const DIGEST_WORDS = 8;

/** 5.1.1: the one bit that follows the message. */
export const PADDING_WORD = 0x80000000 | 0;
/** Length in bits of a block header, and of the digest that is hashed once more; each closes the padding. */
export const HEADER_BITS = 640;
export const DIGEST_BITS = 256;

/** 4.1.2: the distances of the rotations, and the shift that ends the small ones. */
export const BIG_SIGMA_0 = { rotations: [2, 13, 22], shift: null } as const;
export const BIG_SIGMA_1 = { rotations: [6, 11, 25], shift: null } as const;
export const SMALL_SIGMA_0 = { rotations: [7, 18], shift: 3 } as const;
export const SMALL_SIGMA_1 = { rotations: [17, 19], shift: 10 } as const;

const BYTES_PER_WORD = 4;
const BLOCK_BYTES = BLOCK_WORDS * BYTES_PER_WORD;
const DIGEST_BYTES = DIGEST_WORDS * BYTES_PER_WORD;
const BITS_PER_BYTE = 8;
/** The length of the message stands in the last two words of the last block. */
const LENGTH_WORDS = 2;
const TWO_TO_THE_32 = 2 ** 32;
/** Typed, for the sake of speed. */
const K = Int32Array.from(ROUND_CONSTANTS);
const INITIAL = Int32Array.from(INITIAL_STATE);

// A hash is computed in one go, so that one set of buffers is enough for all.
const schedule = new Int32Array(SCHEDULE_WORDS);
const digest = new Int32Array(DIGEST_WORDS);
const working = new Int32Array(DIGEST_WORDS);

/** SHA-256, 32 bytes. */
export function sha256(message: Uint8Array): Uint8Array {
  digest.set(INITIAL);
  const { length } = message;
  let offset = 0;
  for (; offset + BLOCK_BYTES <= length; offset += BLOCK_BYTES) {
    readWords(message, offset, BLOCK_WORDS);
    compress(digest, schedule);
  }
  const wholeWords = (length - offset) >>> 2;
  readWords(message, offset, wholeWords);
  schedule.fill(0, wholeWords, BLOCK_WORDS);
  // 5.1.1: a one bit behind the message, zeros, and the length in bits.
  let last = 0x80 << 24;
  for (let i = length - 1; i >= offset + wholeWords * BYTES_PER_WORD; i--) {
    last = (last >>> BITS_PER_BYTE) | ((message[i] as number) << 24);
  }
  schedule[wholeWords] = last;
  if (wholeWords >= BLOCK_WORDS - LENGTH_WORDS) {
    compress(digest, schedule);
    schedule.fill(0, 0, BLOCK_WORDS);
  }
  schedule[BLOCK_WORDS - LENGTH_WORDS] = Math.floor((length * BITS_PER_BYTE) / TWO_TO_THE_32);
  schedule[BLOCK_WORDS - 1] = length * BITS_PER_BYTE;
  compress(digest, schedule);
  return digestBytes();
}

function readWords(message: Uint8Array, offset: number, count: number): void {
  for (let i = 0, at = offset; i < count; i++, at += BYTES_PER_WORD) {
    schedule[i] =
      ((message[at] as number) << 24) |
      ((message[at + 1] as number) << 16) |
      ((message[at + 2] as number) << 8) |
      (message[at + 3] as number);
  }
}

function digestBytes(): Uint8Array {
  const bytes = new Uint8Array(DIGEST_BYTES);
  for (let i = 0, at = 0; i < DIGEST_WORDS; i++, at += BYTES_PER_WORD) {
    const word = digest[i] as number;
    bytes[at] = word >>> 24;
    bytes[at + 1] = word >>> 16;
    bytes[at + 2] = word >>> 8;
    bytes[at + 3] = word;
  }
  return bytes;
}

/** Fills the rest of the schedule from its first 16 words (FIPS 180-4, 6.2.2, step 1). */
function expand(w: Int32Array): void {
  for (let t = BLOCK_WORDS; t < SCHEDULE_WORDS; t++) {
    const x = w[t - 15] as number;
    const y = w[t - 2] as number;
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[t] = ((w[t - 16] as number) + s0 + (w[t - 7] as number) + s1) | 0;
  }
}

/** The first `count` rounds on the eight working variables (step 3). */
export function runRounds(working: Int32Array, w: Int32Array, count: number): void {
  let a = working[0] as number;
  let b = working[1] as number;
  let c = working[2] as number;
  let d = working[3] as number;
  let e = working[4] as number;
  let f = working[5] as number;
  let g = working[6] as number;
  let h = working[7] as number;
  for (let t = 0; t < count; t++) {
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
  working[0] = a;
  working[1] = b;
  working[2] = c;
  working[3] = d;
  working[4] = e;
  working[5] = f;
  working[6] = g;
  working[7] = h;
}

/** One compression of the first 16 words of `w` into `digest`; the rest of `w` is overwritten. */
export function compress(digest: Int32Array, w: Int32Array): void {
  expand(w);
  working.set(digest);
  runRounds(working, w, SCHEDULE_WORDS);
  for (let i = 0; i < DIGEST_WORDS; i++) digest[i] = (digest[i] as number) + (working[i] as number);
}
