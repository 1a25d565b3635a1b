/** What a piece of a source is, as far as a reader's eye wants to know. */
export interface SourcePiece {
  readonly text: string;
  readonly kind: 'comment' | 'text' | 'number' | 'keyword' | 'type' | null;
}

const KEYWORDS =
  'break class const constructor continue else export false for from if import interface let new of private public readonly return this throw true type void while';
const TYPES = 'Address List Table bigint boolean number string';

/** One of each kind, in the order of the groups of {@link TOKEN}. */
const KINDS = ['comment', 'text', 'number'] as const;
const TOKEN =
  /(\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|('(?:\\.|[^'\\\n])*'?|"(?:\\.|[^"\\\n])*"?|`(?:\\.|[^`\\])*`?)|\b(\d[\w.]*)|\b[A-Za-z_]\w*/g;

const WORDS = new Map<string, 'keyword' | 'type'>([
  ...KEYWORDS.split(' ').map((word) => [word, 'keyword'] as const),
  ...TYPES.split(' ').map((word) => [word, 'type'] as const),
]);

/** A source, line by line, in pieces of a kind. Every character of it is in one piece, but the ends of lines. */
export function highlightedLines(source: string): readonly (readonly SourcePiece[])[] {
  const lines: SourcePiece[][] = [[]];
  const add = (text: string, kind: SourcePiece['kind']): void => {
    for (const [index, part] of text.split('\n').entries()) {
      if (index > 0) lines.push([]);
      if (part !== '') lines.at(-1)?.push({ text: part, kind });
    }
  };
  let end = 0;
  for (const match of source.matchAll(TOKEN)) {
    add(source.slice(end, match.index), null);
    const group = KINDS.findIndex((_, index) => match[index + 1] !== undefined);
    add(match[0], KINDS[group] ?? WORDS.get(match[0]) ?? null);
    end = match.index + match[0].length;
  }
  add(source.slice(end), null);
  return lines;
}
