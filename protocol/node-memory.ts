import type { Hash } from '../consensus/hash.ts';

/** A pending transaction, as far as the journal does not say it. */
export interface RememberedPending {
  readonly txid: Hash;
  /** Time for which it has been pending, in monotonic milliseconds. */
  readonly ageMs: number;
}

/** A discouraged peer, as far as its stored entry does not say it. */
export interface RememberedDiscouragement {
  readonly key: string;
  /** Time for which it stays discouraged, in monotonic milliseconds. */
  readonly remainingMs: number;
}

/** What a node knows beside its store, and needs to go on from a copy of both exactly as it would have. */
export interface NodeMemory {
  /** In order of arrival, which breaks ties between equal fee rates. */
  readonly pending: readonly RememberedPending[];
  /** The minimum fee rate that a full mempool has raised, in base units per 1,000 bytes, and how long ago. */
  readonly raisedFee: { readonly perKilobyte: bigint; readonly ageMs: number };
  readonly discouraged: readonly RememberedDiscouragement[];
  /** The time that is set for the next block mined here, in Unix seconds; null: none is. */
  readonly nextBlockSeconds: number | null;
}
