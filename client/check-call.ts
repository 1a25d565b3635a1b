import type { Expression, Field } from '../consensus/contract/syntax.ts';
import type { Parameter, ResultType } from '../consensus/contract/types.ts';
import { type CheckContext, containerName, startOf } from './check-context.ts';
import {
  ADDRESS,
  BIGINT,
  BOOLEAN,
  elementOf,
  isOpen,
  NOTHING,
  NUMBER,
  STRING,
  type StaticType,
  scalarOfType,
  scalarType,
  staticType,
  typeName,
  UNKNOWN,
} from './static-types.ts';

type CallNode = Extract<Expression, { kind: `${string}-call` }>;

/** How the parts of a call are checked. */
export interface PartChecks {
  expression(context: CheckContext, node: Expression): StaticType;
  assigned(
    context: CheckContext,
    node: Expression,
    type: StaticType,
    at: number,
    words: (from: string, to: string) => string,
  ): void;
}

/** What a function takes and gives. */
interface Shape {
  readonly takes: readonly StaticType[];
  /** Of what it takes; the others can be left out. Default: all. */
  readonly fewest?: number;
  readonly gives: StaticType;
}

type Shapes = ReadonlyMap<string, Shape>;

const FUNCTIONS: Shapes = new Map<string, Shape>([
  ['require', { takes: [BOOLEAN, STRING], gives: NOTHING }],
  ['sha256', { takes: [STRING], gives: STRING }],
  ['verify', { takes: [STRING, STRING, STRING], gives: BOOLEAN }],
  ['address', { takes: [STRING], gives: ADDRESS }],
]);

/** TypeScript takes more of these. */
const CONVERSIONS: ReadonlyMap<string, { readonly takes: StaticType; readonly gives: StaticType }> = new Map([
  ['BigInt', { takes: NUMBER, gives: BIGINT }],
  ['Number', { takes: BIGINT, gives: NUMBER }],
]);

const CHAIN_FUNCTIONS: Shapes = new Map<string, Shape>([
  ['hash', { takes: [NUMBER], gives: STRING }],
  ['pay', { takes: [ADDRESS, BIGINT], gives: NOTHING }],
]);
/** Of the chain, without parentheses. */
const CHAIN_VALUES: readonly string[] = ['caller', 'value', 'balance', 'height', 'time'];

const TEXT_METHODS: Shapes = new Map<string, Shape>([
  ['slice', { takes: [NUMBER, NUMBER], fewest: 0, gives: STRING }],
  ['indexOf', { takes: [STRING], gives: NUMBER }],
  ['includes', { takes: [STRING], gives: BOOLEAN }],
  ['startsWith', { takes: [STRING], gives: BOOLEAN }],
  ['endsWith', { takes: [STRING], gives: BOOLEAN }],
  ['charCodeAt', { takes: [NUMBER], gives: NUMBER }],
]);

/** What a value of an event can be, as the declarations of the package say it. */
const EVENT_VALUE = 'Scalar | readonly Scalar[]';

const argumentWords = (from: string, to: string) =>
  `Argument of type '${from}' is not assignable to parameter of type '${to}'.`;

/** The type of what a call gives. Tells what is wrong in it. */
export function checkCall(context: CheckContext, node: CallNode, checks: PartChecks): StaticType {
  switch (node.kind) {
    case 'method-call': {
      const method = context.methods.get(node.name);
      if (method !== undefined) return checkDeclared(context, node, method, checks);
      checkParts(context, node.args, checks);
      return context.noProperty(node.name, context.syntax.name, node.at);
    }
    case 'function-call':
      return checkFunction(context, node, checks);
    case 'math-call':
      for (const argument of node.args) checks.assigned(context, argument, NUMBER, startOf(argument), argumentWords);
      return NUMBER;
    case 'chain-call':
      return checkChainCall(context, node, checks);
    case 'value-call':
      return checkValueCall(context, node, checks);
    case 'contract-call': {
      checks.assigned(context, node.address, ADDRESS, startOf(node.address), argumentWords);
      if (node.value !== undefined) checks.assigned(context, node.value, BIGINT, startOf(node.value), argumentWords);
      return checkDeclared(context, node, node.signature, checks);
    }
  }
}

function checkParts(context: CheckContext, parts: readonly Expression[], checks: PartChecks): void {
  for (const part of parts) checks.expression(context, part);
}

/** A call of something that the source declares. */
function checkDeclared(
  context: CheckContext,
  node: CallNode,
  { parameters, result }: { readonly parameters: readonly Parameter[]; readonly result: ResultType },
  checks: PartChecks,
): StaticType {
  const takes = parameters.map(({ type }) => staticType(type));
  return checkShape(context, node, { takes, gives: result === undefined ? NOTHING : staticType(result) }, checks);
}

