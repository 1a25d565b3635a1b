import type { BinaryOperator, Expression, Statement } from '../consensus/contract/syntax.ts';
import { type Assigned, type CheckContext, containerName, meet, startOf } from './check-context.ts';
import { checkAssigned, checkCondition, checkExpression } from './check-expression.ts';
import { checkOperator } from './check-operator.ts';
import {
  elementOf,
  isOpen,
  STRING,
  type StaticType,
  scalarOfType,
  staticType,
  typeName,
  UNKNOWN,
  widened,
} from './static-types.ts';

/** Checks statements in a block of their own. */
export function checkBlock(context: CheckContext, statements: readonly Statement[]): void {
  context.inBlock(() => {
    for (const statement of statements) checkStatement(context, statement);
  });
}

function checkStatement(context: CheckContext, statement: Statement): void {
  switch (statement.kind) {
    case 'declare':
      return checkDeclaration(context, statement);
    case 'assign':
      return checkAssignment(context, statement);
    case 'step':
      return checkStep(context, statement.target);
    case 'expression':
      checkExpression(context, statement.value);
      return;
    case 'block':
      return checkBlock(context, statement.body);
    case 'if':
      return checkIf(context, statement);
    case 'while':
    case 'for':
      return checkLoop(context, statement);
    case 'for-of':
      return checkForOf(context, statement);
    case 'break':
    case 'continue':
      if (statement.kind === 'break' && context.assigned) context.loops.at(-1)?.breaks.push(context.assigned);
      context.assigned = undefined;
      return;
    case 'return':
      checkReturn(context, statement);
      if (context.assigned) context.returns.push(context.assigned);
      context.assigned = undefined;
      return;
    case 'throw': {
      const words = (from: string, to: string) =>
        `Argument of type '${from}' is not assignable to parameter of type '${to}'.`;
      checkAssigned(context, statement.message, STRING, startOf(statement.message), words);
      context.assigned = undefined;
    }
  }
}

function checkReturn(context: CheckContext, { value, at }: Statement & { kind: 'return' }): void {
  const { result } = context.method;
  if (result !== undefined) {
    const type = staticType(result);
    if (value !== undefined) checkAssigned(context, value, type, at);
    else context.error(at, `Type 'undefined' is not assignable to type '${typeName(type)}'.`);
  } else if (value !== undefined) {
    context.error(at, `Type '${typeName(checkExpression(context, value))}' is not assignable to type 'void'.`);
  }
}

function checkDeclaration(context: CheckContext, statement: Statement & { kind: 'declare' }): void {
  const { constant, variables } = statement;
  for (const { name, type, value, at } of variables) {
    let found: StaticType = UNKNOWN;
    if (type !== undefined) {
      found = staticType(type);
      if (value !== undefined) checkAssigned(context, value, found, at);
    } else if (value !== undefined) {
      found = checkExpression(context, value);
    }
    // A variable without type and value takes what it is assigned.
    context.declare(name, { type: constant ? found : widened(found), constant }, value !== undefined);
  }
}

function checkAssignment(context: CheckContext, statement: Statement & { kind: 'assign' }): void {
  const { target, operator, value } = statement;
  const at = startOf(target);
  if (operator !== undefined) {
    const type = checkTarget(context, target, true);
    const place = { operator: `${operator}=`, leftAt: at, rightAt: startOf(value) };
    const result = checkOperator(
      context,
      operator satisfies BinaryOperator,
      place,
      type,
      checkExpression(context, value),
    );
    if (!isOpen(result) && !isOpen(type) && scalarOfType(result) !== scalarOfType(type)) {
      context.error(at, `Type '${typeName(result)}' is not assignable to type '${typeName(type)}'.`);
    }
    return;
  }
  const type = checkTarget(context, target, false);
  checkAssigned(context, value, type, at);
  if (target.kind === 'name') context.markAssigned(target.name);
  if (target.kind === 'field') context.markAssigned(`this.${target.name}`);
}

