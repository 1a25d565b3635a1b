import type { Cursor } from './cursor.ts';
import { SourceError } from './source-error.ts';
import type { ResultType, Scalar, ValueType } from './types.ts';
import { LEFT_OUT } from './words.ts';

const SCALARS: ReadonlyMap<string, Scalar> = new Map(
  (['number', 'bigint', 'boolean', 'string', 'Address'] as const).map((scalar) => [scalar, scalar]),
);

/** The types that were declared so far. */
export interface TypeReader {
  /** The type of an alias or record, undefined for any other name. */
  typeNamed(name: string): ValueType | undefined;
}

/** The type of a value: a scalar, an array of scalars, or a declared one. Throws {@link SourceError}. */
export function parseType(cursor: Cursor, declared: TypeReader): ValueType {
  const { at } = cursor;
  const isReadonly = cursor.accept('readonly');
  const name = cursor.takeWord();
  const scalar = SCALARS.get(name);
  const type: ValueType | undefined = scalar === undefined ? declared.typeNamed(name) : { kind: 'scalar', scalar };
  const hint = LEFT_OUT.get(name);
  if (hint !== undefined) throw new SourceError('left-out', at, [name, hint]);
  if (type === undefined) throw new SourceError('no-type', at, [name]);
  if (cursor.is('[')) {
    cursor.requireSameLine();
    cursor.expect('[');
    cursor.expect(']');
    if (type.kind !== 'scalar' || cursor.is('[')) throw new SourceError('array-of-scalars', at);
    return { kind: 'array', of: type.scalar };
  }
  for (const sign of ['|', '&']) {
    if (cursor.is(sign)) throw new SourceError('left-out', cursor.at, [sign, 'a value has one type']);
  }
  if (isReadonly && type.kind !== 'array') throw new SourceError('expected', cursor.at, ['[]', cursor.token.text]);
  return type;
}

/** A type without parts, for keys, elements and properties. Throws {@link SourceError}. */
export function parseScalar(cursor: Cursor, declared: TypeReader): Scalar {
  const { at } = cursor;
  const type = parseType(cursor, declared);
  if (type.kind !== 'scalar') throw new SourceError('not-scalar', at);
  return type.scalar;
}

/** What a table or list holds: a scalar or a record. Throws {@link SourceError}. */
export function parseStoredType(cursor: Cursor, declared: TypeReader): ValueType {
  const { at } = cursor;
  const type = parseType(cursor, declared);
  if (type.kind === 'array') throw new SourceError('array-in-container', at);
  return type;
}

/** The type behind the parameters of a method; none means `void`. Throws {@link SourceError}. */
export function parseResult(cursor: Cursor, declared: TypeReader): ResultType {
  if (!cursor.accept(':') || cursor.accept('void')) return undefined;
  return parseType(cursor, declared);
}
