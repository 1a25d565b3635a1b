import { compileCall, isVoid, methodNames } from './compile-call.ts';
import type { MethodContext } from './compile-context.ts';
import { shapeOf } from './declarations.ts';
import type { OpName } from './opcodes.ts';
import { SourceError } from './source-error.ts';
import type { BinaryOperator, Expression, Field } from './syntax.ts';
import { FOREIGN } from './words.ts';

const BINARY_OPS: Readonly<Record<BinaryOperator, OpName>> = {
  '+': 'ADD',
  '-': 'SUBTRACT',
  '*': 'MULTIPLY',
  '/': 'DIVIDE',
  '%': 'REMAINDER',
  '**': 'POWER',
  '&': 'AND',
  '|': 'OR',
  '^': 'XOR',
  '===': 'EQUAL',
  '!==': 'UNEQUAL',
  '<': 'LESS',
  '<=': 'LESS_OR_EQUAL',
  '>': 'GREATER',
  '>=': 'GREATER_OR_EQUAL',
};

const CHAIN_OPS: ReadonlyMap<string, OpName> = new Map([
  ['caller', 'CALLER'],
  ['value', 'VALUE'],
  ['balance', 'BALANCE'],
  ['height', 'HEIGHT'],
  ['time', 'TIME'],
]);

/** The instruction of an operator with two operands. */
export function binaryOp(operator: BinaryOperator): OpName {
  return BINARY_OPS[operator];
}

/** Leaves the value of an expression on the stack. The tree's height is bounded by the parser. Throws {@link SourceError}. */
export function compileExpression(context: MethodContext, node: Expression): void {
  const { emitter } = context;
  const compile = (part: Expression): void => compileExpression(context, part);
  switch (node.kind) {
    case 'literal':
      return emitter.emitConstant(node.value, node.at);
    case 'name':
      return compileName(context, node.name, node.at);
    case 'field':
      return compileField(context, node.name, node.at);
    case 'chain':
      return compileChain(context, node.name, node.at);
    case 'member':
      return compileMember(context, node);
    case 'index':
      compile(node.object);
      compile(node.index);
      emitter.emit('INDEX', 0, node.at);
      return;
    case 'unary':
      compile(node.operand);
      emitter.emit(node.operator === '!' ? 'NOT' : 'NEGATE', 0, node.at);
      return;
    case 'binary':
      compile(node.left);
      compile(node.right);
      emitter.emit(BINARY_OPS[node.operator], 0, node.at);
      return;
    case 'quotient':
      compile(node.left);
      compile(node.right);
      emitter.emit(node.round === 'floor' ? 'FLOOR' : 'TRUNCATE', 0, node.at);
      return;
    case 'logical':
    case 'conditional':
      return compileChoice(context, node);
    case 'array':
      for (const item of node.items) compile(item);
      emitter.emit('ARRAY', node.items.length, node.at);
      return;
    case 'record':
      return compileRecord(context, node);
    case 'template':
      for (const value of node.values) compile(value);
      return emitter.emitTemplate(node.pieces, node.at);
    default:
      compileCall(context, node, compile);
      if (isVoid(context, node)) throw new SourceError('void-value', node.at);
  }
}

function compileName(context: MethodContext, name: string, at: number): void {
  const local = context.scope.get(name);
  if (local !== undefined) {
    context.emitter.emit(local.startsEmpty ? 'LOAD_CHECKED' : 'LOAD', local.place, at);
    return;
  }
  const constant = context.contract.syntax.constants.get(name);
  if (constant !== undefined) return context.emitter.emitConstant(constant, at);
  if (context.contract.functions.has(name)) throw new SourceError('not-called', at, [name]);
  const { fields, methods } = context.contract;
  if (fields.has(name) || methods.has(name)) throw new SourceError('this-missing', at, [name, name]);
  throw unknownName(name, at);
}

/** The error of a name that nothing has: some are those of other languages. */
export function unknownName(name: string, at: number): SourceError {
  const foreign = FOREIGN.get(name);
  return foreign === undefined
    ? new SourceError('no-name', at, [name])
    : new SourceError('left-out', at, [name, foreign]);
}

/** The error of a table or list that is used as a value, with what else there is to say of it. */
export function containerAsValue(field: Field, at: number, hint = ''): SourceError {
  return new SourceError('container-as-value', at, [field.name, field.kind, `${methodNames(field)}${hint}`]);
}

/** Refuses what a function of the file cannot use. */
export function requireMethod(context: MethodContext, at: number, what: string): void {
  if (context.method.isFunction) throw new SourceError('impure-function', at, [what]);
}

function compileField(context: MethodContext, name: string, at: number): void {
  requireMethod(context, at, 'this');
  const found = context.contract.fields.get(name);
  if (found === undefined) {
    if (context.contract.methods.has(name)) throw new SourceError('not-called', at, [`this.${name}`]);
    throw new SourceError('no-field', at, [name]);
  }
  if (found.field.kind !== 'value') throw containerAsValue(found.field, at);
  context.emitter.emit('FIELD_GET', found.index, at);
}

function compileChain(context: MethodContext, name: string, at: number): void {
  requireMethod(context, at, 'chain');
  const op = CHAIN_OPS.get(name);
  if (op === undefined) throw new SourceError('no-chain', at, [name]);
  if (op === 'VALUE') context.mentionsValue = true;
  context.emitter.emit(op, 0, at);
}

function compileMember(context: MethodContext, node: Expression & { kind: 'member' }): void {
  const { object, name, at } = node;
  if (object.kind === 'field') {
    const found = context.contract.fields.get(object.name);
    if (found?.field.kind === 'list' && name === 'length') {
      requireMethod(context, at, 'this');
      context.emitter.emit('LIST_LENGTH', found.index, at);
      return;
    }
  }
  compileExpression(context, object);
  if (name === 'length') {
    context.emitter.emit('LENGTH', 0, at);
    return;
  }
  if (!context.contract.syntax.properties.has(name)) throw new SourceError('no-property', at, [name]);
  context.emitter.emitMember(name, at);
}

function compileRecord(context: MethodContext, node: Expression & { kind: 'record' }): void {
  if (!context.contract.syntax.shapes.has(shapeOf(node.names))) {
    throw new SourceError('no-record', node.at, [node.names.join(', ')]);
  }
  for (const value of node.values) compileExpression(context, value);
  context.emitter.emitRecord(node.names, node.at);
}

/** Expressions that do not evaluate all of their parts. */
function compileChoice(context: MethodContext, node: Expression & { kind: 'logical' | 'conditional' }): void {
  const { emitter } = context;
  if (node.kind === 'logical') {
    compileExpression(context, node.left);
    const skip = emitter.emit(node.operator === '&&' ? 'SKIP_IF_FALSE' : 'SKIP_IF_TRUE', 0, node.at);
    compileExpression(context, node.right);
    emitter.emit('IS_BOOLEAN', 0, node.right.at);
    emitter.land(skip);
    return;
  }
  compileExpression(context, node.test);
  const toOtherwise = emitter.emit('JUMP_IF_FALSE', 0, node.at);
  compileExpression(context, node.then);
  const toEnd = emitter.emit('JUMP', 0, node.at);
  emitter.land(toOtherwise);
  compileExpression(context, node.otherwise);
  emitter.land(toEnd);
}
