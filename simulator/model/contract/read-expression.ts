import { MAX_LITERAL_PARTS, MAX_PARAMETERS, MAX_TREE_HEIGHT } from './limits.ts';
import { checkLevel } from './open-file.ts';
import { type Place, Refusal } from './refusal.ts';
import type { Expression } from './syntax.ts';
import type { Token } from './token.ts';
import type { TokenStream } from './token-stream.ts';

/** Operators from the loosest to the tightest. */
const BINARY = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['===', '!=='],
  ['<', '<=', '>', '>='],
  ['+', '-'],
  ['*', '/', '%'],
];
const COMPARISON = 6;
const HOST_FUNCTIONS = ['BigInt', 'Number', 'address', 'require', 'sha256', 'verify'];
/** The name of an event and its values. */
const MAX_ARGUMENTS = 1 + MAX_PARAMETERS;

/** An expression without its place and height. */
type Bare<E = Expression> = E extends Expression ? Omit<E, keyof Place | 'height'> : never;

/** Reads an expression that stands so many levels below the class or the functions of the file. */
export function readExpression(tokens: TokenStream, level: number): Expression {
  return new ExpressionReader(tokens).expression(level);
}

/** Reads calls, indices and properties of what stands there, without operators around them. */
class ExpressionReader {
  readonly #tokens: TokenStream;

  constructor(tokens: TokenStream) {
    this.#tokens = tokens;
  }

  expression(level: number): Expression {
    const place = this.#tokens.next;
    checkLevel(level, place);
    const test = this.#binary(level, 0);
    if (!this.#tokens.takeIf('?')) return test;
    const yes = this.expression(level + 1);
    this.#tokens.expect(':');
    const no = this.expression(level + 1);
    return node(place, { kind: 'choice', test, yes, no }, [test, yes, no]);
  }

  #binary(level: number, rank: number): Expression {
    const signs = BINARY[rank];
    if (signs === undefined) return this.#power(level);
    const place = this.#tokens.next;
    let left = this.#binary(level, rank + 1);
    for (let isFirst = true; this.#tokens.isSign(...signs); isFirst = false) {
      if (rank === COMPARISON && !isFirst) throw new Refusal('compared-twice', this.#tokens.next);
      const sign = this.#tokens.take().text;
      const right = this.#binary(level, rank + 1);
      left = node(place, { kind: 'binary', sign, left, right }, [left, right]);
    }
    return left;
  }

  #power(level: number): Expression {
    const place = this.#tokens.next;
    const left = this.#prefixed(level);
    if (!this.#tokens.isSign('**')) return left;
    if (isPrefix(place)) throw new Refusal('prefixed-power', place);
    this.#tokens.take();
    checkLevel(level + 1, this.#tokens.next);
    const right = this.#power(level + 1);
    return node(place, { kind: 'binary', sign: '**', left, right }, [left, right]);
  }

  #prefixed(level: number): Expression {
    const place = this.#tokens.next;
    if (!isPrefix(place)) return this.#postfix(level);
    checkLevel(level + 1, place);
    this.#tokens.take();
    const operand = this.#prefixed(level + 1);
    return node(place, { kind: 'prefix', sign: place.text as '!' | '-', operand }, [operand]);
  }

  #postfix(level: number): Expression {
    const place = this.#tokens.next;
    let object = this.#primary(level);
    for (;;) {
      if (this.#tokens.takeIf('[')) {
        const index = this.expression(level + 1);
        this.#tokens.expect(']');
        object = node(place, { kind: 'index', object, index }, [object, index]);
      } else if (this.#tokens.takeIf('.')) {
        const name = this.#tokens.expectKind('word').text;
        if (this.#tokens.isSign('(')) {
          const args = this.#arguments(level);
          object = node(place, { kind: 'method', object, name, args }, [object, ...args]);
        } else object = node(place, { kind: 'property', object, name }, [object]);
      } else if (this.#tokens.isSign('(')) throw new Refusal('not-callable', this.#tokens.next);
      else return object;
    }
  }

  #primary(level: number): Expression {
    const tokens = this.#tokens;
    const place = tokens.next;
    if (place.kind === 'word') return this.#word(level);
    if (place.kind === 'head') return this.#template(level);
    if (place.kind === 'number') return node(place, { kind: 'literal', value: tokens.take().value }, []);
    if (place.kind === 'text' || place.kind === 'template') {
      return node(place, { kind: 'literal', value: tokens.take().text }, []);
    }
    if (tokens.takeIf('(')) {
      const inner = this.expression(level + 1);
      tokens.expect(')');
      return inner;
    }
    if (tokens.takeIf('[')) {
      const elements = this.#elements(']', level + 1);
      const tooMany = elements[MAX_LITERAL_PARTS];
      if (tooMany) throw new Refusal('long-literal', tooMany);
      return node(place, { kind: 'array', elements }, elements);
    }
    if (tokens.takeIf('{')) return this.#record(place, level);
    return tokens.refuse();
  }

