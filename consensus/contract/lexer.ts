import { numberLiteral } from './lex-number.ts';
import { MAX_NAME_CHARS, MAX_TEXT_UNITS } from './limits.ts';
import { SourceError } from './source-error.ts';
import type { SourceErrorCode } from './source-errors.ts';
import { type PackedPosition, packPosition } from './source-position.ts';
import { isPlainCharacter, isTextCharacter } from './source-text.ts';
import type { Token } from './token.ts';
import { LEFT_OUT_SIGNS, SIGNS } from './words.ts';

/** What a character can be part of, by its code; a bit for each. */
const LETTER = 1;
const DIGIT = 2;
const WORD = 4;
const NUMBER = 8;
const CLASSES = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  const isLetter = /[A-Za-z]/.test(character);
  const isDigit = /[0-9]/.test(character);
  const isWord = isLetter || isDigit || character === '_';
  return (
    (isLetter ? LETTER : 0) | (isDigit ? DIGIT : 0) | (isWord ? WORD : 0) | (isWord || character === '.' ? NUMBER : 0)
  );
});

/** All signs by their first character, the longest first. The last of each is the character itself. */
const SIGNS_BY_START = new Map<string, string[]>();
for (const sign of [...SIGNS, ...LEFT_OUT_SIGNS.keys()].toSorted((a, b) => b.length - a.length)) {
  const start = sign.charAt(0);
  SIGNS_BY_START.set(start, [...(SIGNS_BY_START.get(start) ?? []), sign]);
}
/** Characters that a sign has behind its first one. */
const SIGN_TAILS = new Set([...SIGNS, ...LEFT_OUT_SIGNS.keys()].flatMap((sign) => [...sign.slice(1)]));
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
  ['`', '`'],
  ['$', '$'],
]);
const CODE_POINT = /^\{([0-9a-fA-F]{1,6})\}/;
/** Characters of the longest `{10ffff}` behind `\u`. */
const MAX_CODE_POINT_CHARS = 8;
const MAX_CODE_POINT = 0x10ffff;
const FIRST_SURROGATE = 0xd800;
const LAST_SURROGATE = 0xdfff;

/** All tokens of a source, in one pass; the last one is `end`. Throws {@link SourceError}. */
export function tokensOf(source: string): Token[] {
  return new Lexer(source).tokens();
}

class Lexer {
  readonly #source: string;
  readonly #tokens: Token[] = [];
  /** Open braces, and how many of them there were when each template text was left for a value. */
  #braces = 0;
  readonly #templates: number[] = [];
  #offset = 0;
  #line = 1;
  #lineStart = 0;

  constructor(source: string) {
    this.#source = source;
  }

