import { ExpressionChecker } from './check-expression.ts';
import { Refusal } from './refusal.ts';
import { Scope } from './scope.ts';
import type { Expression, Method, SourceFile, Statement } from './syntax.ts';

/** Checks one method, or one function if `isPure`. */
export class MethodChecker {
  readonly #file: SourceFile;
  readonly #scope: Scope;
  readonly #expressions: ExpressionChecker;
  /** For each loop around a statement: whether a `break` of its own was found. */
  readonly #loops: { hasBreak: boolean }[] = [];
  #givesValue = false;

  constructor(file: SourceFile, isPure: boolean) {
    this.#file = file;
    this.#scope = new Scope(file.declared);
    this.#expressions = new ExpressionChecker(file, this.#scope, isPure);
  }

  check(method: Method): void {
    this.#givesValue = method.result !== undefined;
    for (const parameter of method.parameters) this.#scope.declare(parameter.name, false, parameter);
    const completes = this.#list(method.body.statements);
    if (completes && this.#givesValue) throw new Refusal('missing-return', method);
  }

  /** Checks statements of a block, and tells whether the list completes. */
  #list(statements: readonly Statement[]): boolean {
    return this.#scope.within(() => {
      let completes = true;
      for (const statement of statements) {
        if (!this.#statement(statement)) completes = false;
      }
      return completes;
    });
  }

  /** Checks a statement, and tells whether it completes. */
  #statement(statement: Statement): boolean {
    switch (statement.kind) {
      case 'block':
        return this.#list(statement.statements);
      case 'if': {
        let completes = statement.otherwise === undefined;
        for (const { test, body } of statement.branches) {
          this.#expressions.checkValue(test);
          if (this.#statement(body)) completes = true;
        }
        if (statement.otherwise && this.#statement(statement.otherwise)) completes = true;
        return completes;
      }
      case 'while':
        this.#expressions.checkValue(statement.test);
        return this.#loop(statement.test, statement.body);
      case 'for':
        return this.#scope.within(() => {
          if (statement.start) this.#statement(statement.start);
          if (statement.test) this.#expressions.checkValue(statement.test);
          if (statement.step) this.#statement(statement.step);
          return this.#loop(statement.test, statement.body);
        });
      case 'for-of':
        return this.#forOf(statement);
      case 'variables':
        for (const variable of statement.variables) {
          if (variable.value) this.#expressions.checkValue(variable.value);
          this.#scope.declare(variable.name, statement.isConstant, variable);
        }
        return true;
      case 'expression':
        this.#expressions.checkStatement(statement.expression);
        return true;
      case 'assignment':
        this.#target(statement.target, statement.operator === undefined ? statement.value : undefined);
        this.#expressions.checkValue(statement.value);
        return true;
      case 'step':
        this.#target(statement.target, undefined);
        return true;
      default:
        return this.#jump(statement);
    }
  }

  #jump(statement: Statement & { readonly kind: 'break' | 'continue' | 'return' | 'throw' }): false {
    if (statement.kind === 'throw') this.#expressions.checkValue(statement.message);
    else if (statement.kind === 'return') {
      if (statement.value) this.#expressions.checkValue(statement.value);
      const hasValue = statement.value !== undefined;
      if (hasValue && !this.#givesValue) throw new Refusal('return-with-value', statement);
      if (!hasValue && this.#givesValue) throw new Refusal('return-without-value', statement);
    } else {
      const loop = this.#loops.at(-1);
      if (loop === undefined) throw new Refusal('no-loop', statement);
      if (statement.kind === 'break') loop.hasBreak = true;
    }
    return false;
  }

  /** Checks the body of a loop, and tells whether the loop completes. */
  #loop(test: Expression | undefined, body: Statement): boolean {
    const loop = { hasBreak: false };
    this.#loops.push(loop);
    this.#statement(body);
    this.#loops.pop();
    const isEndless = test === undefined || (test.kind === 'literal' && test.value === true);
    return !isEndless || loop.hasBreak;
  }

  #forOf(statement: Statement & { readonly kind: 'for-of' }): boolean {
    this.#expressions.checkIterated(statement.of);
    return this.#scope.within(() => {
      this.#scope.declareHidden(statement);
      this.#scope.declareHidden(statement);
      this.#scope.declare(statement.name, statement.isConstant, statement);
      this.#loop(statement.of, statement.body);
      return true;
    });
  }

  /** Checks what is assigned to; `value` is what `=` assigns. */
  #target(target: Expression, value: Expression | undefined): void {
    if (target.kind === 'name') {
      const isConstant = this.#scope.isConstant(target.name);
      this.#expressions.checkValue(target);
      if (isConstant !== false) throw new Refusal('constant', target);
    } else if (target.kind === 'field') {
      this.#expressions.checkValue(target);
      const field = this.#file.fields.get(target.name);
      const isArray = field?.kind === 'value' && field.type.kind === 'array';
      if (isArray && value && !isNewArray(value)) throw new Refusal('array-not-new', value);
    } else if (target.kind === 'index') this.#expressions.checkValue(target);
    else throw new Refusal(target.kind === 'property' ? 'record-changed' : 'not-assignable', target);
  }
}

/** No two fields are ever the same array. */
function isNewArray(value: Expression): boolean {
  return value.kind === 'array' || (value.kind === 'method' && value.name === 'slice');
}
