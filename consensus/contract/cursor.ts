import { MAX_NESTING } from './limits.ts';
import { SourceError } from './source-error.ts';
import { type PackedPosition, unpackPosition } from './source-position.ts';
import type { Token } from './token.ts';
import { ASSIGNMENTS, FOREIGN, isNameable, LEFT_OUT } from './words.ts';

/** Goes through the tokens of a source, and counts how deep the parser is in them. */
export class Cursor {
  readonly #tokens: readonly Token[];
  #index = 0;
  #depth = 0;
  /** Whether a `<` stands within the innermost brackets: in the present element of a list, and in an earlier one. */
  #lessHere = false;
  #lessBefore = false;

  /** The last token is `end`. */
  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  /** The token that comes next; behind the end, the end. */
  get token(): Token {
    return this.#tokens[Math.min(this.#index, this.#tokens.length - 1)] as Token;
  }

  /** Where the next token stands. */
  get at(): PackedPosition {
    return this.token.at;
  }

  /** Whether the next token is this word or sign. */
  is(text: string): boolean {
    const { token } = this;
    return (token.kind === 'word' || token.kind === 'sign') && token.text === text;
  }

  /** Whether the token behind the next one, or `ahead` of it, is this word or sign. */
  isAhead(ahead: number, text: string): boolean {
    const token = this.#tokens[this.#index + ahead];
    return (token?.kind === 'word' || token?.kind === 'sign') && token.text === text;
  }

  /** Takes the next token. */
  advance(): Token {
    const { token } = this;
    this.#index++;
    return token;
  }

  /** Takes the next token if it is this word or sign, and says whether it was. */
  accept(text: string): boolean {
    const found = this.is(text);
    if (found) this.#index++;
    return found;
  }

  /** Takes the next token, which must be this word or sign. */
  expect(text: string): void {
    if (!this.accept(text)) throw this.unexpected(text);
  }

  /** Takes the next token, which must be a name that a source can give. */
  takeName(): string {
    const { token } = this;
    if (token.kind !== 'word') throw this.unexpected('a name');
    if (LEFT_OUT.has(token.text)) throw this.unexpected('a name');
    if (!isNameable(token.text)) throw new SourceError('reserved-name', token.at, [token.text]);
    this.#index++;
    return token.text;
  }

  /** Takes the next token, which must be a word. */
  takeWord(): string {
    const { token } = this;
    if (token.kind !== 'word') throw this.unexpected('a name');
    this.#index++;
    return token.text;
  }

  /** JavaScript ends a statement where a line ends behind `return` and a few others: a program must not mean two things. */
  requireSameLine(): void {
    const before = this.#tokens[this.#index - 1] ?? this.token;
    if (unpackPosition(before.at).line !== unpackPosition(this.at).line) {
      throw new SourceError('line-break', this.at, [before.text]);
    }
  }

  /** Parses what stands one level deeper. */
  nested<T>(parse: () => T): T {
    if (++this.#depth > MAX_NESTING) throw new SourceError('too-nested', this.at, [`${MAX_NESTING}`]);
    const parsed = parse();
    this.#depth--;
    return parsed;
  }

  /** Elements separated by commas, up to `close`, which is taken; a comma before it is fine. */
  list(close: string, parseElement: () => void): void {
    this.bracketed(() => {
      while (!this.accept(close)) {
        parseElement();
        this.#lessBefore ||= this.#lessHere;
        this.#lessHere = false;
        if (!this.accept(',')) {
          if (!this.accept(close)) throw this.unexpected(`, or ${close}`);
          return;
        }
      }
    });
  }

  /** Parses what stands in brackets of its own. */
  bracketed<T>(parse: () => T): T {
    const here = this.#lessHere;
    const before = this.#lessBefore;
    this.#lessHere = false;
    this.#lessBefore = false;
    const parsed = parse();
    this.#lessHere = here;
    this.#lessBefore = before;
    return parsed;
  }

  /**
   * Notes a comparison whose sign was taken: `f(a < b, c > (d))` calls `a` in TypeScript, with `b` and `c` as types, and what
   * ends with a template text or with the line has types there too.
   */
  noteComparison(sign: string, at: PackedPosition): void {
    if (sign === '<') this.#lessHere = true;
    if (sign !== '>' || !this.#lessBefore) return;
    const { token } = this;
    const endsLine = unpackPosition(at).line !== unpackPosition(token.at).line;
    if (this.is('(') || token.kind === 'piece' || endsLine) throw new SourceError('type-arguments', at);
  }

  /** The error that something else should stand here. */
  unexpected(wanted: string): SourceError {
    const { token } = this;
    if (token.kind === 'sign' && (token.text === '++' || token.text === '--')) {
      return new SourceError('step-in-expression', token.at, [token.text]);
    }
    if (token.kind === 'sign' && ASSIGNMENTS.has(token.text))
      return new SourceError('misplaced-assignment', token.at, [token.text]);
    const hint = token.kind === 'word' ? LEFT_OUT.get(token.text) : undefined;
    if (hint !== undefined) return new SourceError('left-out', token.at, [token.text, hint]);
    // `uint256 count`, `emit Voted(…)`: the word before it, or the first one of the file, is of another language.
    const before = this.#tokens[this.#index - 1];
    for (const word of token.kind === 'word' ? [before, token] : []) {
      const foreign = word?.kind === 'word' ? FOREIGN.get(word.text) : undefined;
      if (word !== undefined && foreign !== undefined)
        return new SourceError('left-out', word.at, [word.text, foreign]);
    }
    return new SourceError('expected', token.at, [wanted, token.text]);
  }
}
