import type { Cursor } from './cursor.ts';
import type { Declarations } from './declarations.ts';
import { MAX_PARAMETERS } from './limits.ts';
import { type DeclarationReader, parseBlock } from './parse-statement.ts';
import { parseResult, parseType } from './parse-type.ts';
import { SourceError } from './source-error.ts';
import type { PackedPosition } from './source-position.ts';
import type { Method } from './syntax.ts';
import type { Parameter } from './types.ts';

const ASSIGNED_FIELD = 'declare a field, and assign it in the constructor: this.owner = owner';

/** `(name: type, …)`. Throws {@link SourceError}. */
export function parseParameters(cursor: Cursor, declared: DeclarationReader): Parameter[] {
  const parameters: Parameter[] = [];
  cursor.expect('(');
  cursor.list(')', () => {
    const { at } = cursor;
    if (parameters.length === MAX_PARAMETERS) throw new SourceError('too-many-parameters', at, [`${MAX_PARAMETERS}`]);
    refuseProperty(cursor);
    const name = cursor.takeName();
    refuseOptional(cursor, '?');
    if (!cursor.accept(':')) throw new SourceError('parameter-needs-type', at, [name]);
    parameters.push({ name, type: parseType(cursor, declared) });
    refuseOptional(cursor, '=');
  });
  return parameters;
}

/** Parameters of a constructor that TypeScript makes fields of. */
function refuseProperty(cursor: Cursor): void {
  for (const word of ['private', 'public', 'readonly']) {
    if (cursor.is(word) && !cursor.isAhead(1, ':'))
      throw new SourceError('left-out', cursor.at, [word, ASSIGNED_FIELD]);
  }
}

/** Parameters that a call can leave out. */
function refuseOptional(cursor: Cursor, sign: '?' | '='): void {
  if (cursor.is(sign)) throw new SourceError('left-out', cursor.at, [sign, 'a call gives every argument']);
}

/** What follows the name of a method or function. Throws {@link SourceError}. */
export function parseMethod(
  cursor: Cursor,
  declared: DeclarationReader,
  named: Pick<Method, 'name' | 'at' | 'isPrivate' | 'isFunction'>,
): Method {
  const parameters = parseParameters(cursor, declared);
  if (named.name === 'constructor' && cursor.is(':')) throw new SourceError('constructor-result', named.at);
  const result = parseResult(cursor, declared);
  return { ...named, parameters, result, body: parseBlock(cursor, declared) };
}

/** `function name(…): type { … }`, behind its first word. Throws {@link SourceError}. */
export function parseFunction(cursor: Cursor, declared: Declarations): Method {
  const at: PackedPosition = cursor.at;
  const name = declared.declare(at, cursor.takeName());
  return parseMethod(cursor, declared, { name, at, isPrivate: true, isFunction: true });
}
