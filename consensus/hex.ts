import { bytesToHex as longHex } from '@noble/hashes/utils.js';
import { utf8 } from '@scure/base';
import { DecodeError } from './codec.ts';

/*
 * Hex for ids and addresses, which are keys of maps. With the conversions of @noble/hashes in their place, decoding and
 * connecting a full block (6,000 transfers, signatures apart) takes 176 ms of a core instead of 106: twice as long for each
 * text that becomes a key, and 2.4 times for each that is read, since the library takes upper case too and has to be
 * guarded (Node.js 20.20). `npm run bench -- primitives`
 */

const NOT_A_DIGIT = 0xff;
/** Value of each character code below 128 as a lower-case hex digit. */
const DIGITS = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = '0123456789abcdef'.indexOf(String.fromCharCode(code));
  return value < 0 ? NOT_A_DIGIT : value;
});

/** Character codes of the two digits of each byte, one after the other. */
const DIGIT_CODES = Uint8Array.from({ length: 512 }, (_, i) =>
  '0123456789abcdef'.charCodeAt(i % 2 === 0 ? i >> 5 : (i >> 1) & 0xf),
);

/** Longest input whose digits are the arguments of one call; engines take tens of thousands. */
const MAX_AT_ONCE_BYTES = 512;
/** One list for texts of the length that nearly all have. */
const HASH_CODES: number[] = new Array(64).fill(0);

/**
 * Lower-case hex in the order of the bytes. All characters are put into the text at once: one that is appended to piece
 * by piece is put together again at its first use as the key of a map, and takes twice as long.
 */
export function bytesToHex(bytes: Uint8Array): string {
  return bytes.length > MAX_AT_ONCE_BYTES ? longHex(bytes) : hexOf(bytes, 0, 1);
}

/** {@link bytesToHex} of the bytes in reverse order. */
export function reversedBytesToHex(bytes: Uint8Array): string {
  return bytes.length > MAX_AT_ONCE_BYTES ? longHex(bytes.toReversed()) : hexOf(bytes, bytes.length - 1, -1);
}

function hexOf(bytes: Uint8Array, first: number, step: 1 | -1): string {
  const count = 2 * bytes.length;
  const codes = count === HASH_CODES.length ? HASH_CODES : new Array<number>(count);
  for (let i = 0, at = first; i < count; i += 2, at += step) {
    const byte = bytes[at] as number;
    codes[i] = DIGIT_CODES[2 * byte] as number;
    codes[i + 1] = DIGIT_CODES[2 * byte + 1] as number;
  }
  return String.fromCharCode.apply(null, codes);
}

/**
 * The inverse of {@link bytesToHex}. Throws `DecodeError` for an odd length, upper case or anything but hex digits.
 * Connecting a full block does this a hundred thousand times, hence the table.
 */
export function hexToBytes(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length >> 1);
  let isHex = hex.length % 2 === 0;
  for (let i = 0; i < bytes.length; i++) {
    const high = DIGITS[hex.charCodeAt(2 * i)] ?? NOT_A_DIGIT;
    const low = DIGITS[hex.charCodeAt(2 * i + 1)] ?? NOT_A_DIGIT;
    if (high === NOT_A_DIGIT || low === NOT_A_DIGIT) isHex = false;
    bytes[i] = (high << 4) | low;
  }
  if (!isHex) throw new DecodeError('not an even number of lower-case hex digits');
  return bytes;
}

/** Whether both have the same length and content. Not constant-time: never for secrets. */
export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return false;
  }
  return true;
}

/** A new array with all parts in order. */
export function concatBytes(...parts: Uint8Array[]): Uint8Array {
  let sizeBytes = 0;
  for (const part of parts) sizeBytes += part.length;
  const joined = new Uint8Array(sizeBytes);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** UTF-8 of a text. Throws `DecodeError` for a lone surrogate, which has no UTF-8. */
export function utf8ToBytes(text: string): Uint8Array {
  try {
    return utf8.decode(text);
  } catch {
    throw new DecodeError('text has a lone surrogate');
  }
}

/** Strict inverse of {@link utf8ToBytes}. Throws `DecodeError` for invalid UTF-8; a byte order mark is kept. */
export function bytesToUtf8(bytes: Uint8Array): string {
  try {
    return utf8.encode(bytes);
  } catch {
    throw new DecodeError('not valid UTF-8');
  }
}
