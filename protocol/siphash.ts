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

/** State v0…v3, low half then high half of each. One array for all calls: the function neither yields nor recurses. */
const v = new Int32Array(8);

/** The low 48 bits of SipHash-2-4(key, message), as an integer. */
export function shortIdOf(key: SipKey, message: Uint8Array): number {
  start(key);
  for (let offset = 0; offset + 8 <= message.length; offset += 8) {
    compress(word(message, offset), word(message, offset + 4));
  }
  // The last word holds the length in its top byte; the message's length is a multiple of 8 here.
  compress(0, message.length << 24);
  v[4] = at(4) ^ 0xff;
  for (let i = 0; i < 4; i++) round();
  const low = at(0) ^ at(2) ^ at(4) ^ at(6);
  const high = at(1) ^ at(3) ^ at(5) ^ at(7);
  return (low >>> 0) + (high & 0xffff) * 2 ** 32;
}

function start(key: SipKey): void {
  v[0] = key.k0lo ^ 0x70736575;
  v[1] = key.k0hi ^ 0x736f6d65;
  v[2] = key.k1lo ^ 0x6e646f6d;
  v[3] = key.k1hi ^ 0x646f7261;
  v[4] = key.k0lo ^ 0x6e657261;
  v[5] = key.k0hi ^ 0x6c796765;
  v[6] = key.k1lo ^ 0x79746573;
  v[7] = key.k1hi ^ 0x74656462;
}

function compress(low: number, high: number): void {
  v[6] = at(6) ^ low;
  v[7] = at(7) ^ high;
  round();
  round();
  v[0] = at(0) ^ low;
  v[1] = at(1) ^ high;
}

function round(): void {
  add(0, 2);
  rotate(2, 13);
  xor(2, 0);
  rotate(0, 32);
  add(4, 6);
  rotate(6, 16);
  xor(6, 4);
  add(0, 6);
  rotate(6, 21);
  xor(6, 0);
  add(4, 2);
  rotate(2, 17);
  xor(2, 4);
  rotate(4, 32);
}

function add(target: number, source: number): void {
  const low = (at(target) >>> 0) + (at(source) >>> 0);
  v[target] = low | 0;
  v[target + 1] = (at(target + 1) + at(source + 1) + (low > 0xffff_ffff ? 1 : 0)) | 0;
}

function xor(target: number, source: number): void {
  v[target] = at(target) ^ at(source);
  v[target + 1] = at(target + 1) ^ at(source + 1);
}

function rotate(index: number, bits: number): void {
  const low = at(index);
  const high = at(index + 1);
  if (bits === 32) {
    v[index] = high;
    v[index + 1] = low;
  } else {
    v[index] = (low << bits) | (high >>> (32 - bits));
    v[index + 1] = (high << bits) | (low >>> (32 - bits));
  }
}

function at(index: number): number {
  return v[index] as number;
}

function word(bytes: Uint8Array, offset: number): number {
  const b = (i: number): number => bytes[offset + i] ?? 0;
  return b(0) | (b(1) << 8) | (b(2) << 16) | (b(3) << 24);
}
