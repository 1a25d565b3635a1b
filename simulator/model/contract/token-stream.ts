import { Refusal } from './refusal.ts';
import type { Token } from './token.ts';
import { checkName, checkTypeName, isLeftOut } from './words.ts';

const ASSIGNMENTS = ['=', '+=', '-=', '*=', '/=', '%=', '**='];

/** Tokens of a source, read from left to right. All that begin with `expect` throw `Refusal` if something else stands there. */
export class TokenStream {
  readonly #tokens: readonly Token[];
  #at = 0;

  /** `tokens` end with one of the kind `end`. */
  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  /** How many tokens were read. */
  get position(): number {
    return this.#at;
  }

  get next(): Token {
    return this.ahead(0);
  }

  /** The token so many places behind the next one. */
  ahead(places: number): Token {
    return this.#tokens[Math.min(this.#at + places, this.#tokens.length - 1)] as Token;
  }

  /** Tokens from a position up to the next one. */
  since(position: number): readonly Token[] {
    return this.#tokens.slice(position, this.#at);
  }

  take(): Token {
    const token = this.next;
    if (token.kind !== 'end') this.#at++;
    return token;
  }

  isSign(...signs: readonly string[]): boolean {
    return this.next.kind === 'sign' && signs.includes(this.next.text);
  }

  isWord(...words: readonly string[]): boolean {
    return this.next.kind === 'word' && words.includes(this.next.text);
  }

  /** Takes a sign or word if it stands here. */
  takeIf(text: string): boolean {
    const stands = this.isSign(text) || this.isWord(text);
    if (stands) this.#at++;
    return stands;
  }

  /** Takes the operator of an assignment, if one stands here. */
  takeAssignment(): string | undefined {
    return this.isSign(...ASSIGNMENTS) ? this.take().text : undefined;
  }

  expect(text: string): Token {
    const token = this.next;
    if (!this.takeIf(text)) this.refuse();
    return token;
  }

  expectKind(kind: Token['kind']): Token {
    if (this.next.kind !== kind) this.refuse();
    return this.take();
  }

  /** A name for something that is declared or used here. */
  expectName(): Token {
    const token = this.expectKind('word');
    checkName(token.text, token);
    return token;
  }

  expectTypeName(): Token {
    const token = this.expectKind('word');
    checkTypeName(token.text, token);
    return token;
  }

  /** JavaScript would end the statement at the end of this line. */
  expectSameLine(): void {
    if (this.next.startsLine) throw new Refusal('line-break', this.next);
  }

  /** Something else is expected here than what stands here. */
  refuse(): never {
    if (this.isSign('++', '--')) throw new Refusal('step-in-expression', this.next);
    if (this.isSign(...ASSIGNMENTS)) throw new Refusal('misplaced-assignment', this.next);
    if (this.next.kind === 'word' && isLeftOut(this.next.text)) throw new Refusal('left-out', this.next);
    throw new Refusal('expected', this.next);
  }

  /** Reads `x {, x} [,]`, or nothing, up to and with the sign that closes it. */
  list<Element>(close: string, readElement: () => Element): Element[] {
    const elements: Element[] = [];
    while (!this.takeIf(close)) {
      elements.push(readElement());
      if (this.takeIf(close)) break;
      this.expect(',');
    }
    return elements;
  }
}
