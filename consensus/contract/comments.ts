import { tokensOf } from './lexer.ts';
import { unpackPosition } from './source-position.ts';
import type { Token } from './token.ts';

/** What the comments of a source say of its contract. It is no part of a program: comments neither compile nor cost anything. */
export interface SourceComments {
  /** Of the class. */
  readonly contract: string | null;
  /** By the name of a field, of a method, or `constructor`; those without a comment are left out. */
  readonly members: ReadonlyMap<string, string>;
}

const MODIFIERS = new Set(['private', 'public', 'readonly']);
const OPENING = new Set(['{', '(', '[']);
const CLOSING = new Set(['}', ')', ']']);
const DOC_COMMENT = /^\/\*\*(?=[^/])/;

/**
 * The comments directly above a contract, its fields and its methods, without their marks: of two stars, or lines of `//`.
 * @param source one that compiles
 */
export function commentsOf(source: string): SourceComments {
  const tokens = tokensOf(source);
  const offsetOf = offsetsIn(source);
  const gapBefore = (index: number) => {
    const [before, token] = [tokens[index - 1], tokens[index]];
    // What stands before a member, or the class, is a sign of one character.
    return source.slice(before === undefined ? 0 : offsetOf(before) + 1, token === undefined ? 0 : offsetOf(token));
  };
  const start = tokens.findIndex((token, i) => token.text === 'export' && tokens[i + 1]?.text === 'class');
  const members = new Map<string, string>();
  for (const index of memberStarts(tokens, start)) {
    const comment = commentIn(gapBefore(index), false);
    const name = tokens.slice(index, index + 1 + MODIFIERS.size).find(({ text }) => !MODIFIERS.has(text))?.text;
    if (comment !== null && name !== undefined) members.set(name, comment);
  }
  return { contract: commentIn(gapBefore(start), start === 0), members };
}

/** Indexes of the first tokens of the members of the class that begins at `start`. */
function* memberStarts(tokens: readonly Token[], start: number): Generator<number> {
  let depth = 0;
  for (let index = start + 1; index < tokens.length; index++) {
    const { kind, text } = tokens[index] as Token;
    if (kind !== 'sign') continue;
    if (OPENING.has(text)) depth++;
    if (CLOSING.has(text)) depth--;
    if (depth === 0 && text === '}') return;
    // A field ends with its `;`, a method with its `}`; a `}` before a `;` ends a value.
    const ends = depth === 1 && (text === '{' || text === ';' || text === '}');
    const next = tokens[index + 1]?.text;
    if (ends && next !== ';' && next !== '}') yield index + 1;
  }
}

/** A comment within spaces and comments: where it begins and ends, its marks included. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** The comment at the end of what stands between two tokens. @param isFirst there is no token before it */
function commentIn(gap: string, isFirst: boolean): string | null {
  // What stands behind something on its line is about that, unless all are on one line.
  const firstLine = isFirst || !gap.includes('\n') ? 0 : gap.indexOf('\n');
  const comments = commentsWithin(gap).filter(({ start }) => start >= firstLine);
  const last = comments.pop();
  if (last === undefined || !isDirectlyAbove(gap.slice(last.end))) return null;
  const text = gap.slice(last.start, last.end);
  if (text.startsWith('//')) {
    const lines = [text];
    for (let below = last, above = comments.pop(); above !== undefined; below = above, above = comments.pop()) {
      const line = gap.slice(above.start, above.end);
      if (!line.startsWith('//') || !isDirectlyAbove(gap.slice(above.end, below.start))) break;
      lines.push(line);
    }
    return shown(lines.toReversed().map((line) => line.slice('//'.length)));
  }
  if (!DOC_COMMENT.test(text)) return null;
  const inner = text.slice('/**'.length, -'*/'.length);
  return shown(inner.split('\n').map((line) => line.trimStart().replace(/^\*/, '')));
}

function commentsWithin(gap: string): Span[] {
  const spans: Span[] = [];
  for (let start = gap.indexOf('/'); start !== -1; start = gap.indexOf('/', spans.at(-1)?.end)) {
    const isLine = gap[start + 1] === '/';
    const close = gap.indexOf(isLine ? '\n' : '*/', start + '/*'.length);
    spans.push({ start, end: isLine ? close : close + '*/'.length });
  }
  return spans;
}

function isDirectlyAbove(space: string): boolean {
  return space.split('\n').length <= 2;
}

function shown(lines: readonly string[]): string | null {
  return (
    lines
      .map((line) => line.trim())
      .join('\n')
      .trim() || null
  );
}

/** Where in the source a token begins. */
function offsetsIn(source: string): (token: Token) => number {
  const starts = [0];
  for (let at = source.indexOf('\n'); at !== -1; at = source.indexOf('\n', at + 1)) starts.push(at + 1);
  return ({ at }) => {
    const { line, column } = unpackPosition(at);
    return (starts[line - 1] ?? 0) + column - 1;
  };
}
