import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, utf8ToBytes } from '../../../consensus/hex.ts';
import { decode, encode } from './encoding.ts';
import type { Cells, Context, Evaluation } from './evaluation.ts';
import { MAX_ARGS_BYTES, MAX_HASH_DEPTH } from './limits.ts';
import { binary, boundedNumber, boundedText, quotient } from './operators.ts';
import {
  ACCESS_GAS,
  AT_GAS,
  CALL_GAS,
  CHAIN_VALUE_GAS,
  CONVERSION_GAS,
  checkGas,
  ELEMENT_GAS,
  HASH_GAS,
  PAY_GAS,
  SHA256_GAS,
  TEMPLATE_VALUE_GAS,
  textGas,
} from './prices.ts';
import { expectStorable, expectType } from './storage.ts';
import type { Expression, Method, Of, Signature } from './syntax.ts';
import type { Transaction } from './transaction.ts';
import { Trap } from './trap.ts';
import { AddressOf, RecordOf, type Scalar, type Value } from './value.ts';
import { callValueMethod, elementAt, expectScalar, expectText } from './value-methods.ts';

const ADDRESS = /^[0-9a-f]{40}$/;

/** Evaluates expressions of one method that is under way. */
export class Evaluator {
  readonly #transaction: Transaction;
  readonly #context: Context;
  readonly #cells: Cells;

  constructor(transaction: Transaction, context: Context, cells: Cells) {
    this.#transaction = transaction;
    this.#context = context;
    this.#cells = cells;
  }

  /** The value of an expression that has one. */
  *value(expression: Expression): Evaluation<Value> {
    return (yield* this.evaluate(expression)) as Value;
  }

  *boolean(expression: Expression): Evaluation<boolean> {
    const value = yield* this.value(expression);
    if (typeof value !== 'boolean') throw new Trap('wrong-type', 'true or false is wanted');
    return value;
  }

  *values(expressions: readonly Expression[]): Evaluation<Value[]> {
    const values: Value[] = [];
    for (const expression of expressions) values.push(yield* this.value(expression));
    return values;
  }

  /** The table or list that `this.name` is, by its kind. */
  containerKindOf(expression: Expression): 'table' | 'list' | undefined {
    const field = expression.kind === 'field' ? this.#context.file.fields.get(expression.name) : undefined;
    return field === undefined || field.kind === 'value' ? undefined : field.kind;
  }

  /** The value of a variable or constant. */
  read(name: string): Value {
    this.#transaction.gas.charge(1);
    const cell = this.#cells.get(name);
    const value = cell ? cell.value : this.#context.file.constants.get(name)?.value;
    if (value === undefined) throw new Trap('no-value-yet');
    return value;
  }

  /** The value of an expression, or undefined of a call without a result. */
  *evaluate(expression: Expression): Evaluation<Value | undefined> {
    const { gas } = this.#transaction;
    switch (expression.kind) {
      case 'literal':
        gas.charge(1);
        return expression.value;
      case 'name':
        return this.read(expression.name);
      case 'field':
        return this.#context.storage.readField(expression.name);
      case 'template':
        return yield* this.#template(expression);
      case 'array': {
        const elements = yield* this.values(expression.elements);
        gas.charge(1 + ELEMENT_GAS * elements.length);
        return elements.map(expectScalar);
      }
      case 'record':
        return yield* this.#record(expression);
      case 'prefix':
        return yield* this.#prefix(expression);
      case 'binary':
        return yield* this.#binary(expression);
      case 'quotient': {
        const left = yield* this.value(expression.left);
        const right = yield* this.value(expression.right);
        return quotient(expression.name, left, right, gas);
      }
      case 'choice': {
        const isYes = yield* this.boolean(expression.test);
        gas.charge(1);
        return yield* this.value(isYes ? expression.yes : expression.no);
      }
      case 'index': {
        const object = yield* this.value(expression.object);
        const index = yield* this.value(expression.index);
        return elementAt(object, index, gas);
      }
      case 'property':
        return yield* this.#property(expression);
      default:
        return yield* this.#call(expression);
    }
  }