function checkShape(
  context: CheckContext,
  node: CallNode,
  { takes, fewest = takes.length, gives }: Shape,
  checks: PartChecks,
): StaticType {
  const { args, at } = node;
  if (args.length < fewest || args.length > takes.length) {
    checkParts(context, args, checks);
    const wanted = fewest === takes.length ? `${fewest}` : `${fewest}-${takes.length}`;
    context.error(at, `Expected ${wanted} arguments, but got ${args.length}.`);
    return gives;
  }
  for (const [i, argument] of args.entries()) {
    checks.assigned(context, argument, takes[i] ?? UNKNOWN, startOf(argument), argumentWords);
  }
  return gives;
}

function checkFunction(
  context: CheckContext,
  node: CallNode & { kind: 'function-call' },
  checks: PartChecks,
): StaticType {
  const { name, args, at } = node;
  const shape = FUNCTIONS.get(name);
  if (shape !== undefined) return checkShape(context, node, shape, checks);
  const conversion = CONVERSIONS.get(name);
  if (conversion !== undefined) return checkConversion(context, node, conversion, checks);
  const declared = context.functions.get(name);
  if (declared !== undefined) return checkDeclared(context, node, declared, checks);
  checkParts(context, args, checks);
  context.unknownName(name, at);
  return UNKNOWN;
}

function checkConversion(
  context: CheckContext,
  node: CallNode & { kind: 'function-call' },
  { takes, gives }: { readonly takes: StaticType; readonly gives: StaticType },
  checks: PartChecks,
): StaticType {
  const [argument, ...more] = node.args;
  if (argument === undefined || more.length > 0) return checkShape(context, node, { takes: [takes], gives }, checks);
  const type = checks.expression(context, argument);
  if (!isOpen(type) && scalarOfType(type) !== scalarOfType(takes)) {
    const hint = `${node.name} is for a ${typeName(takes)} here`;
    context.error(startOf(argument), argumentWords(typeName(type), typeName(takes)), hint);
  }
  return gives;
}

function checkChainCall(
  context: CheckContext,
  node: CallNode & { kind: 'chain-call' },
  checks: PartChecks,
): StaticType {
  const { name, args, at } = node;
  if (name === 'emit') return checkEmit(context, args, checks);
  const shape = CHAIN_FUNCTIONS.get(name);
  if (shape !== undefined) return checkShape(context, node, shape, checks);
  checkParts(context, args, checks);
  if (!CHAIN_VALUES.includes(name)) return context.noProperty(name, 'Chain', at);
  context.error(at, 'This expression is not callable.', `write chain.${name}, without parentheses`);
  return UNKNOWN;
}

/** Its name is the compiler's to judge. */
function checkEmit(context: CheckContext, [, ...values]: readonly Expression[], checks: PartChecks): StaticType {
  for (const value of values) {
    const type = checks.expression(context, value);
    if (type.kind === 'record') context.error(startOf(value), argumentWords(typeName(type), EVENT_VALUE));
  }
  return NOTHING;
}

function checkValueCall(
  context: CheckContext,
  node: CallNode & { kind: 'value-call' },
  checks: PartChecks,
): StaticType {
  const { object, name, args, at } = node;
  const field = object.kind === 'field' ? context.fields.get(object.name) : undefined;
  const isContainer = field !== undefined && field.kind !== 'value';
  const type = isContainer ? UNKNOWN : checks.expression(context, object);
  const shape = isContainer ? containerMethods(field).get(name) : valueMethods(type).get(name);
  if (shape !== undefined) return checkShape(context, node, shape, checks);
  checkParts(context, args, checks);
  if (!isContainer && isOpen(type)) return UNKNOWN;
  return context.noProperty(name, isContainer ? containerName(field) : typeName(type), at);
}

function containerMethods(field: Field & { readonly kind: 'table' | 'list' }): Shapes {
  const value = staticType(field.type);
  if (field.kind === 'list') {
    return new Map<string, Shape>([
      ['get', { takes: [NUMBER], gives: value }],
      ['set', { takes: [NUMBER, value], gives: NOTHING }],
      ['push', { takes: [value], gives: NOTHING }],
      ['pop', { takes: [], gives: value }],
    ]);
  }
  const key = scalarType(field.key);
  return new Map<string, Shape>([
    ['get', { takes: [key], gives: value }],
    ['set', { takes: [key, value], gives: NOTHING }],
    ['has', { takes: [key], gives: BOOLEAN }],
    ['delete', { takes: [key], gives: NOTHING }],
  ]);
}

function valueMethods(type: StaticType): Shapes {
  if (scalarOfType(type) === 'string') return TEXT_METHODS;
  if (type.kind !== 'array') return new Map();
  const element = elementOf(type);
  return new Map<string, Shape>([
    ['push', { takes: [element], gives: NUMBER }],
    ['pop', { takes: [], gives: element }],
    ['slice', { takes: [NUMBER, NUMBER], fewest: 0, gives: type }],
    ['indexOf', { takes: [element], gives: NUMBER }],
    ['includes', { takes: [element], gives: BOOLEAN }],
  ]);
}
