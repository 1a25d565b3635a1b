import type { Expression } from '../consensus/contract/syntax.ts';
import { type Scalar, scalarOf } from '../consensus/contract/types.ts';
import { AddressValue, type ScalarValue } from '../consensus/contract/value.ts';
import { checkCall } from './check-call.ts';
import { type CheckContext, containerName, startOf } from './check-context.ts';
import { checkBinary } from './check-operator.ts';
import {
  ADDRESS,
  BIGINT,
  BOOLEAN,
  commonType,
  elementOf,
  isAssignable,
  isOpen,
  literalName,
  NUMBER,
  propertyOf,
  STRING,
  type StaticType,
  scalarOfType,
  scalarType,
  staticType,
  typeName,
  UNKNOWN,
} from './static-types.ts';

const CHAIN: ReadonlyMap<string, StaticType> = new Map([
  ['caller', ADDRESS],
  ['value', BIGINT],
  ['balance', BIGINT],
  ['height', NUMBER],
  ['time', NUMBER],
]);

/** What JavaScript makes of a number or a text where a property of it is asked for. */
const OBJECTS: Partial<Record<Scalar, string>> = { number: 'Number', bigint: 'BigInt', boolean: 'Boolean' };

/** The type of an expression. Tells what is wrong in it. */
export function checkExpression(context: CheckContext, node: Expression): StaticType {
  switch (node.kind) {
    case 'literal':
      return constantType(node.value);
    case 'name':
      return checkName(context, node.name, node.at);
    case 'field':
      return checkField(context, node.name, node.at);
    case 'chain':
      return checkChain(context, node.name, node.at);
    case 'member':
      return checkMember(context, node);
    case 'index':
      return checkIndex(context, node);
    case 'unary':
      return checkUnary(context, node);
    case 'binary':
    case 'quotient':
      return checkBinary(context, node, checkExpression(context, node.left), checkExpression(context, node.right));
    case 'logical':
      checkCondition(context, node.left);
      checkCondition(context, node.right);
      return BOOLEAN;
    case 'conditional':
      checkCondition(context, node.test);
      return commonType(checkExpression(context, node.then), checkExpression(context, node.otherwise));
    case 'array':
      return checkArray(context, node);
    case 'record':
      return checkRecord(context, node);
    case 'template':
      for (const value of node.values) checkPart(context, value, 'a template text');
      return STRING;
    default:
      return checkCall(context, node, { expression: checkExpression, assigned: checkAssigned });
  }
}

/** A test of an `if`, a loop, `!`, `&&`, `||` or `? :`. */
export function checkCondition(context: CheckContext, node: Expression): void {
  const type = checkExpression(context, node);
  if (isOpen(type) || scalarOfType(type) === 'boolean') return;
  context.error(
    startOf(node),
    `Type '${typeName(type)}' is not assignable to type 'boolean'.`,
    'nothing but true and false counts as a condition here: compare, as in n !== 0',
  );
}

/**
 * A value for a place that has a type. Tells where it is another one: in the literal where that can be said, else at `at`.
 * @param words of a value that is no literal
 */
export function checkAssigned(
  context: CheckContext,
  node: Expression,
  type: StaticType,
  at: number,
  words: (from: string, to: string) => string = (from, to) => `Type '${from}' is not assignable to type '${to}'.`,
): void {
  if (node.kind === 'conditional') {
    checkCondition(context, node.test);
    for (const way of [node.then, node.otherwise]) checkAssigned(context, way, type, at, words);
    return;
  }
  if (node.kind === 'array' && type.kind === 'array') {
    const element = elementOf(type);
    for (const item of node.items) checkAssigned(context, item, element, startOf(item));
    return;
  }
  const found = checkExpression(context, node);
  if (node.kind === 'record' && type.kind === 'record') return checkLiteralRecord(context, node, found, type, at);
  if (found.kind === 'record' && type.kind === 'record') return checkRecordType(context, found, type, at);
  if (!isAssignable(found, type)) context.error(at, words(typeName(found), typeName(type)));
}

type RecordType = StaticType & { readonly kind: 'record' };

function checkLiteralRecord(
  context: CheckContext,
  node: Expression & { kind: 'record' },
  found: StaticType,
  type: RecordType,
  at: number,
): void {
  if (found.kind !== 'record') return;
  for (const [i, name] of node.names.entries()) {
    const wanted = propertyOf(type, name);
    const value = node.values[i] as Expression;
    if (wanted === undefined) {
      const known = `Object literal may only specify known properties, and '${name}' does not exist in type`;
      context.error(startOf(value), `${known} '${typeName(type)}'.`);
      return;
    }
    const given = propertyOf(found, name);
    if (given !== undefined && given.type !== wanted.type) {
      context.error(startOf(value), `Type '${given.type}' is not assignable to type '${wanted.type}'.`);
      return;
    }
  }
  checkRecordType(context, found, type, at);
}

function checkRecordType(context: CheckContext, found: RecordType, type: RecordType, at: number): void {
  const missing = type.properties.filter(({ name }) => propertyOf(found, name) === undefined);
  const [first, ...more] = missing.map(({ name }) => name);
  if (first !== undefined && more.length === 0) {
    const where = `is missing in type '${typeName(found)}' but required in type '${typeName(type)}'`;
    context.error(at, `Property '${first}' ${where}.`);
  } else if (first !== undefined) {
    const names = [first, ...more].join(', ');
    const from = `from type '${typeName(type)}'`;
    context.error(at, `Type '${typeName(found)}' is missing the following properties ${from}: ${names}`);
  } else if (!isAssignable(found, type)) {
    context.error(at, `Type '${typeName(found)}' is not assignable to type '${typeName(type)}'.`);
  } else if (found.properties.length > type.properties.length) {
    const message = `Type '${typeName(found)}' is not assignable to type '${typeName(type)}'.`;
    context.error(at, message, 'a record has exactly the properties of its type here: make one with these alone');
  }
}

