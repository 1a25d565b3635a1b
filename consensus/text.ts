import { DecodeError } from './codec.ts';
import { bytesToUtf8 } from './hex.ts';

/** Byte order mark, which editors on Windows put before a UTF-8 text; it is not part of the text. */
const BYTE_ORDER_MARK = '\ufeff';
/** The same mark as the first bytes of the encodings that it was made for. The longer ones first: one begins with another. */
const OTHER_MARKS: readonly (readonly [encoding: string, mark: readonly number[]])[] = [
  ['UTF-32', [0xff, 0xfe, 0x00, 0x00]],
  ['UTF-32', [0x00, 0x00, 0xfe, 0xff]],
  ['UTF-16', [0xff, 0xfe]],
  ['UTF-16', [0xfe, 0xff]],
];

/** Bytes that are no UTF-8 text; the message names the encoding that they seem to be in, and what to do. */
export class TextEncodingError extends Error {
  constructor(found: string) {
    super(`${found}; save it as UTF-8`);
    this.name = 'TextEncodingError';
  }
}

/**
 * The text of a file or a pipe that people write: UTF-8 with or without a byte order mark, which is left out.
 * Throws {@link TextEncodingError} for any other encoding.
 */
export function decodeText(bytes: Uint8Array): string {
  const other = OTHER_MARKS.find(([, mark]) => mark.every((byte, at) => bytes[at] === byte));
  if (other) throw new TextEncodingError(`is ${other[0]} text`);
  // JSON and words begin with ASCII characters, which UTF-16 encodes as one byte and a zero.
  if (bytes.length >= 2 && (bytes[0] === 0) !== (bytes[1] === 0)) throw new TextEncodingError('is UTF-16 text');
  try {
    const text = bytesToUtf8(bytes);
    return text.startsWith(BYTE_ORDER_MARK) ? text.slice(BYTE_ORDER_MARK.length) : text;
  } catch (error) {
    if (error instanceof DecodeError) throw new TextEncodingError('is not UTF-8 text');
    throw error;
  }
}
