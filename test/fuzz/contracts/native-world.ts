import { transformSync } from 'esbuild';
import { bytesToHex, utf8ToBytes } from '../../../consensus/hex.ts';
import { sha256 } from '../../../consensus/sha256.ts';

/** A contract as JavaScript runs it. */
export type NativeContract = Record<string, unknown>;
type NativeClass = new () => NativeContract;

/** An account: one object for each, so that `===` compares accounts. */
export class NativeAddress {
  static readonly #known = new Map<string, NativeAddress>();
  readonly hex: string;

  private constructor(hex: string) {
    this.hex = hex;
  }

  static of(hex: string): NativeAddress {
    const known = NativeAddress.#known.get(hex) ?? new NativeAddress(hex);
    NativeAddress.#known.set(hex, known);
    return known;
  }

  toString(): string {
    return this.hex;
  }
}

export class NativeTable {
  entries = new Map<unknown, unknown>();
  readonly #absent: unknown;

  constructor(absent: unknown) {
    this.#absent = absent;
  }

  get(key: unknown): unknown {
    return this.entries.has(key) ? this.entries.get(key) : this.#absent;
  }

  set(key: unknown, value: unknown): void {
    this.entries.set(key, value);
  }

  has(key: unknown): boolean {
    return this.entries.has(key);
  }

  delete(key: unknown): void {
    this.entries.delete(key);
  }
}

export class NativeList {
  elements: unknown[] = [];

  get length(): number {
    return this.elements.length;
  }

  get(index: number): unknown {
    return this.elements[index];
  }

  set(index: number, value: unknown): void {
    this.elements[index] = value;
  }

  push(value: unknown): void {
    this.elements.push(value);
  }

  pop(): unknown {
    return this.elements.pop();
  }

  [Symbol.iterator](): Iterator<unknown> {
    return this.elements[Symbol.iterator]();
  }
}

/** What a transaction can change: taken back where the call throws. */
interface Kept {
  readonly balances: Map<string, bigint>;
  readonly fields: readonly (readonly [NativeContract, Record<string, unknown>])[];
}

interface Context {
  readonly contract: string;
  readonly caller: string;
  readonly value: bigint;
}

/** An event, with the values as they were. */
export interface NativeEvent {
  readonly contract: string;
  readonly name: string;
  readonly values: readonly unknown[];
}

/**
 * Runs contracts as plain JavaScript, their types stripped, with what page and machine promise around them: values are
 * copied between contracts, and a call that throws leaves nothing behind. It checks no types and no bounds: where the
 * machine traps for one of these, there is nothing to compare.
 */
export class NativeWorld {
  readonly contracts = new Map<string, NativeContract>();
  balances = new Map<string, bigint>();
  events: NativeEvent[] = [];
  readonly #classes: readonly NativeClass[];
  readonly #contexts: Context[] = [];
  height = 0;
  time = 0;

  /** `sources`: files whose class is to be found by its place in the list. */
  constructor(sources: readonly string[]) {
    this.#classes = this.#compile(sources);
  }

  deploy(address: string, place: number, caller: string): void {
    this.#contexts.push({ contract: address, caller, value: 0n });
    this.contracts.set(address, new (this.#classes[place] as NativeClass)());
    this.#contexts.pop();
  }

  /** Calls a method from outside: its result, or what it threw. */
  call(contract: string, method: string, args: readonly unknown[], caller: string, value: bigint): unknown {
    const kept = this.#keep();
    this.events = [];
    try {
      return copied(this.#enter({ contract, caller, value }, method, args));
    } catch (error) {
      this.#restore(kept);
      throw error;
    }
  }

  #enter(context: Context, method: string, args: readonly unknown[]): unknown {
    const contract = this.contracts.get(context.contract) as Record<string, (...args: unknown[]) => unknown>;
    this.#move(context.caller, context.contract, context.value);
    this.#contexts.push(context);
    try {
      return contract[method]?.(...args.map(copied));
    } finally {
      this.#contexts.pop();
    }
  }

  #move(from: string, to: string, amount: bigint): void {
    this.balances.set(from, (this.balances.get(from) ?? 0n) - amount);
    this.balances.set(to, (this.balances.get(to) ?? 0n) + amount);
  }

  get #here(): Context {
    return this.#contexts.at(-1) as Context;
  }

  #keep(): Kept {
    const fields = [...this.contracts.values()].map((contract) => [contract, copiedFields(contract)] as const);
    return { balances: new Map(this.balances), fields };
  }

  #restore({ balances, fields }: Kept): void {
    this.balances = balances;
    for (const [contract, before] of fields) {
      for (const name of Object.keys(contract)) delete contract[name];
      Object.assign(contract, before);
    }
  }

  #compile(sources: readonly string[]): NativeClass[] {
    // One transformation for all: each takes its time.
    const functions = sources.map((source) => {
      const name = /export class (\w+)/.exec(source)?.[1];
      return `() => { ${source.replace('export class', 'class')} return ${name}; }`;
    });
    const { code } = transformSync(`export default [${functions.join(',\n')}];`, { loader: 'ts', target: 'es2022' });
    const host = this.#host();
    const makers = new Function(...Object.keys(host), code.replace(/export \{[^}]*\};?|export default/, 'return'));
    return (makers(...Object.values(host)) as (() => NativeClass)[]).map((make) => make());
  }

  #host(): Record<string, unknown> {
    const world = this;
    const chain = {
      get caller() {
        return NativeAddress.of(world.#here.caller);
      },
      get value() {
        return world.#here.value;
      },
      get balance() {
        return world.balances.get(world.#here.contract) ?? 0n;
      },
      get height() {
        return world.height;
      },
      get time() {
        return world.time;
      },
      hash: (height: number) => height.toString(16).padStart(64, '0'),
      pay: (to: NativeAddress, amount: bigint) => world.#move(world.#here.contract, to.hex, amount),
      emit: (name: string, ...values: unknown[]) => {
        world.events.push({ contract: world.#here.contract, name, values: values.map(copied) });
      },
    };
    const at = (address: NativeAddress, value = 0n) =>
      new Proxy(
        {},
        {
          get:
            (_, method) =>
            (...args: unknown[]) =>
              copied(
                world.#enter({ contract: address.hex, caller: world.#here.contract, value }, String(method), args),
              ),
        },
      );
    const require = (condition: boolean, message: string) => {
      if (!condition) throw new Error(message);
    };
    const hash = (text: string) => bytesToHex(sha256(utf8ToBytes(text)));
    return { chain, at, require, sha256: hash, address: NativeAddress.of, Table: NativeTable, List: NativeList };
  }
}

function copied(value: unknown): unknown {
  return Array.isArray(value) ? value.slice() : value;
}

function copiedFields(contract: NativeContract): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(contract).map(([name, value]) => {
      if (value instanceof NativeTable) {
        const table = new NativeTable(value.get(NOTHING));
        table.entries = new Map(value.entries);
        return [name, table];
      }
      if (value instanceof NativeList) {
        const list = new NativeList();
        list.elements = value.elements.slice();
        return [name, list];
      }
      return [name, copied(value)];
    }),
  );
}

/** A key that no table has. */
const NOTHING = Symbol('nothing');
