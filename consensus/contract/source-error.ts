import { quotable } from '../quotable.ts';
import { SOURCE_ERRORS, type SourceErrorCode } from './source-errors.ts';
import { type PackedPosition, unpackPosition } from './source-position.ts';

/** Where in the words of the table the details of one error are put, in order. */
const PLACE = '$';
/** Longest detail that is quoted, in characters: names have up to 64, and what to write instead is not to be cut. */
const MAX_DETAIL_CHARS = 120;

/**
 * A source is not a contract of format 0. That it is not is consensus; which of several faults is reported, where, and in
 * which words is not.
 */
export class SourceError extends Error {
  readonly code: SourceErrorCode;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** The message without the position. */
  readonly detail: string;
  /** What is put into its words, in order. */
  readonly details: readonly string[];

  constructor(code: SourceErrorCode, at: PackedPosition, details: readonly string[] = []) {
    const { line, column } = unpackPosition(at);
    const detail = filled(SOURCE_ERRORS[code], details);
    super(`line ${line}, column ${column}: ${detail}`);
    this.name = 'SourceError';
    this.code = code;
    this.line = line;
    this.column = column;
    this.detail = detail;
    this.details = details;
  }
}

function filled(words: string, details: readonly string[]): string {
  const [first = '', ...rest] = words.split(PLACE);
  return rest.reduce((text, part, i) => text + quotable(details[i] ?? '', MAX_DETAIL_CHARS) + part, first);
}
