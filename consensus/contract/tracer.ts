import type { Address } from '../address.ts';
import { encodedBytes } from './encoding.ts';
import { jsonOfValue } from './json-value.ts';
import type { Machine, StackValue } from './machine.ts';
import type { ExecutionObserver } from './observer.ts';
import { OP, OP_NAMES } from './opcodes.ts';
import type { Program, ScopedName } from './program.ts';
import { fieldOfSlot } from './slot-field.ts';
import type { SlotPath } from './slot-path.ts';
import { type PackedPosition, unpackPosition } from './source-position.ts';
import {
  MAX_TRACE_PAGE_BYTES,
  MAX_TRACE_STEPS,
  MAX_TRACED_VALUE_BYTES,
  type Trace,
  type TracedLocal,
  type TracedSlot,
  type TracedValue,
  type TraceStep,
} from './trace.ts';
import type { Value } from './value.ts';

/** What a step, and what a value counts towards the bytes of a page, besides what is in it. */
const STEP_BYTES = 100;
const VALUE_BYTES = 20;

/** By instruction: how far below the top of the stack the array is that it changes in place; 0: it changes none. */
const CHANGED_ARRAY = new Uint8Array(OP_NAMES.length);
CHANGED_ARRAY[OP.TAKE_LAST] = 1;
CHANGED_ARRAY[OP.PUSH] = 2;
CHANGED_ARRAY[OP.SET_INDEX] = 3;
const NOTHING: TracedValue = { valueJson: null, isTooLong: false };
const TOO_LONG: TracedValue = { valueJson: null, isTooLong: true };

/** Which steps are wanted, and how they are shown. */
export interface TraceOptions {
  /** Gas that the transaction reserves. */
  readonly gas: number;
  /** Index of the first step of the page, and how many it has at most. */
  readonly from: number;
  readonly first: number;
  readonly shownAddress: (address: Address) => string;
  /** Default: `MAX_TRACE_STEPS`. */
  readonly maxSteps?: number;
}

/** A step of the page while its execution goes on. */
interface OpenStep extends Omit<TraceStep, 'reads' | 'writes'> {
  gas: number;
  changes: readonly TracedLocal[];
  readonly reads: Map<SlotPath, TracedSlot>;
  readonly writes: Map<SlotPath, TracedSlot>;
  /** Names that can have a value when it ends. */
  readonly after: readonly ScopedName[];
  /** Places of variables that it has assigned to. */
  readonly assigned: Set<number>;
}

/** Names in scope where a step begins, and where it ends. */
interface StepNames {
  readonly before: readonly ScopedName[];
  readonly after: readonly ScopedName[];
}

/** An array that is the value of a slot, and changes with it. */
interface HeldArray {
  readonly array: Value;
  readonly path: SlotPath;
}

/** Traces one execution. What it keeps is bounded by one page; of other steps it counts only that there are some. */
export class Tracer implements ExecutionObserver {
  readonly #options: TraceOptions;
  readonly #steps: OpenStep[] = [];
  /** What each method on the stack is doing, the innermost last; undefined: a step of another page. */
  readonly #open: (OpenStep | undefined)[] = [];
  /** Arrays that slots hold. */
  readonly #held = new Map<Value, SlotPath>();
  /** By program, and by the index of the instruction with which a step begins. */
  readonly #names = new Map<Program, Map<number, StepNames>>();
  #total = 0;
  #isComplete = true;
  #pageBytes = 0;
  #gasBefore: number | null = null;
  #gasAtReturn: number | null = null;
  /** Of the instruction that runs: its step, its contract's program, what is left before it, the array that it changes. */
  #current: OpenStep | undefined;
  #program: Program | undefined;
  #gasLeft = 0;
  #changing: HeldArray | undefined;

  constructor(options: TraceOptions) {
    this.#options = options;
  }

