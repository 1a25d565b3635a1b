import { DecodeError } from '../codec.ts';
import { bytesToUtf8 } from '../hex.ts';
import { MAX_SOURCE_BYTES } from './limits.ts';
import { SourceError } from './source-error.ts';
import { packPosition } from './source-position.ts';

const START = packPosition(1, 1);

/** The text of a source. Throws {@link SourceError} for a source that is too long or no UTF-8. */
export function decodeSource(source: Uint8Array): string {
  if (source.length > MAX_SOURCE_BYTES) {
    throw new SourceError('source-too-long', START, [`${source.length}`, `${MAX_SOURCE_BYTES}`]);
  }
  try {
    return bytesToUtf8(source);
  } catch (error) {
    if (error instanceof DecodeError) throw new SourceError('not-utf8', START);
    throw error;
  }
}

const TAB = 0x09;
const FIRST_PRINTABLE = 0x20;
const LAST_PRINTABLE = 0x7e;
const LAST_CONTROL = 0x9f;

/** Whether a character can stand anywhere in a source; line feeds are told apart before. */
export function isPlainCharacter(code: number): boolean {
  return (code >= FIRST_PRINTABLE && code <= LAST_PRINTABLE) || code === TAB;
}

/** Ranges that end a line for some engines, or change the order in which an editor shows what follows. */
const MISLEADING: readonly (readonly [first: number, last: number])[] = [
  [0x061c, 0x061c],
  [0x200e, 0x200f],
  [0x2028, 0x2029],
  [0x202a, 0x202e],
  [0x2066, 0x2069],
];

/**
 * Whether a UTF-16 unit can stand in a comment or a text: every Unicode scalar value but controls, and what makes another
 * engine or an editor see another program. Decoded UTF-8 has no lone surrogates.
 */
export function isTextCharacter(unit: number): boolean {
  if (isPlainCharacter(unit)) return true;
  return unit > LAST_CONTROL && !MISLEADING.some(([first, last]) => unit >= first && unit <= last);
}
