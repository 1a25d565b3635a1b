import type { Address } from '../address.ts';
import type { SourcePosition } from './source-position.ts';

/** Steps that a trace holds at most. A run with more is not complete: its first steps are traced. */
export const MAX_TRACE_STEPS = 100_000;
/** Steps of one page. More are in the next one. */
export const MAX_TRACE_PAGE_STEPS = 10_000;
/** What the values of a page take together, in bytes, each step and value counted too. A page that reaches it ends early. */
export const MAX_TRACE_PAGE_BYTES = 4_000_000;
/** Longest encoded value that is shown, in bytes. Of a longer one it is only said that it is too long. */
export const MAX_TRACED_VALUE_BYTES = 2_048;

/** A value as a trace shows it. */
export interface TracedValue {
  /** JSON text; null where there is no value, or one that is too long. */
  readonly valueJson: string | null;
  readonly isTooLong: boolean;
}

/** A variable or parameter. Without a value: it has none yet. */
export interface TracedLocal extends TracedValue {
  readonly name: string;
}

/** A slot of the contract of its step. Without a value: it holds nothing, so that reading it gives the default. */
export interface TracedSlot extends TracedValue {
  /** Name of its field. */
  readonly field: string;
  /** JSON text of the key in a table, or of the place in a list; null for a single value, and for the length of a list. */
  readonly keyJson: string | null;
}

/**
 * One step of an execution: a statement, the test of an `else if`, or a round of a loop. What a method that it calls does
 * belongs to the steps of that method.
 */
export interface TraceStep {
  /** From 0. */
  readonly index: number;
  readonly contract: Address;
  /** Method or function of the source, or `constructor`. */
  readonly method: string;
  readonly position: SourcePosition;
  /** Methods that have begun and not ended, of all contracts together: 1 in the one that the transaction calls. */
  readonly depth: number;
  /** Of the transaction, before the step. */
  readonly gasUsed: number;
  /** Of the step itself. */
  readonly gas: number;
  /** What is in scope before the step, in the order of declaration. */
  readonly locals: readonly TracedLocal[];
  /** What is another value, or in scope at all, only after it; none of a step that fails. */
  readonly changes: readonly TracedLocal[];
  /** Each slot once. */
  readonly reads: readonly TracedSlot[];
  /** Each slot once, with what it holds after the step; also of an array that changes in place. */
  readonly writes: readonly TracedSlot[];
}

/** A page of the trace of an execution. */
export interface Trace {
  readonly steps: readonly TraceStep[];
  /** Steps that the trace holds, of all pages. */
  readonly total: number;
  /** Whether these are all steps of the run. */
  readonly isComplete: boolean;
  /** Gas that was used before the first step: by the bytes of the transaction, its arguments, the load of the contract. */
  readonly gasBefore: number | null;
  /** Gas that was used when the method returned, before result and slots were paid for; null where it failed earlier. */
  readonly gasAtReturn: number | null;
}