/** The type of what is assigned to. @param isRead whether it needs a value before */
function checkTarget(context: CheckContext, target: Expression, isRead: boolean): StaticType {
  if (target.kind === 'name') {
    const local = context.local(target.name);
    if (local?.constant || context.syntax.constants.has(target.name)) {
      context.error(target.at, `Cannot assign to '${target.name}' because it is a constant.`);
      return UNKNOWN;
    }
    if (local !== undefined && !isRead) return local.type;
  } else if (target.kind === 'field' && !isRead) {
    const field = context.fields.get(target.name);
    if (field?.kind === 'value') return staticType(field.type);
  }
  return widened(checkExpression(context, target));
}

function checkStep(context: CheckContext, target: Expression): void {
  const type = checkTarget(context, target, true);
  const scalar = scalarOfType(type);
  if (isOpen(type) || scalar === 'number' || scalar === 'bigint') return;
  context.error(startOf(target), "An arithmetic operand must be of type 'any', 'number', 'bigint' or an enum type.");
}

function checkIf(context: CheckContext, { branches, otherwise }: Statement & { kind: 'if' }): void {
  const ends: (Assigned | undefined)[] = [];
  for (const { test, body } of branches) {
    checkCondition(context, test);
    const before = context.assigned;
    checkBlock(context, body);
    ends.push(context.assigned);
    context.assigned = before;
  }
  if (otherwise !== undefined) checkBlock(context, otherwise);
  context.assigned = meet(...ends, context.assigned);
}

function checkLoop(context: CheckContext, statement: Statement & { kind: 'while' | 'for' }): void {
  context.inBlock(() => {
    if (statement.kind === 'for' && statement.first !== undefined) checkStatement(context, statement.first);
    const { test } = statement;
    if (test !== undefined) checkCondition(context, test);
    const hasEnd = test !== undefined && !(test.kind === 'literal' && test.value === true);
    const before = context.assigned;
    const breaks = checkRound(context, () => {
      checkBlock(context, statement.body);
      // A `continue` leads to it too, so that only what had a value before the round counts.
      context.assigned = context.assigned ?? before;
      if (statement.kind === 'for' && statement.step !== undefined) checkStatement(context, statement.step);
    });
    context.assigned = meet(hasEnd ? before : undefined, ...breaks);
  });
}

function checkRound(context: CheckContext, run: () => void): readonly Assigned[] {
  const loop = { breaks: [] };
  context.loops.push(loop);
  run();
  context.loops.pop();
  return loop.breaks;
}

function checkForOf(context: CheckContext, statement: Statement & { kind: 'for-of' }): void {
  const { of, name, constant, body } = statement;
  context.inBlock(() => {
    const type = elementType(context, of);
    const before = context.assigned;
    const breaks = checkRound(context, () => {
      context.inBlock(() => {
        context.declare(name, { type, constant }, true);
        checkBlock(context, body);
      });
    });
    context.assigned = meet(before, ...breaks);
  });
}

/** The type of what a loop goes through. */
function elementType(context: CheckContext, of: Expression): StaticType {
  const field = of.kind === 'field' ? context.fields.get(of.name) : undefined;
  if (field?.kind === 'list') return staticType(field.type);
  if (field?.kind === 'table') return notIterable(context, of, containerName(field));
  const type = checkExpression(context, of);
  if (isOpen(type)) return UNKNOWN;
  if (type.kind === 'array') return elementOf(type);
  if (scalarOfType(type) !== 'string') {
    const literal = type.kind === 'scalar' ? type.literal : undefined;
    return notIterable(context, of, literal ?? typeName(type));
  }
  const hint = 'go through a text by its index: for (let i = 0; i < text.length; i++)';
  context.error(startOf(of), `Type 'string' is not an array type.`, hint);
  return UNKNOWN;
}

function notIterable(context: CheckContext, of: Expression, type: string): StaticType {
  context.error(startOf(of), `Type '${type}' must have a '[Symbol.iterator]()' method that returns an iterator.`);
  return UNKNOWN;
}
