import type { Cursor } from './cursor.ts';
import { MAX_LITERAL_ARRAY, MAX_PARAMETERS, MAX_TREE_HEIGHT } from './limits.ts';
import { SourceError } from './source-error.ts';
import type { PackedPosition } from './source-position.ts';
import type { BinaryOperator, Expression } from './syntax.ts';
import type { Signature } from './types.ts';

/** What the parser of expressions needs of the declarations above. */
export interface InterfaceReader {
  /** The methods of a declared interface of another contract, or undefined. */
  interfaceNamed(name: string): ReadonlyMap<string, Signature> | undefined;
}

type Distributed<T> = T extends unknown ? Omit<T, 'height'> : never;

/** How strongly operators bind, as in JavaScript; those of one strength are grouped from the left. */
const STRENGTHS: ReadonlyMap<string, number> = new Map([
  ['||', 1],
  ['&&', 2],
  ['|', 3],
  ['^', 4],
  ['&', 5],
  ['===', 6],
  ['!==', 6],
  ['<', 7],
  ['<=', 7],
  ['>', 7],
  ['>=', 7],
  ['+', 8],
  ['-', 8],
  ['*', 9],
  ['/', 9],
  ['%', 9],
]);
const COMPARISON_STRENGTH = 7;

/** An expression. Its tree has at most `MAX_TREE_HEIGHT` levels. Throws {@link SourceError}. */
export function parseExpression(cursor: Cursor, declared: InterfaceReader): Expression {
  return cursor.nested(() => {
    const test = parseBinary(cursor, declared, 1);
    const { at } = cursor;
    if (!cursor.accept('?')) return test;
    const then = parseExpression(cursor, declared);
    cursor.expect(':');
    const otherwise = parseExpression(cursor, declared);
    return grown({ kind: 'conditional', test, then, otherwise, at }, test, then, otherwise);
  });
}

/** The node with its height, which is one more than that of its highest part. */
function grown(node: Distributed<Expression>, ...parts: readonly Expression[]): Expression {
  let height = 1;
  for (const part of parts) height = Math.max(height, part.height + 1);
  if (height > MAX_TREE_HEIGHT) throw new SourceError('too-high', node.at, [`${MAX_TREE_HEIGHT}`]);
  return Object.assign(node, { height }) as Expression;
}

function parseBinary(cursor: Cursor, declared: InterfaceReader, weakest: number): Expression {
  let left = parsePower(cursor, declared);
  let compared = false;
  for (;;) {
    const { at, token } = cursor;
    const strength = token.kind === 'sign' ? STRENGTHS.get(token.text) : undefined;
    if (strength === undefined || strength < weakest) return left;
    // `a < b > (c)` is a call with a type argument in TypeScript.
    if (strength === COMPARISON_STRENGTH && compared) throw new SourceError('compared-twice', at);
    compared = strength === COMPARISON_STRENGTH;
    const operator = cursor.advance().text;
    cursor.noteComparison(operator, at);
    const right = parseBinary(cursor, declared, strength + 1);
    if (operator === '&&' || operator === '||') {
      left = grown({ kind: 'logical', operator, left, right, at }, left, right);
    } else {
      left = grown({ kind: 'binary', operator: operator as BinaryOperator, left, right, at }, left, right);
    }
  }
}

/** `**` is grouped from the right, and takes no prefix on its left. */
function parsePower(cursor: Cursor, declared: InterfaceReader): Expression {
  const prefix = cursor.token.text;
  const left = parsePrefixed(cursor, declared);
  const { at } = cursor;
  if (!cursor.is('**')) return left;
  if (left.kind === 'unary' && (prefix === '!' || prefix === '-'))
    throw new SourceError('prefixed-power', at, [prefix]);
  cursor.advance();
  const right = cursor.nested(() => parsePower(cursor, declared));
  return grown({ kind: 'binary', operator: '**', left, right, at }, left, right);
}

function parsePrefixed(cursor: Cursor, declared: InterfaceReader): Expression {
  const { at } = cursor;
  for (const operator of ['!', '-'] as const) {
    if (!cursor.accept(operator)) continue;
    const operand = cursor.nested(() => parsePrefixed(cursor, declared));
    return grown({ kind: 'unary', operator, operand, at }, operand);
  }
  return parsePostfix(cursor, declared);
}

