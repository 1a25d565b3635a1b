import { bytesToHex as nobleBytesToHex } from '@noble/hashes/utils.js';
import { utf8 } from '@scure/base';
import { DecodeError } from './codec.ts';

const NOT_A_DIGIT = 0xff;
/** Value of each character code below 128 as a lower-case hex digit. */
const DIGITS = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = '0123456789abcdef'.indexOf(String.fromCharCode(code));
  return value < 0 ? NOT_A_DIGIT : value;
});

/** Lower-case hex in the order of the bytes. */
export function bytesToHex(bytes: Uint8Array): string {
  return nobleBytesToHex(bytes);
}

/**
 * The inverse of {@link bytesToHex}. Throws `DecodeError` for an odd length, upper case or anything but hex digits.
 * Connecting a full block does this a hundred thousand times, hence a table.
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
