import Table from 'cli-table3';
import type { Colors } from './output.ts';

/** Without lines, so that a row can be copied and a table be cut into columns. */
const TABLE_CHARACTERS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** Rows under headings. `rightAligned` names the columns that hold numbers. */
export function table(
  colors: Colors,
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  rightAligned: readonly string[] = [],
): string {
  const drawn = new Table({
    head: headings.map((heading) => colors.dim(heading)),
    colAligns: headings.map((heading) => (rightAligned.includes(heading) ? 'right' : 'left')),
    chars: TABLE_CHARACTERS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  drawn.push(...rows.map((row) => [...row]));
  return withoutTrailingSpaces(drawn.toString());
}

function withoutTrailingSpaces(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
