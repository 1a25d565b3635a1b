// What a program sees of contracts. Amounts are base units.

import type { TracedSteps } from './trace-types.ts';

/** A value without parts that a contract gives: an Address is text, such as `lore1…`. */
export type ContractScalar = number | bigint | boolean | string;

/**
 * What a contract gives. A record is an object where its type is known, as in a simulated call; elsewhere, in events and
 * receipts, it is the list of its values.
 */
export type ContractValue =
  | ContractScalar
  | readonly ContractScalar[]
  | { readonly [property: string]: ContractScalar };

/** What came of a contract's execution. */
export interface Receipt {
  /** Whether it took effect. What fails pays its fee, and changes nothing else. */
  readonly ok: boolean;
  readonly gasUsed: number;
  /** Null where the method gives nothing. */
  readonly result: ContractValue | null;
  /** In the order in which they were emitted. */
  readonly events: readonly EmittedEvent[];
  /** What contracts paid, in order; null where the node does not know. */
  readonly payments: readonly ContractPayment[] | null;
  /** Why it failed. */
  readonly error: CallError | null;
}

/** Whether an execution took effect, what contracts paid in it, and if not, why. */
export interface ReceiptSummary {
  readonly ok: boolean;
  readonly payments: readonly ContractPayment[] | null;
  readonly error: Pick<CallError, 'message'> | null;
}

/** Coins that a contract paid. */
export interface ContractPayment {
  /** Address of the contract. */
  readonly from: string;
  /** Address. */
  readonly to: string;
  readonly amount: bigint;
}

export interface EmittedEvent {
  /** Address. */
  readonly contract: string;
  readonly name: string;
  readonly values: readonly ContractValue[];
}

/** An event of a transaction of the active chain. */
export interface ConfirmedEvent extends EmittedEvent {
  /** Id. */
  readonly transaction: string;
  readonly blockHash: string;
  readonly blockHeight: number;
  /** Among the events of its transaction, from 0. */
  readonly index: number;
}

/**
 * A page of events, newest first. It can have fewer than were asked for, also none, while `hasNextPage` is true: ask again,
 * with `endCursor` as `after`.
 */
export interface ContractEventPage {
  readonly events: readonly ConfirmedEvent[];
  readonly endCursor: string | null;
  readonly hasNextPage: boolean;
}

/** Why a call failed, as the node found; other versions may have other words. */
export interface CallError {
  readonly code: string;
  readonly message: string;
  /** Address of the contract that failed. */
  readonly contract: string | null;
  /** Of its source, from 1. */
  readonly line: number | null;
  /** From 1, in UTF-16 units. */
  readonly column: number | null;
}

/** A page of a trace, and what came of the run. */
export interface CallTrace extends TracedSteps {
  /** In the end; of a failed run all that it reserved. */
  readonly gasUsed: number;
  /** Why it failed, as the node finds: no rule of the network checks it. */
  readonly error: CallError | null;
}

/** What would have come of a deploy or a call in the next block. */
export interface SimulatedCall extends Receipt {
  /** The steps that were asked for; null where none were. */
  readonly trace: CallTrace | null;
  readonly payments: readonly ContractPayment[];
  /** Address of the contract. */
  readonly contract: string;
  /** Hash of the block on whose state it ran, as part of the next one. */
  readonly tip: string;
}

/** A contract at the tip. Everything in it is public. */
export interface Contract {
  readonly address: string;
  /** Of its class. */
  readonly name: string;
  /** What its source says above the class, without marks; null: nothing. It proves nothing, as all comments. */
  readonly comment: string | null;
  readonly source: string;
  /** SHA-256 of its source. */
  readonly codeHash: string;
  readonly balance: bigint;
  /** In the order of the source, the constructor too. Types are as the source writes them, and as data. */
  readonly methods: readonly {
    readonly name: string;
    readonly comment: string | null;
    readonly parameters: readonly { readonly name: string; readonly type: string; readonly valueType: ContractType }[];
    readonly result: string | null;
    readonly resultType: ContractType | null;
    readonly acceptsCoins: boolean;
    /** Whether only the contract calls it. The constructor, which a deploy runs, is not private. */
    readonly isPrivate: boolean;
  }[];
  readonly fields: readonly {
    readonly name: string;
    readonly comment: string | null;
    readonly kind: 'LIST' | 'TABLE' | 'VALUE';
    readonly type: string;
    readonly valueType: ContractType;
    readonly keyType: string | null;
  }[];
}

export type ContractScalarKind = 'ADDRESS' | 'BIGINT' | 'BOOLEAN' | 'NUMBER' | 'STRING';

/** The type of a value of a contract, as data. */
export type ContractType =
  | { readonly kind: ContractScalarKind }
  | { readonly kind: 'ARRAY'; readonly element: ContractScalarKind }
  /** Its properties are in the order in which their values are encoded. */
  | {
      readonly kind: 'RECORD';
      readonly name: string;
      readonly properties: readonly { readonly name: string; readonly type: ContractScalarKind }[];
    };
