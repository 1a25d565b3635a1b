/**
 * SipHash-2-4 of 32 bytes, cut to its low 48 bits: the short ids of compact blocks (BIP 152).
 * Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF". 64-bit words are kept as pairs of 32-bit halves,
 * which is some thirty times faster than bigint arithmetic and matters when a whole mempool is hashed for one block.
 */
export interface SipKey {
  readonly k0lo: number;
  readonly k0hi: number;
  readonly k1lo: number;
  readonly k1hi: number;
}

/** The key from 16 bytes, two little-endian 64-bit words. */
export function sipKey(bytes: Uint8Array): SipKey {
  return { k0lo: word(bytes, 0), k0hi: word(bytes, 4), k1lo: word(bytes, 8), k1hi: word(bytes, 12) };
}

const BYTES_PER_WORD = 8;

/**
 * The low 48 bits of SipHash-2-4(key, message), as an integer. The length of the message is a multiple of 8.
 * The state, low and high halves of v0 to v3, is in local variables: in an array they take three times as long.
 */
export function shortIdOf(key: SipKey, message: Uint8Array): number {
  let v0lo = key.k0lo ^ 0x70736575;
  let v0hi = key.k0hi ^ 0x736f6d65;
  let v1lo = key.k1lo ^ 0x6e646f6d;
  let v1hi = key.k1hi ^ 0x646f7261;
  let v2lo = key.k0lo ^ 0x6e657261;
  let v2hi = key.k0hi ^ 0x6c796765;
  let v3lo = key.k1lo ^ 0x79746573;
  let v3hi = key.k1hi ^ 0x74656462;
  const words = message.length / BYTES_PER_WORD;
  // The words of the message, the word that holds its length in the top byte, and the finalisation.
  for (let step = 0; step <= words + 1; step++) {
    const isFinal = step > words;
    const lo = step < words ? word(message, step * BYTES_PER_WORD) : 0;
    const hi = step < words ? word(message, step * BYTES_PER_WORD + 4) : isFinal ? 0 : message.length << 24;
    v3lo ^= lo;
    v3hi ^= hi;
    if (isFinal) v2lo ^= 0xff;
    for (let round = isFinal ? 4 : 2; round > 0; round--) {
      // v0 += v1; v1 = rotl(v1, 13) ^ v0; v0 = rotl(v0, 32)
      let sum = (v0lo >>> 0) + (v1lo >>> 0);
      let high = (v0hi + v1hi + carryOf(sum)) | 0;
      let turned = ((v1lo << 13) | (v1hi >>> 19)) ^ sum;
      v1hi = ((v1hi << 13) | (v1lo >>> 19)) ^ high;
      v1lo = turned;
      v0lo = high;
      v0hi = sum | 0;
      // v2 += v3; v3 = rotl(v3, 16) ^ v2
      sum = (v2lo >>> 0) + (v3lo >>> 0);
      v2hi = (v2hi + v3hi + carryOf(sum)) | 0;
      v2lo = sum | 0;
      turned = ((v3lo << 16) | (v3hi >>> 16)) ^ v2lo;
      v3hi = ((v3hi << 16) | (v3lo >>> 16)) ^ v2hi;
      v3lo = turned;
      // v0 += v3; v3 = rotl(v3, 21) ^ v0
      sum = (v0lo >>> 0) + (v3lo >>> 0);
      v0hi = (v0hi + v3hi + carryOf(sum)) | 0;
      v0lo = sum | 0;
      turned = ((v3lo << 21) | (v3hi >>> 11)) ^ v0lo;
      v3hi = ((v3hi << 21) | (v3lo >>> 11)) ^ v0hi;
      v3lo = turned;
      // v2 += v1; v1 = rotl(v1, 17) ^ v2; v2 = rotl(v2, 32)
      sum = (v2lo >>> 0) + (v1lo >>> 0);
      high = (v2hi + v1hi + carryOf(sum)) | 0;
      turned = ((v1lo << 17) | (v1hi >>> 15)) ^ sum;
      v1hi = ((v1hi << 17) | (v1lo >>> 15)) ^ high;
      v1lo = turned;
      v2lo = high;
      v2hi = sum | 0;
    }
    v0lo ^= lo;
    v0hi ^= hi;
  }
  const low = v0lo ^ v1lo ^ v2lo ^ v3lo;
  const high = v0hi ^ v1hi ^ v2hi ^ v3hi;
  return (low >>> 0) + (high & 0xffff) * 2 ** 32;
}

function carryOf(sum: number): number {
  return sum > 0xffff_ffff ? 1 : 0;
}

function word(bytes: Uint8Array, offset: number): number {
  const b = (i: number): number => bytes[offset + i] ?? 0;
  return b(0) | (b(1) << 8) | (b(2) << 16) | (b(3) << 24);
}
