import type { Storage } from './storage.ts';
import type { Method, SourceFile } from './syntax.ts';
import type { ValueType } from './types.ts';
import type { Value } from './value.ts';

/** A contract that was entered by a call. */
export interface Context {
  readonly contract: string;
  readonly file: SourceFile;
  readonly storage: Storage;
  readonly caller: string;
  /** Base units that came with the call. */
  readonly value: bigint;
}

/** A method or function that is to run. */
export interface Invocation {
  readonly context: Context;
  readonly method: Method;
  readonly args: readonly Value[];
}

/**
 * What evaluates a part of a method. Where that calls another method it gives the invocation away and gets the result: so the
 * stack of the engine never holds more than one method, whose nesting is limited.
 */
export type Evaluation<Result> = Generator<Invocation, Result, Value | undefined>;

/** A variable: what it holds, or undefined if it has no value yet. */
export interface Cell {
  readonly type: ValueType | undefined;
  value: Value | undefined;
}

/** The variables of a method that is under way. No two that are in scope have one name. */
export type Cells = Map<string, Cell>;
