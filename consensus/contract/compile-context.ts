import type { Emitter } from './emitter.ts';
import type { Scope } from './scope.ts';
import type { ContractSyntax, Field, Method } from './syntax.ts';

/** What a contract declares, by name, with the numbers that instructions use. */
export interface ContractNames {
  readonly syntax: ContractSyntax;
  readonly fields: ReadonlyMap<string, { readonly field: Field; readonly index: number }>;
  /** Of the class, without the constructor. */
  readonly methods: ReadonlyMap<string, { readonly method: Method; readonly index: number }>;
  readonly functions: ReadonlyMap<string, { readonly method: Method; readonly index: number }>;
}

/** A loop that is being compiled: jumps out of it, and to its next round. */
export interface Loop {
  readonly breaks: number[];
  readonly continues: number[];
}

/** One method or function while it is compiled. */
export interface MethodContext {
  readonly contract: ContractNames;
  readonly method: Method;
  readonly emitter: Emitter;
  readonly scope: Scope;
  readonly loops: Loop[];
  /** Numbers of the methods and functions that it calls. */
  readonly callees: Set<number>;
  /** Whether `chain.value` stands in it. */
  mentionsValue: boolean;
}
