import type { Address as RawAddress } from '../../../consensus/address.ts';
import { ByteReader } from '../../../consensus/codec.ts';
import { decodeValue, encodeValue } from '../../../consensus/contract/encoding.ts';
import { entryOf } from '../../../consensus/contract/enter.ts';
import { MAX_EVENTS } from '../../../consensus/contract/limits.ts';
import type { ContractEvent, Payment } from '../../../consensus/contract/machine.ts';
import { CONSTRUCTOR, type CompiledMethod, type Program } from '../../../consensus/contract/program.ts';
import { type SlotWrites, Storage } from '../../../consensus/contract/storage.ts';
import { Trap } from '../../../consensus/contract/trap.ts';
import { describeValue } from '../../../consensus/contract/types.ts';
import { RecordValue, type Value } from '../../../consensus/contract/value.ts';
import { concatBytes } from '../../../consensus/hex.ts';
import { addressObject, rawAddressOf } from './native-address.ts';
import { blockHashAt, isSignedMessage, type NativeChain } from './native-chain.ts';
import { NativeFields } from './native-fields.ts';
import { type NativeHost, withHost } from './native-host.ts';
import { NativeRunError } from './native-run-error.ts';
import { machineScalar, machineValue, machineValueOf, nativeValue } from './native-values.ts';

/** The class of a contract, as JavaScript has it. */
export type NativeClass = new (...args: never[]) => object;

/** A contract whose class is at hand. */
export interface NativeContract {
  readonly program: Program;
  readonly nativeClass: NativeClass;
}

/** A transaction of which the machine has said already that it may be run. */
export interface NativeTransaction {
  readonly contract: RawAddress;
  readonly method: CompiledMethod;
  readonly caller: RawAddress;
  readonly value: bigint;
  /** Encoded, one after the other. */
  readonly args: Uint8Array;
}

/** What a transaction did, in the form in which the machine tells it. */
export interface NativeOutcome {
  readonly result: Uint8Array | undefined;
  readonly events: readonly ContractEvent[];
  /** The transaction's own amount first. */
  readonly payments: readonly Payment[];
  readonly writes: ReadonlyMap<RawAddress, SlotWrites>;
}

/** A contract that the transaction has entered. */
interface Loaded extends NativeContract {
  readonly fields: NativeFields;
  /** Has the fields and the methods; of a deploy it is not used. */
  readonly object: Readonly<Record<string, (...args: unknown[]) => unknown>>;
}

type Methods = Readonly<Record<string, (...args: unknown[]) => unknown>>;

/**
 * A transaction that JavaScript runs: the classes themselves, so that a debugger stops in them. Types are checked where the
 * machine checks those of arguments, results, fields, entries and elements; values are copied where contracts meet; nothing
 * is changed outside of it. Gas is not counted, and what stays in variables is not checked.
 */
export class NativeRun {
  readonly #chain: NativeChain;
  readonly #contracts: ReadonlyMap<RawAddress, NativeContract>;
  readonly #loaded = new Map<RawAddress, Loaded>();
  readonly #entered: RawAddress[] = [];
  readonly #balances = new Map<RawAddress, bigint>();
  readonly #payments: Payment[] = [];
  readonly #events: ContractEvent[] = [];

  /** @param contracts those whose classes are at hand, one that is being deployed too */
  constructor(chain: NativeChain, contracts: ReadonlyMap<RawAddress, NativeContract>) {
    this.#chain = chain;
    this.#contracts = contracts;
  }