function parsePostfix(cursor: Cursor, declared: InterfaceReader): Expression {
  let object = parsePrimary(cursor, declared);
  for (;;) {
    const { at } = cursor;
    if (cursor.accept('[')) {
      const index = cursor.bracketed(() => parseExpression(cursor, declared));
      cursor.expect(']');
      object = grown({ kind: 'index', object, index, at }, object, index);
    } else if (cursor.accept('.')) {
      const name = cursor.takeWord();
      if (cursor.is('(')) {
        const args = parseArguments(cursor, declared);
        object = grown({ kind: 'value-call', object, name, args, at }, object, ...args);
      } else {
        object = grown({ kind: 'member', object, name, at }, object);
      }
    } else if (cursor.is('(')) {
      throw new SourceError('not-callable', at);
    } else {
      return object;
    }
  }
}

/** `(…)`, at most as many as a method can have parameters, and one for the name of an event. */
function parseArguments(cursor: Cursor, declared: InterfaceReader): Expression[] {
  const args: Expression[] = [];
  cursor.expect('(');
  cursor.list(')', () => {
    if (args.length > MAX_PARAMETERS) throw new SourceError('too-many-arguments', cursor.at, [`${MAX_PARAMETERS}`]);
    args.push(parseExpression(cursor, declared));
  });
  return args;
}

function parsePrimary(cursor: Cursor, declared: InterfaceReader): Expression {
  const { token, at } = cursor;
  if (token.kind === 'literal') {
    cursor.advance();
    return grown({ kind: 'literal', value: token.value, at });
  }
  if (token.kind === 'piece' && token.first) return parseTemplate(cursor, declared);
  if (cursor.accept('(')) {
    const inner = cursor.bracketed(() => parseExpression(cursor, declared));
    cursor.expect(')');
    return inner;
  }
  if (cursor.accept('[')) return parseArray(cursor, declared, at);
  if (cursor.accept('{')) return parseRecord(cursor, declared, at);
  if (cursor.is('/')) throw new SourceError('left-out', at, ['/', 'there are no regular expressions']);
  if (token.kind !== 'word') throw cursor.unexpected('a value');
  return parseWord(cursor, declared, token.text, at);
}

/** What begins with a word: a name, or something of the host. */
function parseWord(cursor: Cursor, declared: InterfaceReader, word: string, at: PackedPosition): Expression {
  if (cursor.accept('true')) return grown({ kind: 'literal', value: true, at });
  if (cursor.accept('false')) return grown({ kind: 'literal', value: false, at });
  if (word === 'new') throw new SourceError('misplaced-new', at);
  if (cursor.accept('this')) return parseOwn(cursor, declared, 'field', 'method-call', at);
  if (cursor.accept('chain')) return parseOwn(cursor, declared, 'chain', 'chain-call', at);
  if (cursor.accept('Math')) return parseMath(cursor, declared, at);
  if (cursor.accept('at')) return parseContractCall(cursor, declared, at);
  const isHostFunction = HOST_FUNCTIONS.has(word);
  const name = isHostFunction ? cursor.takeWord() : cursor.takeName();
  if (!cursor.is('(')) {
    if (isHostFunction) throw new SourceError('not-called', at, [name]);
    return grown({ kind: 'name', name, at });
  }
  const args = parseArguments(cursor, declared);
  return grown({ kind: 'function-call', name, args, at }, ...args);
}

const HOST_FUNCTIONS: ReadonlySet<string> = new Set(['BigInt', 'Number', 'address', 'require', 'sha256', 'verify']);

function parseOwn(
  cursor: Cursor,
  declared: InterfaceReader,
  kind: 'field' | 'chain',
  callKind: 'method-call' | 'chain-call',
  at: PackedPosition,
): Expression {
  if (!cursor.accept('.')) throw cursor.unexpected('a dot and a field or method');
  const name = cursor.takeWord();
  if (!cursor.is('(')) return grown({ kind, name, at });
  const args = parseArguments(cursor, declared);
  return grown({ kind: callKind, name, args, at }, ...args);
}