  #record(place: Place, level: number): Expression {
    const tokens = this.#tokens;
    const properties = tokens.list('}', (): [string, Expression] => {
      const key = tokens.expectName();
      if (tokens.takeIf(':')) return [key.text, this.expression(level + 1)];
      return [key.text, node(key, { kind: 'name', name: key.text }, [])];
    });
    return node(
      place,
      { kind: 'record', properties },
      properties.map(([, value]) => value),
    );
  }

  #template(level: number): Expression {
    const tokens = this.#tokens;
    const place = tokens.next;
    const pieces = [tokens.take().text];
    const values: Expression[] = [];
    for (;;) {
      values.push(this.expression(level + 1));
      if (values.length > MAX_LITERAL_PARTS) throw new Refusal('long-literal', place);
      if (tokens.next.kind !== 'middle' && tokens.next.kind !== 'tail') tokens.refuse();
      const piece = tokens.take();
      pieces.push(piece.text);
      if (piece.kind === 'tail') return node(place, { kind: 'template', pieces, values }, values);
    }
  }

  #word(level: number): Expression {
    const tokens = this.#tokens;
    const word = tokens.next;
    const { text } = word;
    if (text === 'true' || text === 'false') {
      tokens.take();
      return node(word, { kind: 'literal', value: text === 'true' }, []);
    }
    if (text === 'this' || text === 'chain') return this.#member(level, text);
    if (text === 'Math') return this.#math(level);
    if (text === 'at') return this.#at(level);
    if (text === 'new') throw new Refusal('misplaced-new', word);
    if (HOST_FUNCTIONS.includes(text)) {
      tokens.take();
      const args = this.#arguments(level);
      return node(word, { kind: 'host', name: text, args }, args);
    }
    const name = tokens.expectName().text;
    if (!tokens.isSign('(')) return node(word, { kind: 'name', name }, []);
    const args = this.#arguments(level);
    return node(word, { kind: 'function', name, args }, args);
  }

  #member(level: number, of: 'this' | 'chain'): Expression {
    const place = this.#tokens.take();
    this.#tokens.expect('.');
    const name = this.#tokens.expectKind('word').text;
    if (!this.#tokens.isSign('(')) return node(place, { kind: of === 'this' ? 'field' : 'chain', name }, []);
    const args = this.#arguments(level);
    return node(place, { kind: of === 'this' ? 'own' : 'chain-call', name, args }, args);
  }

  #math(level: number): Expression {
    const place = this.#tokens.take();
    this.#tokens.expect('.');
    const name = this.#tokens.expectKind('word').text;
    const args = this.#arguments(level);
    if (name !== 'floor' && name !== 'trunc') return node(place, { kind: 'math', name, args }, args);
    const [division, ...others] = args;
    if (others.length > 0 || division?.kind !== 'binary' || division.sign !== '/') {
      throw new Refusal('not-a-division', place);
    }
    const { left, right } = division;
    return node(place, { kind: 'quotient', name, left, right }, [left, right]);
  }

  #at(level: number): Expression {
    const place = this.#tokens.take();
    this.#tokens.expect('<');
    const contract = this.#tokens.expectTypeName().text;
    this.#tokens.expect('>');
    const where = this.#arguments(level);
    this.#tokens.expect('.');
    const name = this.#tokens.expectKind('word').text;
    const args = this.#arguments(level);
    return node(place, { kind: 'at', contract, where, name, args }, [...where, ...args]);
  }

  #arguments(level: number): Expression[] {
    this.#tokens.expect('(');
    const args = this.#elements(')', level + 1);
    const tooMany = args[MAX_ARGUMENTS];
    if (tooMany) throw new Refusal('too-many-arguments', tooMany);
    return args;
  }

  /** TypeScript takes `a < b, c > (d)` in a list for a call of `a` with types. */
  #elements(close: string, level: number): Expression[] {
    let hasLess = false;
    return this.#tokens.list(close, () => {
      const start = this.#tokens.position;
      const element = this.expression(level);
      const comparisons = ownComparisons(this.#tokens.since(start));
      const endOfTypes = comparisons.find(({ sign, next }) => isSign(sign, '>') && couldFollowTypes(next));
      if (hasLess && endOfTypes) throw new Refusal('type-arguments', endOfTypes.sign);
      hasLess ||= comparisons.some(({ sign }) => isSign(sign, '<'));
      return element;
    });
  }
}

function node(place: Place, bare: Bare, parts: readonly Expression[]): Expression {
  const height = parts.reduce((highest, part) => Math.max(highest, part.height), 0) + 1;
  if (height > MAX_TREE_HEIGHT) throw new Refusal('too-high', place);
  return Object.assign(bare, { height, line: place.line, column: place.column }) as Expression;
}

function isSign(token: Token, ...signs: readonly string[]): boolean {
  return token.kind === 'sign' && signs.includes(token.text);
}

function isPrefix(token: Token): boolean {
  return isSign(token, '!', '-');
}

interface Comparison {
  readonly sign: Token;
  readonly next: Token;
}

/** The `<` and `>` of an expression that stand in no brackets of any kind and are no part of an `at<…>`. */
function ownComparisons(tokens: readonly Token[]): Comparison[] {
  const found: Comparison[] = [];
  let depth = 0;
  for (const [i, sign] of tokens.entries()) {
    if (sign.kind === 'tail' || isSign(sign, ')', ']', '}')) depth--;
    const next = tokens[i + 1];
    const isOfAt = [tokens[i - 1], tokens[i - 3]].some((token) => token?.kind === 'word' && token.text === 'at');
    if (depth === 0 && next && isSign(sign, '<', '>') && !isOfAt) found.push({ sign, next });
    if (sign.kind === 'head' || isSign(sign, '(', '[', '{')) depth++;
  }
  return found;
}

/** Whether TypeScript takes a `>` before this token for the end of types. */
function couldFollowTypes(token: Token): boolean {
  return isSign(token, '(') || token.kind === 'template' || token.kind === 'head' || token.startsLine;
}
