/** The priority of a thread. It never rises again: a process that is not privileged may only lower it. */
export type ThreadPriority = 'ordinary' | 'lowest';

/** What a mining thread is started with, as its `workerData`. */
export interface MiningThreadData {
  readonly priority: ThreadPriority;
}

/** One slice of a search: a range of nonces of one header, a few tens of milliseconds of one thread. */
export interface MiningTask {
  /** The first 76 bytes of the serialised header: everything before the nonce. */
  readonly headerPrefix: Uint8Array;
  /** A header is solved when its hash is less than or equal to this. */
  readonly target: bigint;
  /** 0 … 2^32−1. */
  readonly firstNonce: number;
  /** Number of nonces, `firstNonce + count ≤ 2^32`. */
  readonly count: number;
  /** One word of shared memory that holds the current epoch. */
  readonly control: Int32Array;
  /** The epoch that the task belongs to: it stops soon after the control word holds another. */
  readonly epoch: number;
}

/** The result of a slice. */
export interface MiningTaskResult {
  /** The first nonce that solves the header; null when the slice was exhausted or interrupted. */
  readonly nonce: number | null;
  /** Number of hashes done: the nonces from `firstNonce` that need no second try. */
  readonly hashes: number;
  /** Time that the search took inside the thread. */
  readonly elapsedMs: number;
  /** Tells the threads of a process apart. */
  readonly threadId: number;
}
