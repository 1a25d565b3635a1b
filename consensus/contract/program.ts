import type { SlotPath } from './slot-path.ts';
import type { PackedPosition } from './source-position.ts';
import type { Field } from './syntax.ts';
import type { Parameter, ResultType, Signature, ValueType } from './types.ts';
import type { ScalarValue } from './value.ts';

/** Name of what a deploy runs, and nothing else enters. */
export const CONSTRUCTOR = 'constructor';

/** A method, constructor or function in the code. */
export interface CompiledMethod {
  readonly name: string;
  /** Not to be called from outside. */
  readonly isPrivate: boolean;
  /** Whether it mentions `chain.value`, itself or in what it calls: a call with coins enters no other. */
  readonly acceptsCoins: boolean;
  readonly parameters: readonly Parameter[];
  readonly result: ResultType;
  /** Index of its first instruction in the code. */
  readonly entry: number;
  /** Places for its parameters and variables. */
  readonly locals: number;
}

/** A call of another contract, as the source has it. */
export interface ContractCall {
  readonly signature: Signature;
  /** Whether an amount stands on the stack, between the address and the arguments. */
  readonly hasValue: boolean;
}

/** An event, as the source has it. */
export interface EventShape {
  readonly name: string;
  readonly count: number;
}

/** What instructions name by number. */
export interface Operands {
  readonly constants: readonly ScalarValue[];
  /** Properties of records. */
  readonly names: readonly string[];
  /** Names of the properties of record literals. */
  readonly shapes: readonly (readonly string[])[];
  /** Pieces of template texts. */
  readonly templates: readonly (readonly string[])[];
  readonly types: readonly ValueType[];
  readonly contractCalls: readonly ContractCall[];
  readonly events: readonly EventShape[];
}

/** The place of a variable or parameter, and the instructions from which on and up to which its name is in scope. */
export interface ScopedName {
  readonly name: string;
  readonly place: number;
  readonly from: number;
  readonly to: number;
}

/** A compiled contract. It never changes, so that every call of every transaction can use the same one. */
export interface Program {
  /** Name of the class. */
  readonly name: string;
  /** Length of the source in bytes of UTF-8: it is paid for at each load. */
  readonly sourceBytes: number;
  /** Instruction, operand, instruction, operand… */
  readonly code: Int32Array;
  /** Where in the source each instruction comes from: {@link PackedPosition}. */
  readonly positions: Int32Array;
  /** Where in the source the step that begins with each instruction is: 0 where none does. Only traces read it. */
  readonly steps: Int32Array;
  /** Names of all methods. Only traces read them. */
  readonly names: readonly ScopedName[];
  readonly operands: Operands;
  readonly fields: readonly Field[];
  /** Where each field is stored: its own slot, and the beginning of those of its entries. */
  readonly fieldPaths: readonly SlotPath[];
  /** By the number that `CALL` names. */
  readonly methods: readonly CompiledMethod[];
  /** Methods of the class by name, private ones and `constructor` too. */
  readonly entries: ReadonlyMap<string, CompiledMethod>;
}

/** The position of the instruction at an index of the code. */
export function positionOf(program: Program, index: number): PackedPosition {
  return program.positions[index >> 1] ?? 0;
}
