import type { MethodContext } from './compile-context.ts';
import { MAX_NAME_CHARS, MAX_PARAMETERS } from './limits.ts';
import type { OpName } from './opcodes.ts';
import { SourceError } from './source-error.ts';
import type { Expression, Field } from './syntax.ts';
import { FOREIGN } from './words.ts';

/** A call of something that the language brings along. */
interface Builtin {
  readonly op: OpName;
  readonly fewest: number;
  readonly most: number;
  /** It gives no value. */
  readonly isVoid?: boolean;
  /** The instruction names how many arguments there are. */
  readonly counted?: boolean;
}

type Builtins = ReadonlyMap<string, Builtin>;

const HOST_FUNCTIONS: Builtins = new Map<string, Builtin>([
  ['require', { op: 'REQUIRE', fewest: 2, most: 2, isVoid: true }],
  ['sha256', { op: 'SHA256', fewest: 1, most: 1 }],
  ['verify', { op: 'VERIFY', fewest: 3, most: 3 }],
  ['BigInt', { op: 'TO_BIGINT', fewest: 1, most: 1 }],
  ['Number', { op: 'TO_NUMBER', fewest: 1, most: 1 }],
  ['address', { op: 'TO_ADDRESS', fewest: 1, most: 1 }],
]);

const CHAIN_FUNCTIONS: Builtins = new Map<string, Builtin>([
  ['hash', { op: 'BLOCK_HASH', fewest: 1, most: 1 }],
  ['pay', { op: 'PAY', fewest: 2, most: 2, isVoid: true }],
]);

const MATH_FUNCTIONS: Builtins = new Map<string, Builtin>([
  ['min', { op: 'MINIMUM', fewest: 1, most: MAX_PARAMETERS, counted: true }],
  ['max', { op: 'MAXIMUM', fewest: 1, most: MAX_PARAMETERS, counted: true }],
]);

const CHAIN_HINT = 'there are hash, pay and emit; caller, value, balance, height and time have no parentheses';
const MATH_HINT = 'there are Math.floor, Math.trunc, Math.min and Math.max';

/** Methods of arrays and texts: which of both it is shows when it runs. */
const VALUE_METHODS: Builtins = new Map<string, Builtin>([
  ['push', { op: 'PUSH', fewest: 1, most: 1 }],
  ['pop', { op: 'TAKE_LAST', fewest: 0, most: 0 }],
  ['slice', { op: 'SLICE', fewest: 0, most: 2, counted: true }],
  ['indexOf', { op: 'INDEX_OF', fewest: 1, most: 1 }],
  ['includes', { op: 'INCLUDES', fewest: 1, most: 1 }],
  ['startsWith', { op: 'STARTS_WITH', fewest: 1, most: 1 }],
  ['endsWith', { op: 'ENDS_WITH', fewest: 1, most: 1 }],
  ['charCodeAt', { op: 'CHAR_CODE_AT', fewest: 1, most: 1 }],
]);

const TABLE_METHODS: Builtins = new Map<string, Builtin>([
  ['get', { op: 'TABLE_GET', fewest: 1, most: 1 }],
  ['set', { op: 'TABLE_SET', fewest: 2, most: 2, isVoid: true }],
  ['has', { op: 'TABLE_HAS', fewest: 1, most: 1 }],
  ['delete', { op: 'TABLE_DELETE', fewest: 1, most: 1, isVoid: true }],
]);

const LIST_METHODS: Builtins = new Map<string, Builtin>([
  ['get', { op: 'LIST_GET', fewest: 1, most: 1 }],
  ['set', { op: 'LIST_SET', fewest: 2, most: 2, isVoid: true }],
  ['push', { op: 'LIST_PUSH', fewest: 1, most: 1, isVoid: true }],
  ['pop', { op: 'LIST_POP', fewest: 0, most: 0 }],
]);

type Compile = (part: Expression) => void;
type CallNode = Extract<Expression, { kind: `${string}-call` }>;

/** Whether an expression is a call that gives no value. */
export function isVoid(context: MethodContext, node: Expression): boolean {
  const { contract } = context;
  switch (node.kind) {
    case 'method-call':
      return contract.methods.get(node.name)?.method.result === undefined;
    case 'function-call': {
      const builtin = HOST_FUNCTIONS.get(node.name);
      if (builtin !== undefined) return builtin.isVoid === true;
      return contract.functions.get(node.name)?.method.result === undefined;
    }
    case 'chain-call':
      return node.name === 'emit' || CHAIN_FUNCTIONS.get(node.name)?.isVoid === true;
    case 'value-call':
      return methodsOf(containerOf(context, node.object)).get(node.name)?.isVoid === true;
    case 'contract-call':
      return node.signature.result === undefined;
    default:
      return false;
  }
}

