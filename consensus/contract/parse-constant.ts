import { isRawAddress } from '../address.ts';
import type { Cursor } from './cursor.ts';
import type { Declarations } from './declarations.ts';
import { MAX_LITERAL_ARRAY, MAX_PARAMETERS } from './limits.ts';
import { SourceError } from './source-error.ts';
import { describeType, hasType, type Scalar, scalarOf, type ValueType } from './types.ts';
import { AddressValue, RecordValue, type ScalarValue, type Value } from './value.ts';

/** A value that is known before anything runs: a literal, a constant above, or `address('…')`. Throws {@link SourceError}. */
export function parseConstant(cursor: Cursor, declared: Declarations, type: Scalar | undefined): ScalarValue {
  const { at } = cursor;
  const value = parseScalarConstant(cursor, declared);
  if (type !== undefined && scalarOf(value) !== type) throw new SourceError('other-type', at, [type, scalarOf(value)]);
  return value;
}

/**
 * What a field is before it was written, or what stands for an absent entry. `type` undefined: it follows from the value,
 * which is then a scalar. Throws {@link SourceError}.
 */
export function parseInitial(cursor: Cursor, declared: Declarations, type: ValueType | undefined): Value {
  const { at } = cursor;
  const value = parseAnyConstant(cursor, declared);
  if (type === undefined && (Array.isArray(value) || value instanceof RecordValue)) {
    throw new SourceError('field-needs-type', at);
  }
  if (type !== undefined && !hasType(value, type)) throw new SourceError('other-initial', at, [describeType(type)]);
  return value;
}

function parseAnyConstant(cursor: Cursor, declared: Declarations): Value {
  const elements: ScalarValue[] = [];
  if (cursor.accept('[')) {
    cursor.list(']', () => {
      if (elements.length === MAX_LITERAL_ARRAY) {
        throw new SourceError('long-literal', cursor.at, [`${MAX_LITERAL_ARRAY}`]);
      }
      elements.push(parseScalarConstant(cursor, declared));
    });
    return elements;
  }
  if (!cursor.accept('{')) return parseScalarConstant(cursor, declared);
  const names: string[] = [];
  cursor.list('}', () => {
    const { at } = cursor;
    const name = cursor.takeName();
    if (names.includes(name)) throw new SourceError('declared-twice', at, [name]);
    if (names.length === MAX_PARAMETERS) throw new SourceError('too-many-properties', at, [`${MAX_PARAMETERS}`]);
    names.push(name);
    cursor.expect(':');
    elements.push(parseScalarConstant(cursor, declared));
  });
  return new RecordValue(names, elements);
}

function parseScalarConstant(cursor: Cursor, declared: Declarations): ScalarValue {
  const { at, token } = cursor;
  if (cursor.accept('true')) return true;
  if (cursor.accept('false')) return false;
  if (cursor.accept('-')) return parseNegative(cursor);
  if (cursor.accept('address')) return parseAddressConstant(cursor);
  if (token.kind === 'literal' || (token.kind === 'piece' && token.first && token.last)) {
    cursor.advance();
    return token.value;
  }
  const known = token.kind === 'word' ? declared.constants.get(token.text) : undefined;
  if (known === undefined) throw new SourceError('not-constant', at, [token.text]);
  cursor.advance();
  return known;
}

function parseNegative(cursor: Cursor): number | bigint {
  const { token } = cursor;
  if (token.kind !== 'literal' || typeof token.value === 'string') throw cursor.unexpected('a number');
  cursor.advance();
  // 0 − x, because −x of 0 is −0.
  return typeof token.value === 'bigint' ? -token.value : 0 - token.value;
}

function parseAddressConstant(cursor: Cursor): AddressValue {
  cursor.expect('(');
  const { token } = cursor;
  if (token.kind !== 'literal' || typeof token.value !== 'string' || !isRawAddress(token.value)) {
    throw new SourceError('bad-address', token.at);
  }
  cursor.advance();
  cursor.expect(')');
  return new AddressValue(token.value);
}
