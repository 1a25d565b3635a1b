import { bytesToUtf8 } from '../../../consensus/hex.ts';
import { MAX_NAME_CHARS, MAX_SOURCE_BYTES, MAX_TEXT_UNITS } from './limits.ts';
import { readNumber } from './read-number.ts';
import { type Place, Refusal } from './refusal.ts';
import type { Token } from './token.ts';

const SIGNS = [
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  ';',
  ',',
  '.',
  ':',
  '?',
  '<',
  '<=',
  '>',
  '>=',
  '===',
  '!==',
  '!',
  '&&',
  '||',
].concat(['=', '+', '-', '*', '/', '%', '**', '+=', '-=', '*=', '/=', '%=', '**=', '++', '--', '&', '|', '^']);
const REFUSED_SIGNS = ['==', '!=', '??', '??=', '?.', '...', '=>', '<<', '<<=', '>>', '>>=', '>>>', '>>>=', '~'].concat(
  ['&&=', '||=', '&=', '|=', '^=', '#', '@'],
);
/** The longest sign that stands somewhere: of several alternatives the first one that fits is taken. */
const LONGEST_SIGN = new RegExp(
  [...SIGNS, ...REFUSED_SIGNS]
    .toSorted((a, b) => b.length - a.length)
    .map((sign) => sign.replace(/./g, '\\$&'))
    .join('|'),
  'y',
);

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '`': '`',
  $: '$',
};

