import type { Terminal } from '../output/output.ts';
import { markedLine } from './marked-line.ts';

/**
 * Draws the line of a source where something is wrong, beside the output.
 * @param line from 1 @param column from 1, in UTF-16 units
 */
export function showPlace(source: string, line: number, column: number, terminal: Terminal): void {
  const marked = markedLine(source, line, column);
  if (marked !== undefined) terminal.printError(marked);
}
