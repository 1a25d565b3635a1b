import { InvariantError } from '../errors.ts';
import type { Cursor } from './cursor.ts';
import type { Declarations } from './declarations.ts';
import { parseInitial } from './parse-constant.ts';
import { parseMethod } from './parse-method.ts';
import { parseScalar, parseStoredType, parseType } from './parse-type.ts';
import { SourceError } from './source-error.ts';
import type { PackedPosition } from './source-position.ts';
import type { Field, Method } from './syntax.ts';
import { type Scalar, sameType, scalarOf, type ValueType } from './types.ts';
import { RecordValue, type Value } from './value.ts';

interface Members {
  readonly fields: readonly Field[];
  readonly methods: readonly Method[];
}

/** The type of a container, as it is written twice where a field has an annotation too. */
type Container =
  | { readonly kind: 'table'; readonly key: Scalar; readonly type: ValueType }
  | { readonly kind: 'list'; readonly type: ValueType };

/** The body of the class, with its braces. Throws {@link SourceError}. */
export function parseMembers(cursor: Cursor, declared: Declarations): Members {
  const fields: Field[] = [];
  const methods: Method[] = [];
  const names = new Set<string>();
  cursor.expect('{');
  while (!cursor.accept('}')) {
    const isPrivate = parseModifiers(cursor);
    const { at } = cursor;
    refuseDeclaring(cursor);
    const isConstructor = cursor.accept('constructor');
    const name = isConstructor ? 'constructor' : cursor.takeName();
    if (names.has(name)) throw new SourceError('declared-twice', at, [name]);
    names.add(name);
    if (cursor.is('(')) {
      const named = { name, at, isPrivate: isPrivate || isConstructor, isFunction: false };
      methods.push(parseMethod(cursor, declared, named));
    } else if (isConstructor) {
      throw cursor.unexpected('(');
    } else {
      fields.push(parseField(cursor, declared, name, at));
      cursor.expect(';');
    }
  }
  if (!names.has('constructor')) methods.push(emptyConstructor(cursor.at));
  return { fields, methods };
}

/** `function add()` and `const MAX = 5` within the class, as they stand outside of it. */
function refuseDeclaring(cursor: Cursor): void {
  for (const word of ['function', 'const', 'let']) {
    if (cursor.is(word))
      throw new SourceError('left-out', cursor.at, [word, 'a member of a class begins with its name']);
  }
}

/** What a class without a constructor has. */
function emptyConstructor(at: PackedPosition): Method {
  return { name: 'constructor', at, isPrivate: true, isFunction: false, parameters: [], result: undefined, body: [] };
}

/** `private`, `public`, `readonly`, in this order. Whether the member is private. */
function parseModifiers(cursor: Cursor): boolean {
  const isPrivate = cursor.accept('private');
  const isModified = isPrivate || cursor.accept('public');
  if (isModified) cursor.requireSameLine();
  if (cursor.accept('readonly')) cursor.requireSameLine();
  return isPrivate;
}

function parseField(cursor: Cursor, declared: Declarations, name: string, at: PackedPosition): Field {
  const isTyped = cursor.accept(':');
  if (isTyped && (cursor.is('Table') || cursor.is('List'))) {
    const container = parseContainer(cursor, declared);
    cursor.expect('=');
    return parseNewContainer(cursor, declared, name, at, container);
  }
  const type = isTyped ? parseType(cursor, declared) : undefined;
  if (!cursor.accept('=')) {
    if (type === undefined) throw cursor.unexpected('(, : or =');
    return { kind: 'value', name, type, initial: undefined, at };
  }
  if (type === undefined && cursor.is('new')) return parseNewContainer(cursor, declared, name, at, undefined);
  const initial = parseInitial(cursor, declared, type);
  return { kind: 'value', name, type: type ?? typeOfScalar(initial), initial, at };
}

/** The type that a field without one has; its value is a scalar then. */
function typeOfScalar(value: Value): ValueType {
  if (Array.isArray(value) || value instanceof RecordValue) throw new InvariantError('only a scalar tells its type');
  return { kind: 'scalar', scalar: scalarOf(value) };
}

/** `Table<K, V>` or `List<T>`. */
function parseContainer(cursor: Cursor, declared: Declarations): Container {
  const isTable = cursor.accept('Table');
  if (!isTable) cursor.expect('List');
  cursor.expect('<');
  if (!isTable) {
    const type = parseStoredType(cursor, declared);
    cursor.expect('>');
    return { kind: 'list', type };
  }
  const key = parseScalar(cursor, declared);
  cursor.expect(',');
  const type = parseStoredType(cursor, declared);
  cursor.expect('>');
  return { kind: 'table', key, type };
}

/** `new Table<K, V>(absent)` or `new List<T>()`. */
function parseNewContainer(
  cursor: Cursor,
  declared: Declarations,
  name: string,
  at: PackedPosition,
  annotation: Container | undefined,
): Field {
  cursor.expect('new');
  const containerAt = cursor.at;
  const container = parseContainer(cursor, declared);
  if (annotation !== undefined && !sameContainer(annotation, container)) {
    throw new SourceError('other-container', containerAt);
  }
  cursor.expect('(');
  if (container.kind === 'list') {
    cursor.expect(')');
    return { ...container, name, at };
  }
  if (cursor.is(')')) throw new SourceError('table-needs-default', containerAt);
  const absent = parseInitial(cursor, declared, container.type);
  cursor.expect(')');
  return { ...container, name, absent, at };
}

function sameContainer(a: Container, b: Container): boolean {
  if (a.kind === 'table') return b.kind === 'table' && a.key === b.key && sameType(a.type, b.type);
  return b.kind === 'list' && sameType(a.type, b.type);
}
