import type { Cursor } from './cursor.ts';
import { type InterfaceReader, parseExpression } from './parse-expression.ts';
import { parseType, type TypeReader } from './parse-type.ts';
import { SourceError } from './source-error.ts';
import type { Branch, Statement, Variable } from './syntax.ts';
import { ASSIGNMENTS } from './words.ts';

/** What the parser of statements needs of the declarations above. */
export interface DeclarationReader extends InterfaceReader, TypeReader {}

/** Statements in braces. Throws {@link SourceError}. */
export function parseBlock(cursor: Cursor, declared: DeclarationReader): Statement[] {
  return cursor.nested(() => {
    cursor.expect('{');
    const statements: Statement[] = [];
    while (!cursor.accept('}')) {
      if (cursor.token.kind === 'end') throw cursor.unexpected('}');
      statements.push(parseStatement(cursor, declared));
    }
    return statements;
  });
}

/** What an `if` or a loop guards: a block, or one statement that declares nothing. */
function parseBody(cursor: Cursor, declared: DeclarationReader): Statement[] {
  if (cursor.is('{')) return parseBlock(cursor, declared);
  const { at } = cursor;
  const statement = cursor.nested(() => parseStatement(cursor, declared));
  if (statement.kind === 'declare') throw new SourceError('lonely-declaration', at);
  return [statement];
}

function parseStatement(cursor: Cursor, declared: DeclarationReader): Statement {
  const { at } = cursor;
  if (cursor.is('{')) return { kind: 'block', body: parseBlock(cursor, declared), at };
  if (cursor.accept('if')) return parseIf(cursor, declared, at);
  if (cursor.accept('for')) return parseFor(cursor, declared, at);
  if (cursor.accept('while')) {
    const test = parseCondition(cursor, declared);
    return { kind: 'while', test, body: parseBody(cursor, declared), at };
  }
  const statement = parsePlainStatement(cursor, declared);
  cursor.expect(';');
  return statement;
}

/** A statement that ends with a semicolon. */
function parsePlainStatement(cursor: Cursor, declared: DeclarationReader): Statement {
  const { at } = cursor;
  if (cursor.is('let') || cursor.is('const')) return parseDeclaration(cursor, declared);
  if (cursor.accept('break')) return { kind: 'break', at };
  if (cursor.accept('continue')) return { kind: 'continue', at };
  if (cursor.accept('return')) {
    if (cursor.is(';')) return { kind: 'return', value: undefined, at };
    cursor.requireSameLine();
    return { kind: 'return', value: parseExpression(cursor, declared), at };
  }
  if (cursor.accept('throw')) {
    cursor.requireSameLine();
    if (!cursor.is('new')) throw cursor.unexpected('new Error(…)');
    cursor.expect('new');
    cursor.expect('Error');
    cursor.expect('(');
    const message = parseExpression(cursor, declared);
    cursor.expect(')');
    return { kind: 'throw', message, at };
  }
  return parseSimple(cursor, declared);
}

/** An assignment, a step (`i++`) or a call. */
function parseSimple(cursor: Cursor, declared: DeclarationReader): Statement {
  const { at } = cursor;
  for (const [sign, by] of STEPS) {
    if (cursor.accept(sign)) return { kind: 'step', target: parseExpression(cursor, declared), by, at };
  }
  const target = parseExpression(cursor, declared);
  for (const [sign, by] of STEPS) {
    if (!cursor.is(sign)) continue;
    cursor.requireSameLine();
    cursor.advance();
    return { kind: 'step', target, by, at };
  }
  const { token } = cursor;
  if (token.kind !== 'sign' || !ASSIGNMENTS.has(token.text)) return { kind: 'expression', value: target, at };
  cursor.advance();
  const value = parseExpression(cursor, declared);
  return { kind: 'assign', start: at, target, operator: ASSIGNMENTS.get(token.text), value, at: token.at };
}

const STEPS = [
  ['++', 1],
  ['--', -1],
] as const;

function parseCondition(cursor: Cursor, declared: DeclarationReader): Branch['test'] {
  cursor.expect('(');
  const test = parseExpression(cursor, declared);
  cursor.expect(')');
  return test;
}

/** A chain of `else if` is one statement, whatever its length. */
function parseIf(cursor: Cursor, declared: DeclarationReader, at: number): Statement {
  const branches: Branch[] = [];
  for (;;) {
    const test = parseCondition(cursor, declared);
    branches.push({ test, body: parseBody(cursor, declared) });
    if (!cursor.accept('else')) return { kind: 'if', branches, otherwise: undefined, at };
    if (!cursor.accept('if')) return { kind: 'if', branches, otherwise: parseBody(cursor, declared), at };
  }
}

/** What to write in place of `const [a, b] = list`. */
const ONE_NAME = 'a variable has one name; take the parts one by one: const a = list[0]';

function parseDeclaration(cursor: Cursor, declared: DeclarationReader): Statement & { kind: 'declare' } {
  const { at } = cursor;
  const constant = cursor.advance().text === 'const';
  const variables: Variable[] = [];
  do {
    const nameAt = cursor.at;
    for (const sign of ['[', '{']) if (cursor.is(sign)) throw new SourceError('left-out', nameAt, [sign, ONE_NAME]);
    const name = cursor.takeName();
    const type = cursor.accept(':') ? parseType(cursor, declared) : undefined;
    const value = cursor.accept('=') ? parseExpression(cursor, declared) : undefined;
    if (cursor.is('in')) throw cursor.unexpected('of');
    if (constant && value === undefined) throw new SourceError('constant-without-value', nameAt, [name]);
    variables.push({ name, type, value, at: nameAt });
  } while (cursor.accept(','));
  return { kind: 'declare', constant, variables, at };
}

function parseFor(cursor: Cursor, declared: DeclarationReader, at: number): Statement {
  cursor.expect('(');
  const isDeclared = cursor.is('let') || cursor.is('const');
  if (isDeclared && cursor.isAhead(2, 'of')) {
    const constant = cursor.advance().text === 'const';
    const name = cursor.takeName();
    cursor.expect('of');
    const of = parseExpression(cursor, declared);
    cursor.expect(')');
    return { kind: 'for-of', constant, name, of, body: parseBody(cursor, declared), at };
  }
  let first: Statement | undefined;
  if (isDeclared) first = parseDeclaration(cursor, declared);
  else if (!cursor.is(';')) first = parseSimple(cursor, declared);
  cursor.expect(';');
  const test = cursor.is(';') ? undefined : parseExpression(cursor, declared);
  cursor.expect(';');
  const step = cursor.is(')') ? undefined : parseSimple(cursor, declared);
  cursor.expect(')');
  return { kind: 'for', first, test, step, body: parseBody(cursor, declared), at };
}