const SPACE_OR_COMMENT = /[ \t\n]+|\/\/[^\n]*/y;
const WORD_OR_NUMBER = /[A-Za-z0-9_]+/y;
/** What no editor shows: controls but tab and line feed, and signs that turn or break the order of a line. */
const HIDDEN = /[^\P{Cc}\t\n]|[\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
/** Code points that are no characters of their own. */
const MAX_CODE_POINT = 0x10ffff;

/** Sections 1 and 2 of `docs/contracts.md`: all tokens of a source, with `end` as the last. Throws `Refusal`. */
export function readTokens(source: Uint8Array): Token[] {
  const start = { line: 1, column: 1 };
  if (source.length > MAX_SOURCE_BYTES) throw new Refusal('source-too-long', start);
  let text: string;
  try {
    text = bytesToUtf8(source);
  } catch {
    throw new Refusal('not-utf8', start);
  }
  return new Reader(text).tokens();
}

class Reader {
  readonly #source: string;
  readonly #tokens: Token[] = [];
  #at = 0;
  #startsLine = false;
  /** For each brace that is open: whether it is the `${` of a template text. */
  readonly #braces: boolean[] = [];
  /** The line of the last place that was asked for, and where it begins. */
  #line = 1;
  #lineStart = 0;

  constructor(source: string) {
    this.#source = source;
  }

  tokens(): Token[] {
    const hidden = HIDDEN.exec(this.#source);
    if (hidden) this.#refuse(hidden[0] === '\r' ? 'carriage-return' : 'hidden-character', hidden.index);
    for (;;) {
      this.#skipSpace();
      if (this.#at === this.#source.length) break;
      this.#readToken();
    }
    this.#add('end', '', this.#at);
    return this.#tokens;
  }

  #skipSpace(): void {
    for (;;) {
      let length = this.#match(SPACE_OR_COMMENT).length;
      if (this.#source.startsWith('/*', this.#at)) {
        const end = this.#source.indexOf('*/', this.#at + 2);
        if (end < 0) this.#refuse('comment-without-end', this.#at);
        length = end + 2 - this.#at;
      }
      if (length === 0) return;
      if (this.#source.slice(this.#at, this.#at + length).includes('\n')) this.#startsLine = true;
      this.#at += length;
    }
  }

  /** What a sticky expression matches here, or nothing. */
  #match(expression: RegExp): string {
    expression.lastIndex = this.#at;
    return expression.exec(this.#source)?.[0] ?? '';
  }

  #readToken(): void {
    const start = this.#at;
    const word = this.#match(WORD_OR_NUMBER);
    const next = this.#source[start] as string;
    if (word !== '') this.#readWord(word, start);
    else if (next === "'" || next === '"') {
      this.#at++;
      const text = this.#readText(next);
      this.#at++;
      this.#add('text', text, start);
    } else if (next === '`') this.#readTemplate(start, true);
    else if (next === '}' && this.#braces.at(-1) === true) {
      this.#braces.pop();
      this.#readTemplate(start, false);
    } else this.#readSign(start);
  }

  #readWord(word: string, start: number): void {
    this.#at += word.length;
    if (/^[0-9]/.test(word)) {
      const value = readNumber(word, this.#placeOf(start));
      if (this.#source[this.#at] === '.') this.#refuse('not-whole', start);
      this.#add('number', word, start, value);
      return;
    }
    if (word.startsWith('_')) this.#refuse('bad-name', start);
    if (word.length > MAX_NAME_CHARS) this.#refuse('name-too-long', start);
    this.#add('word', word, start);
  }

  #readSign(start: number): void {
    const sign = this.#match(LONGEST_SIGN);
    if (sign === '') this.#refuse(this.#source[start] === '$' ? 'bad-name' : 'no-meaning', start);
    if (REFUSED_SIGNS.includes(sign)) this.#refuse('left-out', start);
    this.#at += sign.length;
    if (sign === '{') this.#braces.push(false);
    if (sign === '}') this.#braces.pop();
    this.#add('sign', sign, start);
  }

  /** Reads a piece of a template text, behind its first backtick or behind a value. */
  #readTemplate(start: number, isFirst: boolean): void {
    this.#at++;
    const text = this.#readText('`');
    const endsHere = this.#source[this.#at] === '`';
    this.#at += endsHere ? 1 : 2;
    if (!endsHere) this.#braces.push(true);
    if (endsHere) this.#add(isFirst ? 'template' : 'tail', text, start);
    else this.#add(isFirst ? 'head' : 'middle', text, start);
  }

  /** Reads content up to the quote that ends it, or of a template text up to a `${`, and stays before these. */
  #readText(quote: string): string {
    const start = this.#at;
    let text = '';
    for (;;) {
      const next = this.#source[this.#at];
      if (next === undefined || (next === '\n' && quote !== '`')) this.#refuse('text-without-end', start);
      if (next === quote || (quote === '`' && this.#source.startsWith('${', this.#at))) break;
      text += next === '\\' ? this.#readEscape() : next;
      if (next !== '\\') this.#at++;
    }
    if (text.length > MAX_TEXT_UNITS) this.#refuse('text-too-long', start);
    return text;
  }

  #readEscape(): string {
    const rest = this.#source.slice(this.#at + 1, this.#at + 11);
    const simple = ESCAPES[rest[0] as string];
    if (simple !== undefined) {
      this.#at += 2;
      return simple;
    }
    const [written, digits = ''] = /^u\{([0-9a-fA-F]{1,6})\}/.exec(rest) ?? [];
    const codePoint = Number.parseInt(digits, 16);
    const isScalarValue = codePoint <= MAX_CODE_POINT && !(codePoint >= 0xd800 && codePoint <= 0xdfff);
    if (written === undefined || !isScalarValue) this.#refuse('bad-escape', this.#at);
    this.#at += 1 + written.length;
    return String.fromCodePoint(codePoint);
  }

  #add(kind: Token['kind'], text: string, start: number, value: number | bigint = 0): void {
    this.#tokens.push({ kind, text, value, startsLine: this.#startsLine, ...this.#placeOf(start) });
    this.#startsLine = false;
  }

  /** Offsets are asked for in the order of the source. */
  #placeOf(offset: number): Place {
    for (;;) {
      const lineEnd = this.#source.indexOf('\n', this.#lineStart);
      if (lineEnd < 0 || lineEnd >= offset) break;
      this.#line++;
      this.#lineStart = lineEnd + 1;
    }
    return { line: this.#line, column: offset - this.#lineStart + 1 };
  }

  #refuse(code: string, offset: number): never {
    throw new Refusal(code, this.#placeOf(offset));
  }
}
