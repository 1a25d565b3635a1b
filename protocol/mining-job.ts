import type { Address } from '../consensus/address.ts';
import type { Hash } from '../consensus/hash.ts';
import type { BlockHeader } from '../consensus/header.ts';
import type { Coinbase, SignedTransaction } from '../consensus/transaction.ts';

/**
 * A candidate block and the way to vary it. A miner searches `nonce` (0 … 2^32−1) of `header`; when it is exhausted,
 * or to give each worker a search space of its own, it puts another extra nonce into the coinbase and recomputes the
 * Merkle root from `coinbaseBranch` (right siblings only, leaf first).
 */
export interface Template {
  readonly height: number;
  readonly prevHash: Hash;
  /** Nonce 0 and the Merkle root for the coinbase as given (extra nonce all zero). */
  readonly header: BlockHeader;
  readonly coinbase: Coinbase;
  readonly coinbaseBranch: readonly Hash[];
  readonly transactions: readonly SignedTransaction[];
  readonly fees: bigint;
  readonly recipient: Address;
}

/** What the mining pool is asked to solve. Job numbers grow; a result for any but the current job is stale. */
export interface MiningJob {
  readonly job: number;
  readonly template: Template;
  /** Whether this very block is waited for. Continuous mining, which wants as many as can be, takes what time is left. */
  readonly isOnDemand: boolean;
}

/** A solved header of a job: these three values, put into the template, meet its target. */
export interface MiningSolution {
  readonly job: number;
  readonly extraNonce: Uint8Array;
  readonly nonce: number;
}

/**
 * What a mining program outside of the node is asked to solve, for the reward of the template's recipient. Job numbers grow;
 * a job stays valid beside newer ones until it is withdrawn.
 */
export interface OfferedJob {
  readonly job: number;
  readonly template: Template;
  /** A solution may have any time from the template's to this one, in Unix seconds. */
  readonly latestTime: number;
}

/** A solved header of an offered job: these values, put into the template, meet its target. */
export interface OfferedSolution {
  readonly extraNonce: Uint8Array;
  readonly nonce: number;
  /** From the template's to the job's `latestTime`. */
  readonly time: number;
  /** The template's, but for the bits of `VERSION_ROLLING_MASK`. */
  readonly version: number;
}