  *#template({ pieces, values }: Of<'template'>): Evaluation<string> {
    const { gas } = this.#transaction;
    let text = pieces[0] as string;
    for (const [i, value] of values.entries()) {
      text += textOf(expectScalar(yield* this.value(value))) + pieces[i + 1];
      gas.charge(TEMPLATE_VALUE_GAS);
      boundedText(text);
    }
    gas.charge(1 + textGas(text));
    return text;
  }

  *#record({ properties }: Of<'record'>): Evaluation<RecordOf> {
    const values = new Map<string, Scalar>();
    for (const [name, value] of properties) values.set(name, expectScalar(yield* this.value(value)));
    this.#transaction.gas.charge(1 + ELEMENT_GAS * properties.length);
    return new RecordOf(values);
  }

  *#prefix({ sign, operand }: Of<'prefix'>): Evaluation<Value> {
    const value = yield* this.value(operand);
    this.#transaction.gas.charge(1);
    if (sign === '!' && typeof value === 'boolean') return !value;
    if (sign === '-' && typeof value === 'number') return 0 - value;
    if (sign === '-' && typeof value === 'bigint') return -value;
    throw new Trap('wrong-type', `${sign} is not for this`);
  }

  *#binary({ sign, left, right }: Of<'binary'>): Evaluation<Value> {
    const { gas } = this.#transaction;
    if (sign === '&&' || sign === '||') {
      const first = yield* this.boolean(left);
      gas.charge(1);
      return first === (sign === '&&') ? yield* this.boolean(right) : first;
    }
    const leftValue = yield* this.value(left);
    return binary(sign, leftValue, yield* this.value(right), gas);
  }

  *#property({ object, name }: Of<'property'>): Evaluation<Value> {
    if (object.kind === 'field' && this.containerKindOf(object)) return this.#context.storage.lengthOfList(object.name);
    const value = yield* this.value(object);
    this.#transaction.gas.charge(ACCESS_GAS);
    if (name === 'length') {
      if (typeof value === 'string' || Array.isArray(value)) return value.length;
      throw new Trap('wrong-type', 'an array or text is wanted');
    }
    if (!(value instanceof RecordOf)) throw new Trap('wrong-type', 'a record is wanted');
    const property = value.values.get(name);
    if (property === undefined) throw new Trap('no-property');
    return property;
  }

  *#call(expression: Expression): Evaluation<Value | undefined> {
    switch (expression.kind) {
      case 'method':
        return yield* this.#method(expression);
      case 'own':
      case 'function':
        return yield* this.#ownCall(expression);
      case 'chain':
        return this.#chainValue(expression.name);
      case 'chain-call':
        return yield* this.#chainCall(expression);
      case 'math': {
        const numbers = (yield* this.values(expression.args)).map(expectNumber);
        this.#transaction.gas.charge(1 + numbers.length);
        return expression.name === 'min' ? Math.min(...numbers) : Math.max(...numbers);
      }
      case 'host':
        return this.#host(expression.name, yield* this.values(expression.args));
      case 'at':
        return yield* this.#at(expression);
      default:
        throw new Error(`${expression.kind} is no call`);
    }
  }

  *#method({ object, name, args }: Of<'method'>): Evaluation<Value | undefined> {
    const container = this.containerKindOf(object);
    if (object.kind === 'field' && container) {
      const values = yield* this.values(args);
      const { storage } = this.#context;
      return container === 'table'
        ? storage.callTable(object.name, name, values)
        : storage.callList(object.name, name, values);
    }
    const value = yield* this.value(object);
    return callValueMethod(name, value, yield* this.values(args), this.#transaction.gas);
  }

  *#ownCall({ kind, name, args: written }: Of<'own'> | Of<'function'>): Evaluation<Value | undefined> {
    const { file } = this.#context;
    const method = (kind === 'own' ? file.methods : file.functions).get(name) as Method;
    const args = yield* this.values(written);
    this.#transaction.gas.charge(CALL_GAS);
    for (const [i, { type }] of method.parameters.entries()) {
      this.#transaction.gas.charge(checkGas(type, args[i]));
      expectType(args[i] as Value, type);
    }
    return yield { context: this.#context, method, args };
  }

  #chainValue(name: string): Value {
    this.#transaction.gas.charge(CHAIN_VALUE_GAS);
    const { view } = this.#transaction;
    const { contract, caller, value } = this.#context;
    switch (name) {
      case 'caller':
        return new AddressOf(caller);
      case 'value':
        return value;
      case 'balance':
        return this.#transaction.balanceOf(contract);
      case 'height':
        return view.height;
      default:
        return view.time;
    }
  }

  *#chainCall({ name, args }: Of<'chain-call'>): Evaluation<Value | undefined> {
    const { gas, view } = this.#transaction;
    if (name === 'emit') {
      const [event, ...values] = args;
      const eventName = (event as Of<'literal'>).value as string;
      this.#transaction.emit(this.#context.contract, eventName, yield* this.values(values));
      return undefined;
    }
    const [first, amount] = yield* this.values(args);
    if (name === 'pay') {
      gas.charge(PAY_GAS);
      this.#transaction.move(this.#context.contract, expectAddress(first).hex, expectBigint(amount));
      return undefined;
    }
    gas.charge(HASH_GAS);
    const height = expectNumber(first);
    const isKnown = height >= Math.max(0, view.height - MAX_HASH_DEPTH) && height < view.height;
    if (!isKnown) throw new Trap('no-block-hash');
    return view.blockHash(height);
  }

  #host(name: string, [first, second, third]: readonly Value[]): Value | undefined {
    const { gas } = this.#transaction;
    switch (name) {
      case 'BigInt':
        gas.charge(CONVERSION_GAS);
        return BigInt(expectNumber(first));
      case 'Number':
        gas.charge(CONVERSION_GAS);
        return boundedNumber(expectBigint(first));
      case 'address': {
        gas.charge(CONVERSION_GAS);
        const hex = expectText(first);
        if (!ADDRESS.test(hex)) throw new Trap('bad-address');
        return new AddressOf(hex);
      }
      case 'sha256': {
        const bytes = utf8ToBytes(expectText(first));
        gas.charge(SHA256_GAS + bytes.length);
        return bytesToHex(sha256(bytes));
      }
      case 'verify':
        return this.#transaction.verify(
          this.#context.contract,
          expectText(first),
          expectText(second),
          expectText(third),
        );
      default: {
        gas.charge(1);
        const message = expectText(second);
        if (typeof first !== 'boolean') throw new Trap('wrong-type', 'true or false is wanted');
        if (!first) throw new Trap('required', message);
        return undefined;
      }
    }
  }

  *#at({ contract, where, name, args: written }: Of<'at'>): Evaluation<Value | undefined> {
    const { gas } = this.#transaction;
    const [address, amount = 0n] = yield* this.values(where);
    const args = yield* this.values(written);
    const signature = this.#context.file.contracts.get(contract)?.get(name) as Signature;
    gas.charge(AT_GAS);
    const bytes = this.#encodedArguments(args, signature);
    const to = expectAddress(address).hex;
    const value = expectBigint(amount);
    const file = this.#transaction.fileOf(to);
    const entered = file.methods.get(name);
    if (entered === undefined) throw new Trap('no-method');
    if ((entered.result === undefined) !== (signature.result === undefined)) throw new Trap('other-result');
    const caller = this.#context.contract;
    const result = yield this.#transaction.enter(
      { contract: to, isDeploy: false, method: name, args: bytes, caller, value },
      file,
    );
    this.#transaction.leave();
    if (entered.result === undefined || signature.result === undefined || result === undefined) return undefined;
    const encoded = encode(result, entered.result);
    gas.charge(2 * encoded.length);
    expectStorable(encoded);
    const [received] = decode(encoded, [signature.result]) ?? [];
    if (received === undefined) throw new Trap('wrong-type', 'the result is not what the interface says');
    gas.charge(checkGas(signature.result, received));
    return received;
  }

  /** Arguments for another contract, checked against the interface. */
  #encodedArguments(args: readonly Value[], { parameters }: Signature): Uint8Array {
    const encoded = args.map((value, i) => {
      const type = parameters[i] as Signature['parameters'][number];
      this.#transaction.gas.charge(checkGas(type, value));
      expectType(value, type);
      return encode(value, type);
    });
    const bytes = concatBytes(...encoded);
    this.#transaction.gas.charge(bytes.length);
    if (bytes.length > MAX_ARGS_BYTES) throw new Trap('arguments-too-long');
    return bytes;
  }
}

/** A scalar in a template text. */
function textOf(value: Scalar): string {
  return value instanceof AddressOf ? value.hex : String(value);
}

function expectNumber(value: Value | undefined): number {
  if (typeof value !== 'number') throw new Trap('wrong-type', 'a number is wanted');
  return value;
}

function expectBigint(value: Value | undefined): bigint {
  if (typeof value !== 'bigint') throw new Trap('wrong-type', 'a bigint is wanted');
  return value;
}

function expectAddress(value: Value | undefined): AddressOf {
  if (!(value instanceof AddressOf)) throw new Trap('wrong-type', 'an address is wanted');
  return value;
}
