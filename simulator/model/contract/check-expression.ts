import { MAX_NAME_CHARS, MAX_PARAMETERS } from './limits.ts';
import { type Place, Refusal } from './refusal.ts';
import type { Scope } from './scope.ts';
import type { Expression, Field, Of, SourceFile } from './syntax.ts';

type Arity = readonly [least: number, most: number];

const CHAIN_VALUES = ['caller', 'value', 'balance', 'height', 'time'];
const CHAIN_CALLS = new Map<string, Arity>([
  ['hash', [1, 1]],
  ['pay', [2, 2]],
  ['emit', [1, 1 + MAX_PARAMETERS]],
]);
const HOST_FUNCTIONS = new Map<string, Arity>([
  ['BigInt', [1, 1]],
  ['Number', [1, 1]],
  ['address', [1, 1]],
  ['require', [2, 2]],
  ['sha256', [1, 1]],
  ['verify', [3, 3]],
]);
const VALUE_METHODS = new Map<string, Arity>([
  ['push', [1, 1]],
  ['pop', [0, 0]],
  ['slice', [0, 2]],
  ['indexOf', [1, 1]],
  ['includes', [1, 1]],
  ['startsWith', [1, 1]],
  ['endsWith', [1, 1]],
  ['charCodeAt', [1, 1]],
]);
const TABLE_METHODS = new Map<string, Arity>([
  ['get', [1, 1]],
  ['set', [2, 2]],
  ['has', [1, 1]],
  ['delete', [1, 1]],
]);
const LIST_METHODS = new Map<string, Arity>([
  ['get', [1, 1]],
  ['set', [2, 2]],
  ['push', [1, 1]],
  ['pop', [0, 0]],
]);
const CONTAINER_CALLS_WITHOUT_RESULT = ['set', 'delete', 'push'];
const EVENT_NAME = /^[A-Za-z][A-Za-z0-9_]*$/;

/** Checks the expressions of a method, or of a function if `isPure`. All throw `Refusal`. */
export class ExpressionChecker {
  readonly #file: SourceFile;
  readonly #scope: Scope;
  readonly #isPure: boolean;

  constructor(file: SourceFile, scope: Scope, isPure: boolean) {
    this.#file = file;
    this.#scope = scope;
    this.#isPure = isPure;
  }

  /** An expression whose value is used. */
  checkValue(expression: Expression): void {
    if (!this.#check(expression)) throw new Refusal('void-value', expression);
  }

  /** An expression that is a statement. */
  checkStatement(expression: Expression): void {
    this.#check(expression);
    if (!['own', 'function', 'method', 'chain-call', 'host', 'at'].includes(expression.kind)) {
      throw new Refusal('unused-value', expression);
    }
  }

  /** What a `for … of` goes through: a list, or a value. */
  checkIterated(expression: Expression): void {
    if (this.containerOf(expression)?.kind === 'list') this.#checkPurity(expression);
    else this.checkValue(expression);
  }

  /** The table or list that `this.name` is, if it is one. */
  containerOf(expression: Expression): Field | undefined {
    const field = expression.kind === 'field' ? this.#file.fields.get(expression.name) : undefined;
    return field?.kind === 'value' ? undefined : field;
  }

  #checkPurity(place: Place): void {
    if (this.#isPure) throw new Refusal('impure-function', place);
  }

  /** Checks an expression, and tells whether it gives a value. */
  #check(expression: Expression): boolean {
    switch (expression.kind) {
      case 'name':
        return this.#checkName(expression);
      case 'field':
        return this.#checkField(expression);
      case 'property':
        return this.#checkProperty(expression);
      case 'method':
        return this.#checkMethod(expression);
      case 'own':
        return this.#checkOwn(expression);
      case 'chain':
      case 'chain-call':
        return this.#checkChain(expression);
      case 'function':
        return this.#checkFunction(expression);
      case 'host':
        return this.#checkHost(expression);
      case 'at':
        return this.#checkAt(expression);
      case 'math':
        if (expression.name !== 'min' && expression.name !== 'max') throw new Refusal('no-name', expression);
        this.#checkArguments(expression, expression.args, [1, MAX_PARAMETERS]);
        return true;
      default:
        this.#checkParts(expression);
        return true;
    }
  }

