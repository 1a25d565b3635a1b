import type { Address } from '../address.ts';
import { InvariantError } from '../errors.ts';
import { encodedBytes, encodeValue } from './encoding.ts';
import { enterContract, entryOf, loadContract } from './enter.ts';
import { MAX_RECEIPT_BYTES } from './limits.ts';
import { type ContractEvent, Machine, type Payment } from './machine.ts';
import type { ExecutionObserver } from './observer.ts';
import { OP_NAMES, OP_PRICES, type OpName } from './opcodes.ts';
import { ARITHMETIC } from './operations/arithmetic.ts';
import { FLOW } from './operations/flow.ts';
import type { Handler } from './operations/handler.ts';
import { chargeReceipt, HOST } from './operations/host.ts';
import { SLOTS } from './operations/slots.ts';
import { VALUES } from './operations/values.ts';
import { CONSTRUCTOR, type CompiledMethod, type Program, positionOf } from './program.ts';
import { type SourcePosition, unpackPosition } from './source-position.ts';
import type { SlotWrites } from './storage.ts';
import { Trap } from './trap.ts';
import type { TrapCode } from './traps.ts';
import type { World } from './world.ts';

const BY_NAME: Readonly<Record<OpName, Handler>> = { ...ARITHMETIC, ...FLOW, ...HOST, ...SLOTS, ...VALUES };
const HANDLERS: readonly Handler[] = OP_NAMES.map((name) => BY_NAME[name]);
/** Bytes of a receipt before result and events: whether it is fine, and the gas. */
const RECEIPT_HEAD_BYTES = 5;

/** What a transaction asks of a contract. */
export interface Invocation {
  readonly contract: Address;
  /** Of a deploy the contract that is to be; of a call it is the one that the world has. */
  readonly deployed?: Program;
  /** Of a deploy it is not looked at: that runs the constructor. */
  readonly method: string;
  /** Encoded arguments, one after the other. Whether they are what the method takes is judged here. */
  readonly args: Uint8Array;
  readonly caller: Address;
  /** Base units that go from the caller to the contract before anything runs. */
  readonly value: bigint;
  /** What is left of the transaction's gas after its intrinsic cost. */
  readonly gasLimit: number;
}

/** Why a call failed, for people: it is not consensus. */
export interface Failure {
  readonly code: TrapCode;
  readonly message: string;
  /** The contract in which it failed, and where in its source; undefined: before its first instruction, or at the end. */
  readonly contract: Address;
  readonly position: SourcePosition | undefined;
}

/** What a transaction did to the state. A failed one did nothing, and used all its gas. */
export type Outcome =
  | {
      readonly ok: true;
      readonly gasUsed: number;
      /** Encoded by the type that the method declares; undefined: it gives nothing. */
      readonly result: Uint8Array | undefined;
      readonly events: readonly ContractEvent[];
      /** In the order in which they happened, the transaction's own amount first. None is of 0. */
      readonly payments: readonly Payment[];
      readonly writes: ReadonlyMap<Address, SlotWrites>;
    }
  | { readonly ok: false; readonly gasUsed: number; readonly failure: Failure };

/**
 * One transaction's execution, which can be cut into steps: {@link advance} until there is an {@link outcome}. It changes
 * nothing outside of itself; whoever drops it loses only the work.
 */
export class Execution {
  readonly #transaction: Invocation;
  readonly #machine: Machine;
  readonly #observer: ExecutionObserver | undefined;
  #outcome: Outcome | undefined;
  #finishing: Generator<undefined, Outcome> | undefined;

  constructor(world: World, transaction: Invocation, observer?: ExecutionObserver) {
    this.#transaction = transaction;
    this.#observer = observer;
    this.#machine = new Machine(world, transaction.gasLimit, observer);
    this.#trapping(() => this.#enter());
  }

  /** What came of it, once it is done. */
  get outcome(): Outcome | undefined {
    return this.#outcome;
  }

  /** Gas that is used so far. */
  get gasUsed(): number {
    return this.#transaction.gasLimit - Math.max(0, this.#machine.gas);
  }