  /** Throws what the class throws, `Trap` of checks, and {@link NativeRunError} for a call of a contract without class. */
  run(transaction: NativeTransaction): NativeOutcome {
    const result = this.#enter(transaction);
    const writes = new Map<RawAddress, SlotWrites>();
    for (const [contract, { fields }] of this.#loaded) writes.set(contract, atOnce(fields.finish()));
    return { result, events: this.#events, payments: this.#payments, writes };
  }

  #enter({ contract, method, caller, value, args }: NativeTransaction): Uint8Array | undefined {
    const loaded = this.#load(contract);
    if (value !== 0n && !method.acceptsCoins) throw new Trap('takes-no-coins', method.name);
    this.#pay(caller, contract, value);
    const reader = new ByteReader(args);
    const given = method.parameters.map(({ type }) => nativeValue(decodeValue(reader, type)));
    this.#entered.push(contract);
    try {
      const run = () =>
        method.name === CONSTRUCTOR ? construct(loaded, given) : loaded.object[method.name]?.(...given);
      const result = withHost(this.#host(contract, caller, value), run);
      return method.result && encodeValue(machineValueOf(result, method.result), method.result);
    } finally {
      this.#entered.pop();
    }
  }

  #load(contract: RawAddress): Loaded {
    const known = this.#loaded.get(contract);
    if (known !== undefined) return known;
    const found = this.#contracts.get(contract);
    if (found === undefined) {
      if (this.#chain.account(contract)?.contract === undefined) throw new Trap('no-contract');
      throw new NativeRunError(
        `a contract that runs natively calls one that was deployed without its class: give deploy its class as native too (${contract})`,
      );
    }
    const fields = new NativeFields(new Storage(contract, this.#chain, () => {}));
    const loaded = { ...found, fields, object: objectOf(found, fields) };
    this.#loaded.set(contract, loaded);
    return loaded;
  }

  #pay(from: RawAddress, to: RawAddress, amount: bigint): void {
    if (amount < 0n) throw new Trap('negative-amount');
    const balance = this.#balanceOf(from);
    if (amount > balance) throw new Trap('not-enough-coins', `${balance}`, `${amount}`);
    if (amount === 0n) return;
    this.#balances.set(from, balance - amount);
    this.#balances.set(to, this.#balanceOf(to) + amount);
    this.#payments.push({ from, to, amount });
  }

  #balanceOf(account: RawAddress): bigint {
    return this.#balances.get(account) ?? this.#chain.account(account)?.balance ?? 0n;
  }

  #host(contract: RawAddress, caller: RawAddress, value: bigint): NativeHost {
    const chain = this.#chain;
    const balance = () => this.#balanceOf(contract);
    return {
      caller: addressObject(caller),
      value,
      get balance() {
        return balance();
      },
      height: chain.height,
      time: chain.medianTimePast,
      hash: (height) => blockHashAt(chain, height),
      pay: (to, amount) => this.#pay(contract, rawOf(to), machineScalar(amount) as bigint),
      emit: (name, values) => {
        if (this.#events.length === MAX_EVENTS) throw new Trap('too-many-events', `${MAX_EVENTS}`);
        this.#events.push({ contract, name, values: values.map(eventValue) });
      },
      at: (other, amount) => this.#methodsOf(contract, rawOf(other), amount),
      verify: (key, message, signature) => isSignedMessage(contract, key, message, signature),
    };
  }

  /** The methods of another contract, as this one calls them. */
  #methodsOf(caller: RawAddress, contract: RawAddress, value: bigint): unknown {
    const call = (name: string, args: readonly unknown[]) => {
      if (this.#entered.includes(contract)) throw new Trap('already-entered');
      const method = entryOf(this.#load(contract).program, name);
      const encoded = args.map((argument, i) => encodeValue(machineValue(argument), method.parameters[i]?.type));
      const result = this.#enter({ contract, method, caller, value, args: concatBytes(...encoded) });
      if (result === undefined || method.result === undefined) return undefined;
      return nativeValue(decodeValue(new ByteReader(result), method.result));
    };
    return new Proxy(
      {},
      { get: (_, name) => (typeof name === 'string' ? (...args: unknown[]) => call(name, args) : undefined) },
    );
  }
}

/** Runs the constructor: its object is a plain one, whose fields are taken over at its end. */
function construct({ nativeClass, program, fields }: Loaded, given: readonly unknown[]): void {
  const object = Reflect.construct(nativeClass, given) as Readonly<Record<string, unknown>>;
  fields.keep(object, program.fields, program.fieldPaths);
}

/** An object of the class without its constructor having run: its fields are those of the state. */
function objectOf({ nativeClass, program }: NativeContract, fields: NativeFields): Loaded['object'] {
  const object = Object.create(nativeClass.prototype);
  fields.define(object, program.fields, program.fieldPaths);
  for (const method of program.entries.values()) {
    if (method.name === CONSTRUCTOR) continue;
    const { [method.name]: run } = nativeClass.prototype as Methods;
    if (run === undefined) throw new NativeRunError(`the class ${nativeClass.name} has no method ${method.name}`);
    const value = (...args: unknown[]) => checkedCall(method, args, () => run.apply(object, args));
    Object.defineProperty(object, method.name, { value });
  }
  return object;
}

/** Checks arguments and result of a method, also where the contract calls its own. */
function checkedCall({ parameters, result }: CompiledMethod, args: readonly unknown[], run: () => unknown): unknown {
  for (const [i, { type }] of parameters.entries()) machineValueOf(args[i], type);
  const given = run();
  if (result !== undefined) machineValueOf(given, result);
  return given;
}

function eventValue(value: unknown): Value {
  const told = machineValue(value);
  if (told instanceof RecordValue) throw new Trap('wrong-type', 'a value without properties', describeValue(told));
  return told;
}

function rawOf(value: unknown): RawAddress {
  const raw = rawAddressOf(value);
  if (raw === undefined) throw new Trap('wrong-type', 'Address', describeValue(machineValue(value)));
  return raw;
}

/** What comes of work that can be cut into steps. */
function atOnce<T>(steps: Generator<undefined, T>): T {
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value;
}
