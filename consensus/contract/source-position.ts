/** Line and column of a character of a source, both from 1; columns count UTF-16 units, as editors do. */
export interface SourcePosition {
  readonly line: number;
  readonly column: number;
}

/**
 * A position as one number, because there is one for each token, node and instruction. A source has at most 16,384 bytes,
 * so both parts fit 16 bits.
 */
export type PackedPosition = number;

const COLUMN_BITS = 16;
const COLUMN_MASK = (1 << COLUMN_BITS) - 1;

export function packPosition(line: number, column: number): PackedPosition {
  return (line << COLUMN_BITS) | column;
}

export function unpackPosition(packed: PackedPosition): SourcePosition {
  return { line: packed >> COLUMN_BITS, column: packed & COLUMN_MASK };
}
