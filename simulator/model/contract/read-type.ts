import { MAX_PARAMETERS } from './limits.ts';
import type { OpenFile } from './open-file.ts';
import { Refusal } from './refusal.ts';
import type { Parameter } from './syntax.ts';
import type { ScalarType, ValueType } from './types.ts';

const SCALARS: readonly string[] = ['number', 'bigint', 'boolean', 'string', 'Address'];

/** A type of the grammar, with what its names stand for in their places. */
export function readType({ tokens, types }: OpenFile): ValueType {
  const isReadonly = tokens.takeIf('readonly');
  const name = tokens.expectKind('word');
  const type: ValueType | undefined = SCALARS.includes(name.text)
    ? { kind: 'scalar', scalar: name.text as ScalarType }
    : types.get(name.text);
  if (type === undefined) throw new Refusal('no-type', name);
  if (!tokens.isSign('[')) {
    if (isReadonly && type.kind !== 'array') tokens.expect('[');
    return type;
  }
  tokens.expectSameLine();
  tokens.expect('[');
  tokens.expect(']');
  if (type.kind !== 'scalar' || tokens.isSign('[')) throw new Refusal('array-of-scalars', name);
  return { kind: 'array', elements: type.scalar };
}

export function readScalarType(file: OpenFile): ScalarType {
  const place = file.tokens.next;
  const type = readType(file);
  if (type.kind !== 'scalar') throw new Refusal('not-scalar', place);
  return type.scalar;
}

/** What tables and lists hold. */
export function readEntryType(file: OpenFile): ValueType {
  const place = file.tokens.next;
  const type = readType(file);
  if (type.kind === 'array') throw new Refusal('array-in-container', place);
  return type;
}

/** Names and types of parameters, in parentheses. */
export function readParameters(file: OpenFile): Parameter[] {
  const { tokens } = file;
  tokens.expect('(');
  const parameters = tokens.list(')', () => {
    const { text, line, column } = tokens.expectName();
    if (!tokens.isSign(':')) throw new Refusal('parameter-needs-type', tokens.next);
    tokens.expect(':');
    return { name: text, type: readType(file), line, column };
  });
  const tooMany = parameters[MAX_PARAMETERS];
  if (tooMany) throw new Refusal('too-many-parameters', tooMany);
  return parameters;
}

/** The type of a result, or undefined where there is none. */
export function readResult(file: OpenFile): ValueType | undefined {
  if (!file.tokens.takeIf(':') || file.tokens.takeIf('void')) return undefined;
  return readType(file);
}
