import { compileCall } from './compile-call.ts';
import type { Loop, MethodContext } from './compile-context.ts';
import { binaryOp, compileExpression, containerAsValue, requireMethod, unknownName } from './compile-expression.ts';
import type { OpName } from './opcodes.ts';
import { SourceError } from './source-error.ts';
import type { BinaryOperator, Expression, Statement } from './syntax.ts';

/**
 * Compiles statements in a block of their own, and says whether what follows them can be reached: they do not all end in
 * `return`, `throw`, or a loop without end. Throws {@link SourceError}.
 */
export function compileBlock(context: MethodContext, statements: readonly Statement[]): boolean {
  return context.scope.inBlock(() => {
    let completes = true;
    for (const statement of statements) completes = compileStatement(context, statement) && completes;
    return completes;
  });
}

/** What begins no step of its own: what it holds does, and each round of a loop. */
const ROUNDS: ReadonlySet<Statement['kind']> = new Set(['block', 'for', 'while']);

function compileStatement(context: MethodContext, statement: Statement): boolean {
  const { emitter } = context;
  const { at } = statement;
  if (!ROUNDS.has(statement.kind)) emitter.beginStep(statement.kind === 'assign' ? statement.start : at);
  switch (statement.kind) {
    case 'declare':
      compileDeclaration(context, statement);
      return true;
    case 'assign':
      compileAssignment(context, statement.target, at, statement.operator, statement.value);
      return true;
    case 'step':
      compileChange(context, statement.target, at, () => {
        emitter.emit(statement.by === 1 ? 'INCREMENT' : 'DECREMENT', 0, at);
      });
      return true;
    case 'expression':
      compileCallStatement(context, statement.value);
      return true;
    case 'block':
      return compileBlock(context, statement.body);
    case 'if':
      return compileIf(context, statement);
    case 'while':
    case 'for':
      return compileLoop(context, statement);
    case 'for-of':
      compileForOf(context, statement);
      return true;
    case 'break':
    case 'continue': {
      const loop = context.loops.at(-1);
      if (loop === undefined) throw new SourceError('no-loop', at, [statement.kind]);
      (statement.kind === 'break' ? loop.breaks : loop.continues).push(emitter.emit('JUMP', 0, at));
      return false;
    }
    case 'return':
      compileReturn(context, statement);
      return false;
    case 'throw':
      compileExpression(context, statement.message);
      emitter.emit('THROW', 0, at);
      return false;
  }
}

function compileDeclaration(context: MethodContext, statement: Statement & { kind: 'declare' }): void {
  const { constant } = statement;
  for (const { name, type, value, at } of statement.variables) {
    if (value !== undefined) compileExpression(context, value);
    const from = context.emitter.here + 1;
    const about = { constant, type, startsEmpty: value === undefined, from };
    const { place } = context.scope.declare(name, at, about);
    if (value === undefined) {
      context.emitter.emit('UNSET', place, at);
    } else {
      if (type !== undefined) context.emitter.emitCheck(type, at);
      context.emitter.emit('STORE', place, at);
    }
  }
}

function compileAssignment(
  context: MethodContext,
  target: Expression,
  at: number,
  operator: BinaryOperator | undefined,
  value: Expression,
): void {
  if (operator !== undefined) {
    return compileChange(context, target, at, () => {
      compileExpression(context, value);
      context.emitter.emit(binaryOp(operator), 0, at);
    });
  }
  if (target.kind === 'index') {
    compileExpression(context, target.object);
    compileExpression(context, target.index);
    compileExpression(context, value);
    context.emitter.emit('SET_INDEX', 0, at);
    return;
  }
  if (target.kind === 'field') requireFreshArray(context, target.name, value);
  const store = storeOf(context, target);
  compileExpression(context, value);
  store(at);
}

/** Reads a target, lets `change` make the new value of it, and writes it back. */
function compileChange(context: MethodContext, target: Expression, at: number, change: () => void): void {
  if (target.kind === 'index') {
    compileExpression(context, target.object);
    compileExpression(context, target.index);
    context.emitter.emit('COPY_TWO', 0, at);
    context.emitter.emit('INDEX', 0, target.at);
    change();
    context.emitter.emit('SET_INDEX', 0, at);
    return;
  }
  const store = storeOf(context, target);
  compileExpression(context, target);
  change();
  store(at);
}

/** What takes the value on top of the stack into a variable or field. Throws {@link SourceError} for anything else. */
function storeOf(context: MethodContext, target: Expression): (at: number) => void {
  const { emitter } = context;
  if (target.kind === 'name') {
    const local = context.scope.get(target.name);
    const isConstant = local?.constant ?? context.contract.syntax.constants.has(target.name);
    if (local === undefined && !isConstant) {
      if (context.contract.fields.has(target.name)) {
        throw new SourceError('this-missing', target.at, [target.name, target.name]);
      }
      throw unknownName(target.name, target.at);
    }
    if (local === undefined || isConstant) throw new SourceError('constant', target.at, [target.name]);
    return (at) => {
      if (local.type !== undefined) emitter.emitCheck(local.type, at);
      emitter.emit('STORE', local.place, at);
    };
  }
  if (target.kind === 'field') {
    requireMethod(context, target.at, 'this');
    const found = context.contract.fields.get(target.name);
    if (found === undefined) throw new SourceError('no-field', target.at, [target.name]);
    if (found.field.kind !== 'value') throw containerAsValue(found.field, target.at);
    return (at) => emitter.emit('FIELD_SET', found.index, at);
  }
  if (target.kind === 'member') throw new SourceError('record-changed', target.at);
  throw new SourceError('not-assignable', target.at);
}

