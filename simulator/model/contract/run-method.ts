import { Evaluator } from './evaluate.ts';
import type { Cells, Evaluation, Invocation } from './evaluation.ts';
import { binary, stepped } from './operators.ts';
import { ACCESS_GAS, ARRAY_ROUND_ELEMENT_GAS, ARRAY_ROUND_GAS, checkGas, FOR_OF_GAS, ROUND_GAS } from './prices.ts';
import { expectType } from './storage.ts';
import type { Expression, Statement } from './syntax.ts';
import type { Transaction } from './transaction.ts';
import { Trap } from './trap.ts';
import type { Value } from './value.ts';
import { elementAt, expectIndex, expectScalar, expectText } from './value-methods.ts';

/** How a statement ended, where not by completing. */
type Ending = 'break' | 'continue' | { readonly result: Value | undefined } | undefined;
type Kind<K extends Statement['kind']> = Statement & { readonly kind: K };

/** What can be read and assigned. */
interface AssignedPlace {
  read(): Value;
  write(value: Value): void;
}

/** Runs a method or function to its end, and gives its result. */
export function* runMethod(transaction: Transaction, invocation: Invocation): Evaluation<Value | undefined> {
  const { method, args } = invocation;
  const cells: Cells = new Map(method.parameters.map(({ name, type }, i) => [name, { type, value: args[i] }]));
  const ending = yield* new StatementRunner(transaction, invocation, cells).run(method.body as Statement);
  const result = typeof ending === 'object' ? ending.result : undefined;
  transaction.gas.charge(1);
  if (method.result) {
    transaction.gas.charge(checkGas(method.result, result));
    expectType(result as Value, method.result);
  }
  return result;
}

/** Runs statements of one method that is under way. */
class StatementRunner {
  readonly #transaction: Transaction;
  readonly #invocation: Invocation;
  readonly #cells: Cells;
  readonly #evaluator: Evaluator;

  constructor(transaction: Transaction, invocation: Invocation, cells: Cells) {
    this.#transaction = transaction;
    this.#invocation = invocation;
    this.#cells = cells;
    this.#evaluator = new Evaluator(transaction, invocation.context, cells);
  }

  *run(statement: Statement): Evaluation<Ending> {
    switch (statement.kind) {
      case 'block':
        for (const one of statement.statements) {
          const ending = yield* this.run(one);
          if (ending !== undefined) return ending;
        }
        return undefined;
      case 'if':
        return yield* this.#if(statement);
      case 'while':
        return yield* this.#loop(statement.test, statement.body, undefined);
      case 'for':
        if (statement.start) yield* this.run(statement.start);
        return yield* this.#loop(statement.test, statement.body, statement.step);
      case 'for-of':
        return yield* this.#forOf(statement);
      case 'variables':
        yield* this.#variables(statement);
        return undefined;
      case 'expression':
        yield* this.#evaluator.evaluate(statement.expression);
        return undefined;
      case 'assignment':
        yield* this.#assign(statement);
        return undefined;
      case 'step':
        yield* this.#step(statement);
        return undefined;
      case 'return':
        return { result: statement.value && (yield* this.#evaluator.value(statement.value)) };
      case 'throw':
        throw new Trap('thrown', expectText(yield* this.#evaluator.value(statement.message)));
      default:
        return statement.kind;
    }
  }

  *#if({ branches, otherwise }: Kind<'if'>): Evaluation<Ending> {
    for (const { test, body } of branches) {
      const isTrue = yield* this.#evaluator.boolean(test);
      this.#charge(1);
      if (isTrue) return yield* this.run(body);
    }
    return otherwise && (yield* this.run(otherwise));
  }

  *#loop(test: Expression | undefined, body: Statement, step: Statement | undefined): Evaluation<Ending> {
    for (;;) {
      this.#charge(ROUND_GAS);
      if (test) {
        this.#charge(1);
        if (!(yield* this.#evaluator.boolean(test))) return undefined;
      }
      const ending = yield* this.run(body);
      if (ending === 'break') return undefined;
      if (typeof ending === 'object') return ending;
      if (step) yield* this.run(step);
    }
  }

  *#forOf({ name, of, body }: Kind<'for-of'>): Evaluation<Ending> {
    this.#charge(FOR_OF_GAS);
    const next = yield* this.#elementsOf(of);
    for (let index = 0; ; index++) {
      const value = next(index);
      if (value === undefined) return undefined;
      this.#cells.set(name, { type: undefined, value });
      const ending = yield* this.run(body);
      if (ending === 'break') return undefined;
      if (typeof ending === 'object') return ending;
    }
  }

  /** What gives the element of each round of a `for … of`, or undefined behind the last. */
  *#elementsOf(expression: Expression): Evaluation<(index: number) => Value | undefined> {
    const { storage } = this.#invocation.context;
    if (expression.kind === 'field' && this.#evaluator.containerKindOf(expression)) {
      return (index) => storage.nextOfList(expression.name, index);
    }
    const array = yield* this.#evaluator.value(expression);
    if (!Array.isArray(array)) throw new Trap('wrong-type', 'an array or list is wanted');
    return (index) => {
      this.#charge(ARRAY_ROUND_GAS);
      if (index >= array.length) return undefined;
      this.#charge(ARRAY_ROUND_ELEMENT_GAS);
      return array[index];
    };
  }

  *#variables({ variables }: Kind<'variables'>): Evaluation<void> {
    for (const { name, type, value: written } of variables) {
      const value = written && (yield* this.#evaluator.value(written));
      this.#charge(1);
      this.#cells.set(name, { type, value: undefined });
      if (value !== undefined) this.#setVariable(name, value);
    }
  }

  #setVariable(name: string, value: Value): void {
    const type = this.#cells.get(name)?.type;
    if (type) {
      this.#charge(checkGas(type, value));
      expectType(value, type);
    }
    this.#cells.set(name, { type, value });
  }

  *#assign({ target, operator, value: written }: Kind<'assignment'>): Evaluation<void> {
    const place = yield* this.#placeOf(target);
    const before = operator === undefined ? undefined : place.read();
    const value = yield* this.#evaluator.value(written);
    if (operator === undefined || before === undefined) place.write(value);
    else place.write(binary(operator, before, value, this.#transaction.gas));
  }

  *#step({ target, operator }: Kind<'step'>): Evaluation<void> {
    const place = yield* this.#placeOf(target);
    const before = place.read();
    this.#charge(1);
    place.write(stepped(before, operator));
  }

  /** Where something is assigned: object and index are evaluated once, and both methods charge. */
  *#placeOf(target: Expression): Evaluation<AssignedPlace> {
    const { gas } = this.#transaction;
    const { storage } = this.#invocation.context;
    if (target.kind === 'field') {
      return {
        read: () => storage.readField(target.name),
        write: (value) => storage.assignField(target.name, value),
      };
    }
    if (target.kind === 'name') {
      return {
        read: () => this.#evaluator.read(target.name),
        write: (value) => {
          this.#charge(1);
          this.#setVariable(target.name, value);
        },
      };
    }
    if (target.kind !== 'index') throw new Error(`${target.kind} cannot be assigned to`);
    const object = yield* this.#evaluator.value(target.object);
    const index = yield* this.#evaluator.value(target.index);
    return {
      read: () => elementAt(object, index, gas),
      write: (value) => {
        this.#charge(ACCESS_GAS);
        if (!Array.isArray(object)) throw new Trap('wrong-type', 'an array is wanted');
        object[expectIndex(index, object.length)] = expectScalar(value);
      },
    };
  }

  #charge(gas: number): void {
    this.#transaction.gas.charge(gas);
  }
}
