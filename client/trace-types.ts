// What a program sees of the steps in which a contract was executed.

/** Which steps of a trace are wanted. */
export interface TracePage {
  /** Index of the first one; default: 0. */
  readonly from?: number;
  /** How many at most; default: 300. A node takes no more than its limits allow: some 400 with all that is asked of each. */
  readonly first?: number;
}

/** A page of a trace. The next one begins behind its last step, as long as there are more than those in `total`. */
export interface TracedSteps {
  readonly steps: readonly TraceStep[];
  /** Steps of all pages together. */
  readonly total: number;
  /** Whether these are all steps of the run: a trace holds the first 100,000. */
  readonly complete: boolean;
  /** Gas that was used before the first step; null: there was none. */
  readonly gasBefore: number | null;
  /** Gas that was used when the method returned, before what it keeps was paid for; null: it failed earlier. */
  readonly gasAtReturn: number | null;
}

/** A statement, the test of an `else if`, or a round of a loop. */
export interface TraceStep {
  /** From 0. */
  readonly index: number;
  /** Address. */
  readonly contract: string;
  /** Method or function, or `constructor`. */
  readonly method: string;
  /** Of the source, from 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** Before the step. */
  readonly gasUsed: number;
  /** Of the step itself, without the steps of what it calls. */
  readonly gas: number;
  /** Methods that have begun and not ended: 1 in the one that is called. */
  readonly depth: number;
  /** In scope before the step. */
  readonly locals: readonly TracedLocal[];
  /** What is another value, or in scope, only after it. */
  readonly changes: readonly TracedLocal[];
  readonly reads: readonly TracedSlot[];
  readonly writes: readonly TracedSlot[];
}

export interface TracedValue {
  /** JSON text; null where there is no value, or one that is too long. */
  readonly valueJson: string | null;
  readonly isTooLong: boolean;
}

export interface TracedLocal extends TracedValue {
  readonly name: string;
}

export interface TracedSlot extends TracedValue {
  readonly field: string;
  /** JSON text of the key in a table or the place in a list; null for a single value. */
  readonly keyJson: string | null;
}
