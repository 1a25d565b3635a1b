import { printable } from '../../consensus/quotable.ts';

/** Characters of a line that are shown. */
const MAX_SHOWN_CHARS = 100;
/** Characters that terminals draw twice as wide as others. */
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/g;
/** A space of their width. */
const WIDE_SPACE = '\u3000';

/**
 * A line of a source with a mark under a place, for people; undefined where the source has no such line.
 * @param line from 1 @param column from 1, in UTF-16 units
 */
export function markedLine(source: string, line: number, column: number): string | undefined {
  const text = source.split('\n')[line - 1];
  if (text === undefined) return undefined;
  // As wide as it is long, whatever it holds.
  const whole = printable(text.replaceAll('\t', ' '));
  const start = Math.max(0, Math.min(column - MAX_SHOWN_CHARS / 2, whole.length - MAX_SHOWN_CHARS));
  const shown = whole.slice(start, start + MAX_SHOWN_CHARS);
  const before = shown
    .slice(0, column - 1 - start)
    .replace(WIDE, WIDE_SPACE)
    .replace(/[^\u3000]/g, ' ');
  const label = `${line} | `;
  return `${label}${shown.trimEnd()}\n${' '.repeat(label.length)}${before}^`;
}
