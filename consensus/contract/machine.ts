import type { Address } from '../address.ts';
import { InvariantError } from '../errors.ts';
import { MAX_FRAMES } from './limits.ts';
import * as gas from './prices.ts';
import type { CompiledMethod, Program } from './program.ts';
import type { SlotObserver, Storage } from './storage.ts';
import { Trap } from './trap.ts';
import { describeType, describeValue, hasType, type ResultType, type ValueType } from './types.ts';
import { RecordValue, type Value } from './value.ts';
import type { World } from './world.ts';

/** What stands on the stack. Undefined: a variable without a value, or what a call without a result leaves. */
export type StackValue = Value | undefined;

/** A contract that the transaction has entered at least once. */
export interface Loaded {
  readonly program: Program;
  readonly storage: Storage;
}

/** A contract that is being run, within the contract that called it. */
export interface Entered {
  readonly contract: Address;
  readonly program: Program;
  readonly storage: Storage;
  readonly caller: Address;
  readonly value: bigint;
  /** What was called. */
  readonly method: CompiledMethod;
  /** What the caller's interface says of the result. Undefined: nothing. */
  readonly declared: ResultType;
}

/** A call that waits for another one to return. */
interface Frame {
  readonly method: CompiledMethod;
  readonly base: number;
  readonly next: number;
  /** Whether the call that follows is one of another contract. */
  readonly leaves: boolean;
}

/** Coins that were moved. */
export interface Payment {
  readonly from: Address;
  readonly to: Address;
  readonly amount: bigint;
}

/** An event: which contract told it, under which name, and its values, encoded one after the other. */
export interface ContractEvent {
  readonly contract: Address;
  readonly name: string;
  readonly values: readonly Value[];
}

/**
 * The state of one transaction's execution: stack, frames, gas, and what it would change. Nothing here depends on the
 * engine's own stack, on time or on floating point. Instructions are in `operations/`; the loop is `Execution`.
 */
export class Machine {
  readonly world: World;
  readonly slotObserver: SlotObserver | undefined;
  readonly stack: StackValue[] = [];
  readonly frames: Frame[] = [];
  /** Contracts on the stack, the innermost last. */
  readonly entered: Entered[] = [];
  /** Each contract that was entered. It is kept: the transaction has paid for its program once. */
  readonly loaded = new Map<Address, Loaded>();
  readonly payments: Payment[] = [];
  readonly events: ContractEvent[] = [];
  /** Encoded result and events so far, as a receipt counts them. */
  receiptBytes = 0;
  /** Left. */
  gas: number;
  /** Index of the next instruction, and of the present one. */
  next = 0;
  current = 0;
  /** Where the places of the present method begin on the stack. */
  base = 0;
  /** What the outermost method gave, once it has returned. */
  result: { readonly value: StackValue } | undefined;

  readonly #balances = new Map<Address, bigint>();
  #method: CompiledMethod | undefined;

  constructor(world: World, gasLimit: number, slotObserver?: SlotObserver) {
    this.world = world;
    this.slotObserver = slotObserver;
    this.gas = gasLimit;
  }

  /** The innermost contract. */
  get here(): Entered {
    return this.entered[this.entered.length - 1] as Entered;
  }

  /** The method that is running. */
  get method(): CompiledMethod {
    if (this.#method === undefined) throw new InvariantError('no method is running');
    return this.#method;
  }

  /** Takes gas before something is done. Traps if there is not enough. */
  readonly charge = (amount: number): void => {
    this.gas -= amount;
    if (this.gas < 0) throw new Trap('out-of-gas');
  };

  push(value: StackValue): void {
    this.stack.push(value);
  }

  /** The value on top, which the compiler has put there. */
  pop(): Value {
    return this.stack.pop() as Value;
  }

  /** The topmost `count` values in the order in which they were pushed. */
  popMany(count: number): Value[] {
    if (count === 0) return [];
    return this.stack.splice(this.stack.length - count, count) as Value[];
  }

  /** Starts a method whose arguments are on the stack. Traps for arguments of other types. */
  enterMethod(method: CompiledMethod, leaves = false): void {
    if (this.#method !== undefined) {
      // The present one waits, and the new one counts too.
      if (this.frames.length + 2 > MAX_FRAMES) throw new Trap('too-many-frames', `${MAX_FRAMES}`);
      this.frames.push({ method: this.#method, base: this.base, next: this.next, leaves });
    }
    const count = method.parameters.length;
    this.#method = method;
    this.base = this.stack.length - count;
    for (const [i, { type }] of method.parameters.entries()) this.check(this.stack[this.base + i] as Value, type);
    for (let i = count; i < method.locals; i++) this.stack.push(undefined);
    this.next = method.entry;
  }

  /** Ends the present method: what called it goes on. Whether that is in another contract. */
  leaveMethod(value: StackValue): boolean {
    this.stack.length = this.base;
    const frame = this.frames.pop();
    if (frame === undefined) {
      this.#method = undefined;
      this.result = { value };
      return false;
    }
    this.#method = frame.method;
    this.base = frame.base;
    this.next = frame.next;
    this.stack.push(value);
    return frame.leaves;
  }

  /** Traps unless a value has a type. */
  check(value: Value, type: ValueType): void {
    this.charge(gas.GAS_NODE + partsOf(value) * gas.GAS_ELEMENT);
    if (!hasType(value, type)) throw new Trap('wrong-type', describeType(type), describeValue(value));
  }

  /** The balance of an account at this moment, in base units. */
  balanceOf(address: Address): bigint {
    const known = this.#balances.get(address);
    if (known !== undefined) return known;
    // Kept, because `chain.balance` costs far less than to look into a store.
    const balance = this.world.balance(address);
    this.#balances.set(address, balance);
    return balance;
  }

  /** Moves coins at once. Traps for an amount that is negative or not there. */
  pay(from: Address, to: Address, amount: bigint): void {
    if (amount < 0n) throw new Trap('negative-amount');
    const balance = this.balanceOf(from);
    if (amount > balance) throw new Trap('not-enough-coins', `${balance}`, `${amount}`);
    if (amount === 0n) return;
    this.#balances.set(from, balance - amount);
    this.#balances.set(to, this.balanceOf(to) + amount);
    this.payments.push({ from, to, amount });
  }
}

/** Values that a check looks at one by one. */
function partsOf(value: Value): number {
  if (Array.isArray(value)) return value.length;
  return value instanceof RecordValue ? value.values.length : 0;
}