  /**
   * Runs until it is done, or until `gas` more are used, and at least one instruction, or one slot of those that it changes in the
   * end. What is under way is finished: nothing takes more than `GAS_VERIFY` and what its sizes cost.
   */
  advance(gas: number): Outcome | undefined {
    const until = this.#machine.gas - gas;
    this.#trapping(() => {
      if (this.#observer === undefined) this.#run(until);
      else this.#runObserved(this.#observer, until);
    });
    return this.#outcome;
  }

  #enter(): void {
    const { contract, deployed, args, caller, value } = this.#transaction;
    const machine = this.#machine;
    const { program, storage } = loadContract(machine, contract, deployed);
    const method = deployed ? constructorOf(program) : entryOf(program, this.#transaction.method);
    enterContract(machine, { contract, program, storage, caller, value, method, args, declared: method.result });
  }

  #run(until: number): void {
    const machine = this.#machine;
    while (machine.result === undefined) {
      const { code } = machine.here.program;
      const { next } = machine;
      const op = code[next] as number;
      machine.current = next;
      machine.next = next + 2;
      machine.charge(OP_PRICES[op] as number);
      (HANDLERS[op] as Handler)(machine, code[next + 1] as number);
      if (machine.gas <= until && machine.result === undefined) return;
    }
    if (this.#outcome === undefined) this.#finish(until);
  }

  /** As {@link #run}, one instruction at a time until the outermost method has returned. */
  #runObserved(observer: ExecutionObserver, until: number): void {
    const machine = this.#machine;
    while (this.#outcome === undefined) {
      if (machine.result === undefined) this.#runInstruction(observer);
      else this.#run(until);
      if (machine.gas <= until) return;
    }
  }

  #runInstruction(observer: ExecutionObserver): void {
    const machine = this.#machine;
    observer.onInstruction(machine);
    let hasTrapped = true;
    try {
      this.#run(machine.gas);
      hasTrapped = false;
    } finally {
      observer.onInstructionEnd(machine, hasTrapped);
    }
  }

  #finish(until: number): void {
    this.#finishing ??= this.#outcomeBySlots();
    for (let step = this.#finishing.next(); ; step = this.#finishing.next()) {
      if (step.done) this.#outcome = step.value;
      if (step.done || this.#machine.gas <= until) return;
    }
  }

  /** What came of it, after a pause for each slot. */
  *#outcomeBySlots(): Generator<undefined, Outcome> {
    const machine = this.#machine;
    this.#observer?.onReturn(machine);
    const result = this.#encodedResult();
    const writes = new Map<Address, SlotWrites>();
    for (const [contract, { storage }] of machine.loaded) {
      const changed = yield* storage.finish();
      if (changed.size > 0) writes.set(contract, changed);
    }
    const { events, payments } = machine;
    return { ok: true, gasUsed: this.gasUsed, result, events, payments, writes };
  }

  #encodedResult(): Uint8Array | undefined {
    const machine = this.#machine;
    const value = machine.result?.value;
    const type = machine.here.declared;
    if (value === undefined || type === undefined) {
      chargeReceipt(machine, RECEIPT_HEAD_BYTES);
      return undefined;
    }
    chargeReceipt(machine, RECEIPT_HEAD_BYTES + encodedBytes(value, MAX_RECEIPT_BYTES));
    return encodeValue(value, type);
  }

  /** Turns a trap into a failed outcome. Anything else that is thrown is a fault of the node, and goes on. */
  #trapping(run: () => void): void {
    try {
      run();
    } catch (error) {
      if (!(error instanceof Trap)) throw error;
      const { gasLimit } = this.#transaction;
      this.#outcome = { ok: false, gasUsed: gasLimit, failure: this.#failure(error) };
      this.#machine.result = { value: undefined };
    }
  }

  #failure({ code, message }: Trap): Failure {
    const machine = this.#machine;
    const here = machine.entered.at(-1);
    if (here === undefined || machine.result !== undefined) {
      return { code, message, contract: this.#transaction.contract, position: undefined };
    }
    const position = unpackPosition(positionOf(here.program, machine.current));
    return { code, message, contract: here.contract, position };
  }
}

/** The compiler gives one to a class that has none. */
function constructorOf(program: Program): CompiledMethod {
  const found = program.entries.get(CONSTRUCTOR);
  if (found === undefined) throw new InvariantError('a program has a constructor');
  return found;
}