/** Two fields, or a field and a variable of the caller, must never be the same array. */
function requireFreshArray(context: MethodContext, name: string, value: Expression): void {
  const found = context.contract.fields.get(name)?.field;
  if (found?.kind !== 'value' || found.type.kind !== 'array') return;
  if (value.kind !== 'array' && !(value.kind === 'value-call' && value.name === 'slice')) {
    throw new SourceError('array-not-new', value.at);
  }
}

function compileCallStatement(context: MethodContext, node: Expression): void {
  switch (node.kind) {
    case 'method-call':
    case 'function-call':
    case 'chain-call':
    case 'value-call':
    case 'contract-call':
      compileCall(context, node, (part) => compileExpression(context, part));
      context.emitter.emit('POP', 0, node.at);
      return;
    default:
      throw new SourceError('unused-value', node.at);
  }
}

function compileIf(context: MethodContext, statement: Statement & { kind: 'if' }): boolean {
  const { emitter } = context;
  const toEnd: number[] = [];
  let completes = statement.otherwise === undefined;
  for (const [i, { test, body }] of statement.branches.entries()) {
    if (i > 0) emitter.beginStep(test.at);
    compileExpression(context, test);
    const toNext = emitter.emit('JUMP_IF_FALSE', 0, test.at);
    const bodyCompletes = compileBlock(context, body);
    completes = bodyCompletes || completes;
    const isLast = i === statement.branches.length - 1 && statement.otherwise === undefined;
    if (!isLast) toEnd.push(emitter.emit('JUMP', 0, statement.at));
    emitter.land(toNext);
  }
  if (statement.otherwise !== undefined) {
    const otherwiseCompletes = compileBlock(context, statement.otherwise);
    completes = otherwiseCompletes || completes;
  }
  for (const jump of toEnd) emitter.land(jump);
  return completes;
}

function compileLoop(context: MethodContext, statement: Statement & { kind: 'while' | 'for' }): boolean {
  const { emitter, scope } = context;
  const { at, test } = statement;
  return scope.inBlock(() => {
    if (statement.kind === 'for' && statement.first !== undefined) compileStatement(context, statement.first);
    emitter.beginStep(at);
    const top = emitter.emit('ROUND', 0, at);
    let toEnd: number | undefined;
    if (test !== undefined) {
      compileExpression(context, test);
      toEnd = emitter.emit('JUMP_IF_FALSE', 0, test.at);
    }
    const loop = inLoop(context, () => compileBlock(context, statement.body));
    for (const jump of loop.continues) emitter.land(jump);
    if (statement.kind === 'for' && statement.step !== undefined) compileStatement(context, statement.step);
    emitter.emit('JUMP', top, at);
    if (toEnd !== undefined) emitter.land(toEnd);
    for (const jump of loop.breaks) emitter.land(jump);
    const hasEnd = test !== undefined && !(test.kind === 'literal' && test.value === true);
    return hasEnd || loop.breaks.length > 0;
  });
}

function inLoop(context: MethodContext, compileBody: () => void): Loop {
  const loop: Loop = { breaks: [], continues: [] };
  context.loops.push(loop);
  compileBody();
  context.loops.pop();
  return loop;
}

/** Goes through an array or a list, which may grow or shrink meanwhile, as in JavaScript. */
function compileForOf(context: MethodContext, statement: Statement & { kind: 'for-of' }): void {
  const { emitter, scope } = context;
  const { at, of, constant } = statement;
  scope.inBlock(() => {
    const list = of.kind === 'field' ? context.contract.fields.get(of.name) : undefined;
    const isList = list?.field.kind === 'list';
    if (list?.field.kind === 'table') {
      throw containerAsValue(list.field, of.at, '; it cannot be gone through: keep a List of its keys');
    }
    if (isList) requireMethod(context, at, 'this');
    else compileExpression(context, of);
    const source = scope.declareHidden(at);
    if (isList) emitter.emit('UNSET', source, at);
    else emitter.emit('STORE', source, at);
    const index = scope.declareHidden(at);
    emitter.emitConstant(0, at);
    emitter.emit('STORE', index, at);
    emitter.beginStep(at);
    const top = emitter.emit('ROUND', 0, at);
    const next: OpName = isList ? 'NEXT_OF_LIST' : 'NEXT';
    if (isList) emitter.emit('LOAD', index, at);
    emitter.emit(next, isList ? list.index : source, at);
    const toEnd = emitter.emit('JUMP_IF_FALSE', 0, at);
    const about = { constant, type: undefined, startsEmpty: false, from: emitter.here + 1 };
    emitter.emit('STORE', scope.declare(statement.name, at, about).place, at);
    emitter.emit('LOAD', index, at);
    emitter.emit('INCREMENT', 0, at);
    emitter.emit('STORE', index, at);
    const loop = inLoop(context, () => compileBlock(context, statement.body));
    for (const jump of loop.continues) emitter.land(jump);
    emitter.emit('JUMP', top, at);
    emitter.land(toEnd);
    for (const jump of loop.breaks) emitter.land(jump);
  });
}

function compileReturn(context: MethodContext, statement: Statement & { kind: 'return' }): void {
  const { value, at } = statement;
  const { name, result } = context.method;
  if (value === undefined) {
    if (result !== undefined) throw new SourceError('return-without-value', at, [name]);
    context.emitter.emit('RETURN_NOTHING', 0, at);
    return;
  }
  if (result === undefined) throw new SourceError('return-with-value', at, [name]);
  compileExpression(context, value);
  context.emitter.emit('RETURN', 0, at);
}