/** The type of a constant, with what it is. */
export function constantType(value: ScalarValue): StaticType {
  const scalar = scalarOf(value);
  if (value instanceof AddressValue) return scalarType(scalar);
  const literal = typeof value === 'string' ? JSON.stringify(value) : `${value}${typeof value === 'bigint' ? 'n' : ''}`;
  return { kind: 'scalar', scalar, literal };
}

function checkName(context: CheckContext, name: string, at: number): StaticType {
  const local = context.local(name);
  if (local !== undefined) {
    if (!context.hasValue(name)) context.error(at, `Variable '${name}' is used before being assigned.`);
    return local.type;
  }
  const constant = context.syntax.constants.get(name);
  if (constant !== undefined) return constantType(constant);
  if (!context.functions.has(name)) context.unknownName(name, at);
  return UNKNOWN;
}

function checkField(context: CheckContext, name: string, at: number): StaticType {
  const field = context.fields.get(name);
  if (field === undefined) {
    return context.methods.has(name) ? UNKNOWN : context.noProperty(name, context.syntax.name, at);
  }
  if (field.kind !== 'value') return UNKNOWN;
  const isUnset = field.initial === undefined && context.method.name === 'constructor';
  if (isUnset && !context.hasValue(`this.${name}`)) {
    context.error(at, `Property '${name}' is used before being assigned.`);
  }
  return staticType(field.type);
}

function checkChain(context: CheckContext, name: string, at: number): StaticType {
  const type = CHAIN.get(name);
  if (type !== undefined) return type;
  return context.noProperty(name, 'Chain', at);
}

function checkMember(context: CheckContext, node: Expression & { kind: 'member' }): StaticType {
  const { object, name, at } = node;
  const field = object.kind === 'field' ? context.fields.get(object.name) : undefined;
  if (field !== undefined && field.kind !== 'value') {
    if (field.kind === 'list' && name === 'length') return NUMBER;
    return context.noProperty(name, containerName(field), at);
  }
  const type = checkExpression(context, object);
  if (isOpen(type)) return UNKNOWN;
  if (name === 'length' && (type.kind === 'array' || scalarOfType(type) === 'string')) return NUMBER;
  const property = type.kind === 'record' ? propertyOf(type, name) : undefined;
  return property === undefined ? context.noProperty(name, typeName(type), at) : scalarType(property.type);
}

function checkIndex(context: CheckContext, node: Expression & { kind: 'index' }): StaticType {
  const object = checkExpression(context, node.object);
  const index = checkExpression(context, node.index);
  if (isOpen(object)) return UNKNOWN;
  const at = startOf(node.index);
  if (object.kind !== 'array' && scalarOfType(object) !== 'string') {
    const shown = OBJECTS[scalarOfType(object) ?? 'Address'] ?? typeName(object);
    const why = `because expression of type '${literalName(index)}' can't be used to index type '${shown}'`;
    context.error(startOf(node.object), `Element implicitly has an 'any' type ${why}.`);
    return UNKNOWN;
  }
  if (!isOpen(index) && scalarOfType(index) !== 'number') {
    const isText = scalarOfType(index) === 'string';
    context.error(
      at,
      isText
        ? "Element implicitly has an 'any' type because index expression is not of type 'number'."
        : `Type '${typeName(index)}' cannot be used as an index type.`,
    );
  }
  if (object.kind !== 'array') return STRING;
  return elementOf(object);
}

function checkUnary(context: CheckContext, node: Expression & { kind: 'unary' }): StaticType {
  if (node.operator === '!') {
    checkCondition(context, node.operand);
    return BOOLEAN;
  }
  const type = checkExpression(context, node.operand);
  const scalar = scalarOfType(type);
  if (isOpen(type)) return UNKNOWN;
  if (scalar === 'number' || scalar === 'bigint') {
    const literal = type.kind === 'scalar' ? type.literal : undefined;
    return literal === undefined ? type : { kind: 'scalar', scalar, literal: `-${literal}` };
  }
  const message = `Operator '-' cannot be applied to type '${typeName(type)}'.`;
  context.error(node.at, message, 'a minus stands before a number or a bigint here');
  return UNKNOWN;
}

function checkArray(context: CheckContext, node: Expression & { kind: 'array' }): StaticType {
  const types = node.items.map((item) => checkPart(context, item, 'an array'));
  const known = types.filter((scalar) => scalar !== undefined);
  // Of an element of which nothing is known the array has nothing to say either.
  return { kind: 'array', of: known.length < types.length ? [] : [...new Set(known)] };
}

function checkRecord(context: CheckContext, node: Expression & { kind: 'record' }): StaticType {
  const types = node.values.map((value) => checkPart(context, value, 'a record'));
  const properties = node.names.flatMap((name, i) => {
    const type = types[i];
    return type === undefined ? [] : [{ name, type }];
  });
  return properties.length < node.names.length ? UNKNOWN : { kind: 'record', name: undefined, properties };
}

/** A value in something that holds only values without parts. */
function checkPart(context: CheckContext, node: Expression, whole: string): Scalar | undefined {
  const type = checkExpression(context, node);
  if (isOpen(type) || type.kind === 'several' || type.kind === 'scalar') return scalarOfType(type);
  const message = `Type '${typeName(type)}' is not assignable to type 'Scalar'.`;
  context.error(startOf(node), message, `${whole} holds numbers, bigints, booleans, texts and addresses here`);
  return undefined;
}