  /** What has been traced. */
  get trace(): Trace {
    const steps = this.#steps.map(({ after, assigned, ...step }): TraceStep => {
      return { ...step, reads: [...step.reads.values()], writes: [...step.writes.values()] };
    });
    const [total, isComplete] = [this.#total, this.#isComplete];
    return { steps, total, isComplete, gasBefore: this.#gasBefore, gasAtReturn: this.#gasAtReturn };
  }

  onInstruction(machine: Machine): void {
    const { program } = machine.here;
    const { next, stack } = machine;
    const depth = machine.frames.length + 1;
    if (this.#open.length > depth) this.#open.length = depth;
    this.#gasBefore ??= this.#gasUsed(machine);
    const at = program.steps[next >> 1] ?? 0;
    const op = program.code[next] as number;
    if (at !== 0) this.#beginStep(machine, at, depth);
    else if (op === OP.RETURN || op === OP.RETURN_NOTHING) this.#noteChanges(machine, depth);
    this.#current = this.#open[depth - 1];
    if (op === OP.STORE || op === OP.UNSET) this.#current?.assigned.add(program.code[next + 1] as number);
    this.#program = program;
    this.#gasLeft = machine.gas;
    const below = CHANGED_ARRAY[op] as number;
    this.#changing = below === 0 ? undefined : this.#heldArray(stack[stack.length - below]);
  }

  onInstructionEnd(machine: Machine, hasTrapped: boolean): void {
    this.#payFor(machine);
    if (this.#changing && !hasTrapped) this.onWrite(this.#changing.path, this.#changing.array);
  }

  onReturn(machine: Machine): void {
    this.#payFor(machine);
    this.#gasAtReturn = this.#gasUsed(machine);
    this.#current = undefined;
  }

  onRead(path: SlotPath, value: Value | undefined): void {
    if (Array.isArray(value)) this.#held.set(value, path);
    const reads = this.#current?.reads;
    if (reads && !reads.has(path)) reads.set(path, this.#slot(path, value));
  }

  onHold(path: SlotPath, array: Value): void {
    this.#held.set(array, path);
  }

  onWrite(path: SlotPath, value: Value | undefined): void {
    if (Array.isArray(value)) this.#held.set(value, path);
    this.#current?.writes.set(path, this.#slot(path, value));
  }

  #heldArray(array: StackValue): HeldArray | undefined {
    const path = array === undefined ? undefined : this.#held.get(array);
    return array === undefined || path === undefined ? undefined : { array, path };
  }

  /** The gas of an instruction is that of the step which ran it. */
  #payFor(machine: Machine): void {
    const left = Math.max(0, machine.gas);
    if (this.#current) this.#current.gas += this.#gasLeft - left;
    this.#gasLeft = left;
  }

  #gasUsed(machine: Machine): number {
    return this.#options.gas - Math.max(0, machine.gas);
  }

  #beginStep(machine: Machine, at: PackedPosition, depth: number): void {
    this.#noteChanges(machine, depth);
    this.#open[depth - 1] = undefined;
    if (this.#total === (this.#options.maxSteps ?? MAX_TRACE_STEPS)) {
      this.#isComplete = false;
      return;
    }
    const index = this.#total++;
    const { from, first } = this.#options;
    if (index < from || this.#steps.length === first || this.#pageBytes >= MAX_TRACE_PAGE_BYTES) return;
    this.#pageBytes += STEP_BYTES;
    const { before, after } = this.#namesOf(machine.here.program, machine.next);
    const step: OpenStep = {
      index,
      contract: machine.here.contract,
      method: machine.method.name,
      position: unpackPosition(at),
      depth,
      gasUsed: this.#gasUsed(machine),
      gas: 0,
      locals: before.map((name) => this.#local(machine, name)),
      changes: [],
      reads: new Map(),
      writes: new Map(),
      after,
      assigned: new Set(),
    };
    this.#steps.push(step);
    this.#open[depth - 1] = step;
  }

  /** Tells the step that ends in the present method what it has changed. */
  #noteChanges(machine: Machine, depth: number): void {
    const ended = this.#open[depth - 1];
    if (ended === undefined) return;
    const known = new Map(ended.locals.map((local) => [local.name, local]));
    const changes: TracedLocal[] = [];
    for (const name of ended.after) {
      const before = known.get(name.name);
      if (before === undefined && !ended.assigned.has(name.place)) continue;
      const now = this.#local(machine, name);
      if (before?.valueJson !== now.valueJson || before.isTooLong !== now.isTooLong) changes.push(now);
    }
    ended.changes = changes;
  }

  #local(machine: Machine, { name, place }: ScopedName): TracedLocal {
    return { name, ...this.#shown(machine.stack[machine.base + place]) };
  }

  #namesOf(program: Program, start: number): StepNames {
    const ofProgram = this.#names.get(program) ?? new Map<number, StepNames>();
    this.#names.set(program, ofProgram);
    const known = ofProgram.get(start);
    if (known !== undefined) return known;
    let next = (start >> 1) + 1;
    while (next < program.steps.length && program.steps[next] === 0) next++;
    const end = next << 1;
    // A block that ends with the step is over, but its variables still are what the step has made them.
    const names = {
      before: namesWhere(program, ({ from, to }) => from <= start && start < to),
      after: namesWhere(program, ({ from, to }) => from <= end && end <= to),
    };
    ofProgram.set(start, names);
    return names;
  }

  #slot(path: SlotPath, value: Value | undefined): TracedSlot {
    const { field, entryKey } = fieldOfSlot(this.#program as Program, path);
    const key = this.#shown(entryKey);
    const { valueJson, isTooLong } = this.#shown(value);
    return { field: field.name, keyJson: key.valueJson, valueJson, isTooLong: isTooLong || key.isTooLong };
  }

  /** A value as text, because an array can change later. */
  #shown(value: StackValue): TracedValue {
    this.#pageBytes += VALUE_BYTES;
    if (value === undefined) return NOTHING;
    const sizeBytes = encodedBytes(value, MAX_TRACED_VALUE_BYTES);
    // A long value costs what it takes to find that out.
    this.#pageBytes += Math.min(sizeBytes, MAX_TRACED_VALUE_BYTES);
    if (sizeBytes > MAX_TRACED_VALUE_BYTES || this.#pageBytes >= 2 * MAX_TRACE_PAGE_BYTES) return TOO_LONG;
    return { valueJson: JSON.stringify(jsonOfValue(value, this.#options.shownAddress)), isTooLong: false };
  }
}

function namesWhere(program: Program, isWanted: (name: ScopedName) => boolean): ScopedName[] {
  return program.names.filter(isWanted).sort((a, b) => a.place - b.place);
}