  tokens(): Token[] {
    for (;;) {
      this.#skipSpace();
      const at = this.#here();
      const character = this.#source[this.#offset];
      if (character === undefined) {
        if (this.#templates.length > 0) throw new SourceError('text-without-end', at);
        this.#tokens.push({ kind: 'end', text: 'the end', at });
        return this.#tokens;
      }
      this.#token(character, at);
    }
  }

  #here(): PackedPosition {
    return packPosition(this.#line, this.#offset - this.#lineStart + 1);
  }

  #token(character: string, at: PackedPosition): void {
    const kind = CLASSES[this.#source.charCodeAt(this.#offset)] ?? 0;
    if (kind & LETTER) {
      const text = this.#run(WORD);
      if (text.length > MAX_NAME_CHARS) throw new SourceError('name-too-long', at, [text, `${MAX_NAME_CHARS}`]);
      this.#tokens.push({ kind: 'word', text, at });
    } else if (kind & DIGIT) {
      const text = this.#run(NUMBER);
      this.#tokens.push({ kind: 'literal', text, value: numberLiteral(text, at), at });
    } else if (character === "'" || character === '"') {
      this.#offset++;
      this.#tokens.push({ kind: 'literal', text: 'a text', value: this.#text(character, at), at });
    } else if (character === '`') {
      this.#piece(true, at);
    } else if (character === '}' && this.#templates.at(-1) === this.#braces) {
      this.#templates.pop();
      this.#piece(false, at);
    } else {
      this.#sign(character, at);
    }
  }

  /** The characters from here on that are of a class. */
  #run(kind: number): string {
    const start = this.#offset;
    let end = start;
    while (((CLASSES[this.#source.charCodeAt(end)] ?? 0) & kind) !== 0) end++;
    this.#offset = end;
    return this.#source.slice(start, end);
  }

  /** The longest sign that stands here. */
  #sign(character: string, at: PackedPosition): void {
    const signs = SIGNS_BY_START.get(character);
    if (signs === undefined) {
      if (character === '_' || character === '$') throw new SourceError('bad-name', at, [character]);
      throw this.#badCharacter(character, at);
    }
    // Most signs stand before something that is in none, so that nothing has to be compared.
    const isLong = SIGN_TAILS.has(this.#source[this.#offset + 1] ?? '');
    const longer = isLong ? signs.find((sign) => this.#source.startsWith(sign, this.#offset)) : undefined;
    const text = longer ?? character;
    if (!SIGNS.has(text)) throw new SourceError('left-out', at, [text, LEFT_OUT_SIGNS.get(text) ?? '']);
    if (text === '{') this.#braces++;
    if (text === '}') this.#braces--;
    this.#offset += text.length;
    this.#tokens.push({ kind: 'sign', text, at });
  }

  /** A piece of a template text, up to its end or to the next value. */
  #piece(first: boolean, at: PackedPosition): void {
    this.#offset++;
    const value = this.#text('`', at);
    const last = this.#source[this.#offset - 1] === '`';
    if (!last) this.#templates.push(this.#braces);
    this.#tokens.push({ kind: 'piece', text: 'a template text', value, first, last, at });
  }

  /** The characters up to an unescaped `quote`, or in a template text `${`, which is read too. */
  #text(quote: string, at: PackedPosition): string {
    const parts: string[] = [];
    let units = 0;
    let start = this.#offset;
    const take = (text: string): void => {
      parts.push(text);
      units += text.length;
    };
    for (;;) {
      const character = this.#source[this.#offset];
      if (character === undefined || (character === '\n' && quote !== '`'))
        throw new SourceError('text-without-end', at);
      const isHole = quote === '`' && character === '$' && this.#source[this.#offset + 1] === '{';
      if (character === quote || isHole) {
        take(this.#source.slice(start, this.#offset));
        this.#offset += isHole ? 2 : 1;
        break;
      }
      if (character === '\\') {
        take(this.#source.slice(start, this.#offset));
        take(this.#escape());
        start = this.#offset;
      } else {
        this.#skipTextCharacter(character);
      }
    }
    if (units > MAX_TEXT_UNITS) throw new SourceError('text-too-long', at, [`${MAX_TEXT_UNITS}`]);
    return parts.join('');
  }

  #escape(): string {
    const at = this.#here();
    const character = this.#source[this.#offset + 1] ?? '';
    const simple = ESCAPES.get(character);
    this.#offset += 2;
    if (simple !== undefined) return simple;
    const digits = CODE_POINT.exec(this.#source.slice(this.#offset, this.#offset + MAX_CODE_POINT_CHARS));
    const code = Number.parseInt(digits?.[1] ?? '', 16);
    const isScalarValue = code <= MAX_CODE_POINT && !(code >= FIRST_SURROGATE && code <= LAST_SURROGATE);
    if (character !== 'u' || digits === null || !isScalarValue) throw new SourceError('bad-escape', at, [character]);
    this.#offset += digits[0].length;
    return String.fromCodePoint(code);
  }

  #skipTextCharacter(character: string): void {
    if (character === '\n') return this.#newLine();
    if (!isTextCharacter(character.charCodeAt(0))) throw this.#badCharacter(character, this.#here());
    this.#offset++;
  }

  #newLine(): void {
    this.#offset++;
    this.#line++;
    this.#lineStart = this.#offset;
  }

  #skipSpace(): void {
    for (;;) {
      const character = this.#source[this.#offset];
      const next = this.#source[this.#offset + 1];
      if (character === '\n') this.#newLine();
      else if (character === ' ' || character === '\t') this.#offset++;
      else if (character === '/' && next === '/') this.#skipLineComment();
      else if (character === '/' && next === '*') this.#skipComment();
      else return;
    }
  }

  #skipLineComment(): void {
    for (;;) {
      const character = this.#source[this.#offset];
      if (character === undefined || character === '\n') return;
      this.#skipTextCharacter(character);
    }
  }

  #skipComment(): void {
    const at = this.#here();
    this.#offset += 2;
    for (;;) {
      const character = this.#source[this.#offset];
      if (character === undefined) throw new SourceError('comment-without-end', at);
      if (character === '*' && this.#source[this.#offset + 1] === '/') break;
      this.#skipTextCharacter(character);
    }
    this.#offset += 2;
  }

  #badCharacter(character: string, at: PackedPosition): SourceError {
    const code = this.#source.codePointAt(this.#offset) ?? 0;
    const shown = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
    if (character === '\r') return new SourceError('carriage-return', at);
    const problem: SourceErrorCode =
      isPlainCharacter(code) || isTextCharacter(code) ? 'no-meaning' : 'hidden-character';
    const isSafeToShow = problem === 'no-meaning';
    return new SourceError(problem, at, [isSafeToShow ? String.fromCodePoint(code) : shown]);
  }
}
