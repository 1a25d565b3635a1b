import type { Hash } from './hash.ts';

/** What the execution of a block's transactions reads of the chain below it. */
export interface BlockContext {
  readonly height: number;
  /** Median of the times of the up to 11 blocks below, in seconds since 1970 (BIP 113). */
  readonly medianTimePast: number;
  /** Hash of a block below, on the same branch. */
  blockHash(height: number): Hash;
}
