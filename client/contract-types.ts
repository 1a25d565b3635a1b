// What a program sees of contracts. Amounts are base units.

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
  /** Why it failed. */
  readonly error: CallError | null;
}

/** Whether an execution took effect, and if not, why. */
export interface ReceiptSummary {
  readonly ok: boolean;
  readonly error: Pick<CallError, 'message'> | null;
}

export interface EmittedEvent {
  /** Address. */
  readonly contract: string;
  readonly name: string;
  readonly values: readonly ContractValue[];
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

/** What would have come of a deploy or a call in the next block. */
export interface SimulatedCall extends Receipt {
  /** Address of the contract. */
  readonly contract: string;
}

/** A contract at the tip. Everything in it is public. */
export interface Contract {
  readonly address: string;
  /** Of its class. */
  readonly name: string;
  readonly source: string;
  /** SHA-256 of its source. */
  readonly codeHash: string;
  readonly balance: bigint;
  /** In the order of the source, the constructor too. Types are as the source writes them. */
  readonly methods: readonly {
    readonly name: string;
    readonly parameters: readonly { readonly name: string; readonly type: string }[];
    readonly result: string | null;
    readonly acceptsCoins: boolean;
    readonly isPrivate: boolean;
  }[];
  readonly fields: readonly {
    readonly name: string;
    readonly kind: 'LIST' | 'TABLE' | 'VALUE';
    readonly type: string;
    readonly keyType: string | null;
  }[];
}