  /** Expressions whose only rule is that their parts are values. */
  #checkParts(expression: Expression): void {
    switch (expression.kind) {
      case 'template':
        return expression.values.forEach((value) => void this.checkValue(value));
      case 'array':
        return expression.elements.forEach((element) => void this.checkValue(element));
      case 'record':
        return this.#checkRecord(expression);
      case 'prefix':
        return this.checkValue(expression.operand);
      case 'binary':
      case 'quotient':
        this.checkValue(expression.left);
        return this.checkValue(expression.right);
      case 'choice':
        this.checkValue(expression.test);
        this.checkValue(expression.yes);
        return this.checkValue(expression.no);
      case 'index':
        this.checkValue(expression.object);
        return this.checkValue(expression.index);
    }
  }

  #checkName(expression: Of<'name'>): boolean {
    const { name } = expression;
    if (this.#scope.isConstant(name) !== undefined) return true;
    if (this.#file.constants.has(name)) return true;
    throw new Refusal(this.#file.fields.has(name) ? 'this-missing' : 'no-name', expression);
  }

  #checkField(expression: Of<'field'>): boolean {
    this.#checkPurity(expression);
    const field = this.#file.fields.get(expression.name);
    if (field?.kind === 'value') return true;
    if (field) throw new Refusal('container-as-value', expression);
    throw new Refusal(this.#file.methods.has(expression.name) ? 'not-called' : 'no-field', expression);
  }

  #checkProperty(expression: Of<'property'>): boolean {
    const { object, name } = expression;
    if (this.containerOf(object)?.kind === 'list' && name === 'length') {
      this.#checkPurity(expression);
      return true;
    }
    this.checkValue(object);
    const isKnown = this.#file.records.some(({ properties }) => properties.some((property) => property.name === name));
    if (name === 'length' || isKnown) return true;
    throw new Refusal(VALUE_METHODS.has(name) ? 'not-called' : 'no-property', expression);
  }

  #checkMethod(expression: Of<'method'>): boolean {
    const { object, name, args } = expression;
    const container = this.containerOf(object);
    if (container) this.#checkPurity(expression);
    else this.checkValue(object);
    const methods = container ? (container.kind === 'table' ? TABLE_METHODS : LIST_METHODS) : VALUE_METHODS;
    const arity = methods.get(name);
    if (arity === undefined) throw new Refusal('no-value-method', expression);
    this.#checkArguments(expression, args, arity);
    return !(container && CONTAINER_CALLS_WITHOUT_RESULT.includes(name));
  }

  #checkOwn(expression: Of<'own'>): boolean {
    this.#checkPurity(expression);
    const { name, args } = expression;
    const method = name === 'constructor' ? undefined : this.#file.methods.get(name);
    if (method === undefined) throw new Refusal('no-method', expression);
    this.#checkArguments(expression, args, exactly(method.parameters.length));
    return method.result !== undefined;
  }

  #checkChain(expression: Of<'chain'> | Of<'chain-call'>): boolean {
    this.#checkPurity(expression);
    const { name } = expression;
    if (expression.kind === 'chain') {
      if (CHAIN_VALUES.includes(name)) return true;
      throw new Refusal(CHAIN_CALLS.has(name) ? 'not-called' : 'no-chain', expression);
    }
    const arity = CHAIN_CALLS.get(name);
    if (arity === undefined) throw new Refusal('no-chain', expression);
    this.#checkArguments(expression, expression.args, arity);
    const [event] = expression.args;
    if (name === 'emit' && !(event && isEventName(event))) throw new Refusal('bad-event-name', expression);
    return name === 'hash';
  }

  #checkFunction(expression: Of<'function'>): boolean {
    const called = this.#file.functions.get(expression.name);
    if (called === undefined) throw new Refusal('no-function', expression);
    this.#checkArguments(expression, expression.args, exactly(called.parameters.length));
    return called.result !== undefined;
  }

  #checkHost(expression: Of<'host'>): boolean {
    if (expression.name === 'verify') this.#checkPurity(expression);
    this.#checkArguments(expression, expression.args, HOST_FUNCTIONS.get(expression.name) as Arity);
    return expression.name !== 'require';
  }

  #checkAt(expression: Of<'at'>): boolean {
    this.#checkPurity(expression);
    const { contract, where, name, args } = expression;
    const signatures = this.#file.contracts.get(contract);
    if (signatures === undefined) throw new Refusal('no-interface', expression);
    const signature = signatures.get(name);
    if (signature === undefined) throw new Refusal('no-method-in-interface', expression);
    this.#checkArguments(expression, where, [1, 2]);
    this.#checkArguments(expression, args, exactly(signature.parameters.length));
    return signature.result !== undefined;
  }

  #checkRecord(expression: Of<'record'>): void {
    const names = expression.properties.map(([name]) => name);
    const isKnown = this.#file.records.some(
      ({ properties }) =>
        properties.length === names.length && properties.every((property) => names.includes(property.name)),
    );
    if (!isKnown) throw new Refusal('no-record', expression);
    for (const [, value] of expression.properties) this.checkValue(value);
  }

  #checkArguments(call: Place, args: readonly Expression[], [least, most]: Arity): void {
    if (args.length < least || args.length > most) throw new Refusal('argument-count', call);
    for (const argument of args) this.checkValue(argument);
  }
}

function exactly(count: number): Arity {
  return [count, count];
}

function isEventName(expression: Expression): boolean {
  const name = expression.kind === 'literal' ? expression.value : undefined;
  return typeof name === 'string' && name.length <= MAX_NAME_CHARS && EVENT_NAME.test(name);
}