/** Leaves the result of a call on the stack, and a place holder for that of one without. Throws {@link SourceError}. */
export function compileCall(context: MethodContext, node: CallNode, compile: Compile): void {
  switch (node.kind) {
    case 'method-call':
      return compileMethodCall(context, node, compile);
    case 'function-call':
      return compileFunctionCall(context, node, compile);
    case 'math-call':
      if (!MATH_FUNCTIONS.has(node.name))
        throw new SourceError('no-function', node.at, [`Math.${node.name}: ${MATH_HINT}`]);
      return compileBuiltin(context, node, compile, MATH_FUNCTIONS.get(node.name), `Math.${node.name}`);
    case 'chain-call':
      if (context.method.isFunction) throw new SourceError('impure-function', node.at, ['chain']);
      if (node.name === 'emit') return compileEmit(context, node, compile);
      if (!CHAIN_FUNCTIONS.has(node.name))
        throw new SourceError('no-function', node.at, [`chain.${node.name}: ${CHAIN_HINT}`]);
      return compileBuiltin(context, node, compile, CHAIN_FUNCTIONS.get(node.name), `chain.${node.name}`);
    case 'value-call':
      return compileValueCall(context, node, compile);
    case 'contract-call':
      if (context.method.isFunction) throw new SourceError('impure-function', node.at, ['at']);
      compile(node.address);
      if (node.value !== undefined) compile(node.value);
      for (const argument of node.args) compile(argument);
      context.emitter.emitContractCall({ signature: node.signature, hasValue: node.value !== undefined }, node.at);
  }
}

function compileMethodCall(context: MethodContext, node: CallNode & { kind: 'method-call' }, compile: Compile): void {
  if (context.method.isFunction) throw new SourceError('impure-function', node.at, ['this']);
  const found = context.contract.methods.get(node.name);
  if (found === undefined) throw new SourceError('no-method', node.at, [node.name]);
  compileOwnCall(context, node, compile, found.index, found.method.parameters.length);
}

function compileFunctionCall(
  context: MethodContext,
  node: CallNode & { kind: 'function-call' },
  compile: Compile,
): void {
  const { name, at } = node;
  const builtin = HOST_FUNCTIONS.get(name);
  if (builtin !== undefined) {
    if (builtin.op === 'VERIFY' && context.method.isFunction) throw new SourceError('impure-function', at, [name]);
    return compileBuiltin(context, node, compile, builtin, name);
  }
  const found = context.contract.functions.get(name);
  if (found === undefined) {
    if (context.contract.methods.has(name)) throw new SourceError('this-missing', at, [name, name]);
    const foreign = FOREIGN.get(name);
    if (foreign !== undefined) throw new SourceError('left-out', at, [name, foreign]);
    throw new SourceError('no-function', at, [name]);
  }
  compileOwnCall(context, node, compile, found.index, found.method.parameters.length);
}

function compileOwnCall(
  context: MethodContext,
  node: CallNode & { readonly name: string },
  compile: Compile,
  index: number,
  wanted: number,
): void {
  if (node.args.length !== wanted) throw new SourceError('argument-count', node.at, [node.name, `${wanted}`]);
  for (const argument of node.args) compile(argument);
  context.callees.add(index);
  context.emitter.emit('CALL', index, node.at);
}

function compileBuiltin(
  context: MethodContext,
  node: CallNode,
  compile: Compile,
  builtin: Builtin | undefined,
  name: string,
  operand = 0,
): void {
  if (builtin === undefined) throw new SourceError('no-function', node.at, [name]);
  const { op, fewest, most, counted } = builtin;
  const given = node.args.length;
  if (given < fewest || given > most) {
    const wanted = fewest === most ? `${most}` : `${fewest} to ${most}`;
    throw new SourceError('argument-count', node.at, [name, wanted]);
  }
  for (const argument of node.args) compile(argument);
  context.emitter.emit(op, counted ? given : operand, node.at);
}

/** The table or list that an expression is, with its number. */
function containerOf(
  context: MethodContext,
  node: Expression,
): { readonly field: Field; readonly index: number } | undefined {
  const found = node.kind === 'field' ? context.contract.fields.get(node.name) : undefined;
  return found?.field.kind === 'value' ? undefined : found;
}

/** The methods of a table or list, or of other values, in words. */
export function methodNames(field: Field | undefined): string {
  const names = [...methodsOf(field && { field }).keys()];
  const own = field?.kind === 'list' ? ['length', ...names] : names;
  return `${own.slice(0, -1).join(', ')} and ${own.at(-1)}`;
}

function methodsOf(container: { readonly field: Field } | undefined): Builtins {
  if (container === undefined) return VALUE_METHODS;
  return container.field.kind === 'table' ? TABLE_METHODS : LIST_METHODS;
}

function compileValueCall(context: MethodContext, node: CallNode & { kind: 'value-call' }, compile: Compile): void {
  const container = containerOf(context, node.object);
  if (container === undefined) compile(node.object);
  const builtin = methodsOf(container).get(node.name);
  if (builtin === undefined) {
    const kind = container === undefined ? 'value' : container.field.kind;
    throw new SourceError('no-value-method', node.at, [kind, node.name, methodNames(container?.field)]);
  }
  if (container !== undefined && context.method.isFunction) throw new SourceError('impure-function', node.at, ['this']);
  compileBuiltin(context, node, compile, builtin, node.name, container?.index);
}

/** `chain.emit('Name', …values)`: the name is written there, so that readers of a source know all its events. */
function compileEmit(context: MethodContext, node: CallNode & { kind: 'chain-call' }, compile: Compile): void {
  const [name, ...values] = node.args;
  if (name?.kind !== 'literal' || typeof name.value !== 'string' || !isEventName(name.value)) {
    throw new SourceError('bad-event-name', name?.at ?? node.at, [`${MAX_NAME_CHARS}`]);
  }
  for (const value of values) compile(value);
  context.emitter.emitEvent({ name: name.value, count: values.length }, node.at);
}

const NAME = /^[A-Za-z][A-Za-z0-9_]*$/;

function isEventName(text: string): boolean {
  return text.length <= MAX_NAME_CHARS && NAME.test(text);
}