function parseMath(cursor: Cursor, declared: InterfaceReader, at: PackedPosition): Expression {
  cursor.expect('.');
  const name = cursor.takeWord();
  if (!cursor.is('(')) throw new SourceError('not-called', at, [`Math.${name}`]);
  const args = parseArguments(cursor, declared);
  if (name !== 'floor' && name !== 'trunc') return grown({ kind: 'math-call', name, args, at }, ...args);
  const [division] = args;
  if (args.length !== 1 || division?.kind !== 'binary' || division.operator !== '/') {
    throw new SourceError('not-a-division', at, [name, name]);
  }
  const { left, right } = division;
  return grown({ kind: 'quotient', round: name, left, right, at }, left, right);
}

/** Behind `at`: `<Interface>(address, value).method(…)`. */
function parseContractCall(cursor: Cursor, declared: InterfaceReader, at: PackedPosition): Expression {
  cursor.expect('<');
  const typeAt = cursor.at;
  const typeName = cursor.takeWord();
  const signatures = declared.interfaceNamed(typeName);
  if (signatures === undefined) throw new SourceError('no-interface', typeAt, [typeName]);
  cursor.expect('>');
  const [address, value, ...more] = parseArguments(cursor, declared);
  if (address === undefined || more.length > 0) throw new SourceError('argument-count', at, ['at', '1 or 2']);
  cursor.expect('.');
  const nameAt = cursor.at;
  const name = cursor.takeWord();
  const signature = signatures.get(name);
  if (signature === undefined) throw new SourceError('no-method-in-interface', nameAt, [typeName, name]);
  const args = parseArguments(cursor, declared);
  const wanted = signature.parameters.length;
  if (args.length !== wanted) throw new SourceError('argument-count', nameAt, [name, `${wanted}`]);
  const parts = value === undefined ? [address, ...args] : [address, value, ...args];
  return grown({ kind: 'contract-call', signature, address, value, args, at }, ...parts);
}

function parseArray(cursor: Cursor, declared: InterfaceReader, at: PackedPosition): Expression {
  const items: Expression[] = [];
  cursor.list(']', () => {
    if (items.length === MAX_LITERAL_ARRAY) throw new SourceError('long-literal', cursor.at, [`${MAX_LITERAL_ARRAY}`]);
    items.push(parseExpression(cursor, declared));
  });
  return grown({ kind: 'array', items, at }, ...items);
}

function parseRecord(cursor: Cursor, declared: InterfaceReader, at: PackedPosition): Expression {
  const names: string[] = [];
  const values: Expression[] = [];
  cursor.list('}', () => {
    const nameAt = cursor.at;
    const name = cursor.takeName();
    if (names.includes(name)) throw new SourceError('declared-twice', nameAt, [name]);
    if (names.length === MAX_PARAMETERS) throw new SourceError('too-many-properties', nameAt, [`${MAX_PARAMETERS}`]);
    names.push(name);
    const isShort = !cursor.accept(':');
    values.push(isShort ? grown({ kind: 'name', name, at: nameAt }) : parseExpression(cursor, declared));
  });
  return grown({ kind: 'record', names, values, at }, ...values);
}

function parseTemplate(cursor: Cursor, declared: InterfaceReader): Expression {
  const { at } = cursor;
  const pieces: string[] = [];
  const values: Expression[] = [];
  for (;;) {
    const { token } = cursor;
    // A piece that begins a text of its own cannot follow a value.
    if (token.kind !== 'piece' || token.first !== (pieces.length === 0)) throw cursor.unexpected('}');
    cursor.advance();
    pieces.push(token.value);
    if (token.last) break;
    if (values.length === MAX_LITERAL_ARRAY) throw new SourceError('long-literal', cursor.at, [`${MAX_LITERAL_ARRAY}`]);
    values.push(cursor.bracketed(() => parseExpression(cursor, declared)));
  }
  const [only] = pieces;
  if (values.length === 0 && only !== undefined) return grown({ kind: 'literal', value: only, at });
  return grown({ kind: 'template', pieces, values, at }, ...values);
}
