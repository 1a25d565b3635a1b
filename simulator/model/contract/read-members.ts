import { MAX_LITERAL_PARTS } from './limits.ts';
import type { OpenFile } from './open-file.ts';
import { readConstant } from './read-constant.ts';
import { readBlock } from './read-statement.ts';
import { readEntryType, readParameters, readResult, readScalarType, readType } from './read-type.ts';
import { type Place, Refusal } from './refusal.ts';
import type { Field, Method, SourceFile } from './syntax.ts';
import type { Token } from './token.ts';
import { type ScalarType, sameType, type ValueType } from './types.ts';
import { hasType, RecordOf, type Scalar, scalarTypeOf, type Value } from './value.ts';

type Members = Pick<SourceFile, 'fields' | 'methods'>;
/** `Table<keys, type>`, or `List<type>` where `keys` is undefined. */
interface Container {
  readonly keys: ScalarType | undefined;
  readonly type: ValueType;
}

/** The members of the class, in braces. */
export function readMembers(file: OpenFile): Members {
  const { tokens } = file;
  const fields = new Map<string, Field>();
  const methods = new Map<string, Method>();
  tokens.expect('{');
  while (!tokens.takeIf('}')) {
    const isPrivate = tokens.isWord('private');
    for (const modifiers of [['private', 'public'], ['readonly']]) {
      if (!tokens.isWord(...modifiers)) continue;
      tokens.take();
      tokens.expectSameLine();
    }
    const name = tokens.isWord('constructor') ? tokens.take() : tokens.expectName();
    if (fields.has(name.text) || methods.has(name.text)) throw new Refusal('declared-twice', name);
    if (tokens.isSign('(')) methods.set(name.text, readMethod(file, name, isPrivate));
    else if (name.text === 'constructor') tokens.refuse();
    else fields.set(name.text, readField(file, name));
  }
  if (!methods.has('constructor')) methods.set('constructor', emptyConstructor());
  return { fields, methods };
}

function emptyConstructor(): Method {
  const body = { kind: 'block', statements: [] } as const;
  return { name: 'constructor', isPrivate: false, parameters: [], result: undefined, body, line: 1, column: 1 };
}

function readMethod(file: OpenFile, { text: name, line, column }: Token, isPrivate: boolean): Method {
  const parameters = readParameters(file);
  if (name === 'constructor' && file.tokens.isSign(':')) throw new Refusal('constructor-result', file.tokens.next);
  const result = readResult(file);
  return { name, isPrivate, parameters, result, body: readBlock(file, 1), line, column };
}

function readField(file: OpenFile, { text: name, line, column }: Token): Field {
  const { tokens } = file;
  const at = { name, line, column };
  const isAnnotated = tokens.takeIf(':');
  const container = isAnnotated ? readContainer(file) : undefined;
  const type = isAnnotated && container === undefined ? readType(file) : undefined;
  if (container === undefined && isAnnotated && tokens.takeIf(';'))
    return { ...at, kind: 'value', type: type as ValueType, initial: undefined };
  tokens.expect('=');
  if (container !== undefined || (type === undefined && tokens.isWord('new'))) {
    const field = { ...at, ...readNewContainer(file, container, at) };
    tokens.expect(';');
    return field;
  }
  const initial = readInitial(file, type, at);
  tokens.expect(';');
  return { ...at, kind: 'value', ...initial };
}

function readContainer(file: OpenFile): Container | undefined {
  const { tokens } = file;
  if (!tokens.isWord('Table', 'List')) return undefined;
  const isTable = tokens.take().text === 'Table';
  tokens.expect('<');
  const keys = isTable ? readScalarType(file) : undefined;
  if (isTable) tokens.expect(',');
  const type = readEntryType(file);
  tokens.expect('>');
  return { keys, type };
}

type BareContainer =
  | { readonly kind: 'table'; readonly keys: ScalarType; readonly type: ValueType; readonly absent: Scalar | RecordOf }
  | { readonly kind: 'list'; readonly type: ValueType };

function readNewContainer(file: OpenFile, annotated: Container | undefined, place: Place): BareContainer {
  const { tokens } = file;
  tokens.expect('new');
  const container = readContainer(file);
  if (container === undefined) return tokens.refuse();
  const { keys, type } = container;
  if (annotated && (annotated.keys !== keys || !sameType(annotated.type, type))) {
    throw new Refusal('other-container', place);
  }
  tokens.expect('(');
  if (keys === undefined) {
    tokens.expect(')');
    return { kind: 'list', type };
  }
  if (tokens.isSign(')')) throw new Refusal('table-needs-default', tokens.next);
  const { initial } = readInitial(file, type, place);
  tokens.expect(')');
  return { kind: 'table', keys, type, absent: initial as Scalar | RecordOf };
}

/** An initial value, and its type where the field has none. */
function readInitial(
  file: OpenFile,
  type: ValueType | undefined,
  place: Place,
): { readonly type: ValueType; readonly initial: Scalar | Scalar[] | RecordOf } {
  const { tokens } = file;
  if (type === undefined && tokens.isSign('[', '{')) throw new Refusal('field-needs-type', place);
  const initial = readParts(file, place);
  if (type !== undefined && !hasType(initial, type)) throw new Refusal('other-initial', place);
  const scalar = scalarTypeOf(initial);
  return { type: type ?? { kind: 'scalar', scalar: scalar as ScalarType }, initial };
}

function readParts(file: OpenFile, place: Place): Value {
  const { tokens } = file;
  if (tokens.takeIf('[')) {
    const elements = tokens.list(']', () => readConstant(file));
    if (elements.length > MAX_LITERAL_PARTS) throw new Refusal('long-literal', place);
    return elements;
  }
  if (!tokens.takeIf('{')) return readConstant(file);
  const values = new Map<string, Scalar>();
  tokens.list('}', () => {
    const name = tokens.expectName();
    tokens.expect(':');
    if (values.has(name.text)) throw new Refusal('declared-twice', name);
    values.set(name.text, readConstant(file));
  });
  return new RecordOf(values);
}
