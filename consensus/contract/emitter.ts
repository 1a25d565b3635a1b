import { OP, type OpName } from './opcodes.ts';
import type { ContractCall, EventShape, Program } from './program.ts';
import type { PackedPosition } from './source-position.ts';
import { describeType, scalarOf, type ValueType } from './types.ts';
import { AddressValue, type ScalarValue } from './value.ts';

/** What stands for an instruction with which no step begins: lines count from 1, so it is no position. */
const NO_STEP: PackedPosition = 0;

/** Different values in the order of their first use. */
class Pool<T> {
  readonly values: T[] = [];
  readonly #places = new Map<string, number>();

  place(key: string, value: T): number {
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    this.#places.set(key, this.values.length);
    return this.values.push(value) - 1;
  }
}

/** Collects the code of a contract. */
export class Emitter {
  readonly #code: number[] = [];
  readonly #positions: PackedPosition[] = [];
  readonly #steps: PackedPosition[] = [];
  #nextStep: PackedPosition = NO_STEP;
  readonly #constants = new Pool<ScalarValue>();
  readonly #names = new Pool<string>();
  readonly #types = new Pool<ValueType>();
  readonly #shapes: (readonly string[])[] = [];
  readonly #templates: (readonly string[])[] = [];
  readonly #contractCalls: ContractCall[] = [];
  readonly #events: EventShape[] = [];

  /** Index of the next instruction. */
  get here(): number {
    return this.#code.length;
  }

  /** Adds an instruction, and gives its index. */
  emit(name: OpName, operand: number, at: PackedPosition): number {
    this.#positions.push(at);
    this.#steps.push(this.#nextStep);
    this.#nextStep = NO_STEP;
    return this.#code.push(OP[name], operand) - 2;
  }

  /** With the next instruction a step of the source begins, which readers of a trace find at a position. */
  beginStep(at: PackedPosition): void {
    this.#nextStep = at;
  }

  /** Lets a jump that was added before lead to the next instruction. */
  land(jump: number): void {
    this.#code[jump + 1] = this.here;
  }

  emitConstant(value: ScalarValue, at: PackedPosition): void {
    const text = value instanceof AddressValue ? value.address : String(value);
    this.emit('CONSTANT', this.#constants.place(`${scalarOf(value)} ${text}`, value), at);
  }

  emitMember(name: string, at: PackedPosition): void {
    this.emit('MEMBER', this.#names.place(name, name), at);
  }

  /** Checks that the value on top has a type. */
  emitCheck(type: ValueType, at: PackedPosition): void {
    this.emit('CHECK', this.#types.place(describeType(type), type), at);
  }

  emitRecord(names: readonly string[], at: PackedPosition): void {
    this.emit('RECORD', this.#shapes.push(names) - 1, at);
  }

  emitTemplate(pieces: readonly string[], at: PackedPosition): void {
    this.emit('TEMPLATE', this.#templates.push(pieces) - 1, at);
  }

  emitContractCall(call: ContractCall, at: PackedPosition): void {
    this.emit('ENTER', this.#contractCalls.push(call) - 1, at);
  }

  emitEvent(shape: EventShape, at: PackedPosition): void {
    this.emit('EMIT', this.#events.push(shape) - 1, at);
  }

  /** The code, and what it names. */
  finish(): Pick<Program, 'code' | 'positions' | 'steps' | 'operands'> {
    return {
      code: Int32Array.from(this.#code),
      positions: Int32Array.from(this.#positions),
      steps: Int32Array.from(this.#steps),
      operands: {
        constants: this.#constants.values,
        names: this.#names.values,
        types: this.#types.values,
        shapes: this.#shapes,
        templates: this.#templates,
        contractCalls: this.#contractCalls,
        events: this.#events,
      },
    };
  }
}
