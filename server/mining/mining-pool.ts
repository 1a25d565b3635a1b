import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { bitsToTarget } from '../../consensus/target.ts';
import type { MiningJob, MiningSolution } from '../../protocol/mining-job.ts';
import type { MiningTaskResult } from '../../workers/mining-task-types.ts';
import { HashAllowance } from './hash-allowance.ts';
import { HashrateMeter } from './hashrate-meter.ts';
import { isSearchedInline, searchInline } from './inline-search.ts';
import type { MiningBudget } from './mining-budget.ts';
import { MiningThreads } from './mining-threads.ts';
import { type NonceSpace, noncesLeft, openNonceSpace } from './nonce-space.ts';

/** A job begins with one slice of this many nonces: an easy one is solved before a second thread starts. */
const FIRST_SLICE_HASHES = 256;
/** Each slice that finds nothing lets the next be longer by this factor, until slices last as long as they should. */
const SLICE_GROWTH = 4;
/** Target duration of a slice: long enough that the cost of messages does not matter. */
const SLICE_MS = 40;
/** Part of the newest measurement in the running average of a thread's speed. */
const SPEED_SMOOTHING = 0.2;
/** Initial estimate of a thread's speed, replaced by measurement. */
const INITIAL_HASHES_PER_MS = 1000;
/** Slices shorter than this say more about message trips than about the speed of the kernel. */
const MIN_MEASURED_MS = 2;
/** Pause after a worker failed, so that one that always fails does not keep the machine busy. */
const RETRY_MS = 1000;
/** Pools that mine for the same recipient begin at random extra nonces, so that they do not repeat each other's work. */
const EXTRA_NONCE_RANDOM_BYTES = 4;

/** Options of a pool. */
export interface MiningPoolOptions {
  /** At least 1; more than the machine has cores are not used. */
  readonly threads: number;
  /** Hashes per second of all threads together, 0 for no limit. */
  readonly hashrateLimit: number;
  /** Whether each job is searched from extra nonce and nonce zero upwards by one thread: its first solution then always wins. */
  readonly isRepeatable?: boolean;
  /** Mining slots shared with other pools; null if this pool has the machine to itself. */
  readonly budget: MiningBudget | null;
  /** Called once for a job, and never for one that was replaced or cancelled. */
  onSolution(solution: MiningSolution): void;
  /** A worker failed. The pool continues after a pause. */
  onError(error: Error): void;
}

interface Search {
  readonly job: MiningJob;
  readonly target: bigint;
  /** Whether it is done by this thread, a few hashes in each turn of the event loop. */
  readonly isInline: boolean;
  /** Spaces that no slice is working on, and that are not used up. */
  readonly idleSpaces: NonceSpace[];
  /** Length of the next slice, before the other limits. */
  sliceHashes: number;
  /** More than one thread may work: the first slice came back with nothing. */
  spread: boolean;
}

/**
 * Mines one job at a time: on demand where a few hashes are enough in this thread, everything else in worker threads,
 * continuous mining at the lowest priority. Threads are handed slices of a few tens of milliseconds; a shared control
 * word makes running slices of an old epoch return within 5 ms.
 */
export class MiningPool {
  readonly #options: MiningPoolOptions;
  readonly #control = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #allowance = new HashAllowance();
  /** One for each thread that has worked lately, by its id. */
  readonly #threadMeters = new Map<number, HashrateMeter>();
  readonly #extraNoncePrefix: Uint8Array;
  #extraNonces = 0;
  #threads = 1;
  readonly #workers: MiningThreads;
  #search: Search | null = null;
  #runningSlices = 0;
  #hashesPerMs = INITIAL_HASHES_PER_MS;
  #hashesDone = 0;
  #jobHashes = 0;
  #wakeTimer: NodeJS.Timeout | null = null;
  #awaitsBudget = false;
  #closed = false;

  constructor(options: MiningPoolOptions) {
    this.#options = options;
    this.#extraNoncePrefix = options.isRepeatable
      ? new Uint8Array(EXTRA_NONCE_RANDOM_BYTES)
      : randomBytes(EXTRA_NONCE_RANDOM_BYTES);
    this.#workers = new MiningThreads(options.onError);
    this.#setLimits(options.threads, options.hashrateLimit);
  }

  /** Mines `job`, replacing the current job. */
  start(job: MiningJob): void {
    if (this.#closed) {
      return;
    }
    const target = bitsToTarget(job.template.header.bits);
    if (this.#search === null) {
      for (const [thread, meter] of this.#threadMeters) {
        if (meter.hashesPerSecond(performance.now()) > 0) meter.resume(performance.now());
        else this.#threadMeters.delete(thread);
      }
    }
    this.#interruptSlices();
    const isInline = job.isOnDemand && !this.#allowance.isLimited && isSearchedInline(target);
    if (this.#options.isRepeatable) this.#extraNonces = 0;
    this.#search = { job, target, isInline, idleSpaces: [], sliceHashes: FIRST_SLICE_HASHES, spread: false };
    this.#jobHashes = 0;
    if (isInline) this.#runInline(this.#search);
    else this.#fillThreads();
  }

  /** Stops the current job, which is then never reported. */
  cancel(): void {
    this.#search = null;
    this.#interruptSlices();
    this.#clearTimer();
  }

  /** Whether there is a job. */
  get isSearching(): boolean {
    return this.#search !== null;
  }

  /** Threads that work on something; for a moment also after the job was cancelled. */
  get busyThreads(): number {
    return this.#runningSlices;
  }

  /** Changes the limits, also of the job being mined. */
  configure(limits: { readonly threads: number; readonly hashrateLimit: number }): void {
    this.#setLimits(limits.threads, limits.hashrateLimit);
    this.#interruptSlices();
    this.#fillThreads();
  }

  /** Hashes per second over the last two seconds; 0 when idle. */
  get hashrate(): number {
    return this.threadHashrates.reduce((sum, rate) => sum + rate, 0);
  }

  /** The same of each thread that works, in the order in which they began. */
  get threadHashrates(): number[] {
    if (this.#search === null) return [];
    const rates = Array.from(this.#threadMeters.values(), (meter) => meter.hashesPerSecond(performance.now()));
    // A thread that a lower limit has stopped no longer counts once its last slice is out of the average.
    return rates.filter((rate) => rate > 0);
  }

  /** Number of hashes computed since the pool was created. */
  get hashesDone(): number {
    return this.#hashesDone;
  }

  /** Hashes done on the current or, when idle, the last job. */
  get jobHashes(): number {
    return this.#jobHashes;
  }

  /** Stops mining, ends the threads and returns the slots of the budget. */
  async close(): Promise<void> {
    this.#closed = true;
    this.cancel();
    await this.#workers.close();
  }

  #setLimits(threads: number, hashrateLimit: number): void {
    const most = this.#options.isRepeatable ? 1 : availableParallelism();
    this.#threads = Math.max(1, Math.min(threads, most));
    this.#allowance.configure(hashrateLimit);
  }

  #interruptSlices(): void {
    Atomics.add(this.#control, 0, 1);
  }

  /** Starts slices until a limit is reached; called again when a limit is lifted. */
  #fillThreads(): void {
    this.#clearTimer();
    if (this.#search?.isInline) return;
    while (this.#search !== null && this.#runningSlices < (this.#search.spread ? this.#threads : 1)) {
      const waitMs = this.#allowance.waitMs(performance.now());
      if (waitMs > 0) {
        this.#wakeAfter(waitMs);
        return;
      }
      if (this.#options.budget !== null && !this.#options.budget.tryAcquire()) {
        this.#wakeWhenFree(this.#options.budget);
        return;
      }
      void this.#runSlice(this.#search);
    }
  }

  #retryLater(): void {
    if (!this.#closed) {
      this.#wakeAfter(RETRY_MS);
    }
  }

  #wakeAfter(waitMs: number): void {
    this.#clearTimer();
    this.#wakeTimer = setTimeout(() => this.#fillThreads(), waitMs);
  }

  #clearTimer(): void {
    if (this.#wakeTimer !== null) {
      clearTimeout(this.#wakeTimer);
      this.#wakeTimer = null;
    }
  }

  #wakeWhenFree(budget: MiningBudget): void {
    if (this.#awaitsBudget) {
      return;
    }
    this.#awaitsBudget = true;
    void budget.whenFree().then(() => {
      this.#awaitsBudget = false;
      this.#fillThreads();
    });
  }

  /** Searches one slice here, and the next in the next turn of the event loop. */
  #runInline(search: Search): void {
    if (search !== this.#search) return;
    const space = search.idleSpaces.pop() ?? openNonceSpace(search.job.template, this.#nextExtraNonce());
    const result = searchInline(space, search.target);
    this.#hashesDone += result.hashes;
    this.#jobHashes += result.hashes;
    this.#settle(search, space, result);
    if (search === this.#search) setImmediate(() => this.#runInline(search));
  }

  /** Works on one slice. The caller has taken its slot of the budget. */
  async #runSlice(search: Search): Promise<void> {
    const space = search.idleSpaces.pop() ?? openNonceSpace(search.job.template, this.#nextExtraNonce());
    const count = this.#sliceHashes(search, space);
    this.#allowance.charge(count, performance.now());
    this.#runningSlices++;
    const result = await this.#callWorker(search, space, count);
    this.#runningSlices--;
    this.#allowance.refund(count - (result?.hashes ?? 0));
    this.#options.budget?.release();
    if (result === null) {
      this.#retryLater();
      return;
    }
    this.#account(search, result);
    this.#settle(search, space, result);
    this.#fillThreads();
  }

  /** Null when the worker failed. */
  async #callWorker(search: Search, space: NonceSpace, count: number): Promise<MiningTaskResult | null> {
    try {
      const task = {
        headerPrefix: space.headerPrefix,
        target: search.target,
        firstNonce: space.nextNonce,
        count,
        control: this.#control,
        epoch: Atomics.load(this.#control, 0),
      };
      return await this.#workers.run(task, search.job.isOnDemand ? 'ordinary' : 'lowest');
    } catch (error) {
      // Closing the pool ends its threads in the middle of their work.
      if (!this.#closed) {
        this.#options.onError(error instanceof Error ? error : new Error(String(error)));
      }
      return null;
    }
  }

  /** Length of the next slice: limited by the job's progress, the speed of threads, the rate limit and the nonce space. */
  #sliceHashes(search: Search, space: NonceSpace): number {
    const hashes = Math.min(
      search.sliceHashes,
      this.#hashesPerMs * SLICE_MS,
      this.#allowance.hashesIn(SLICE_MS),
      noncesLeft(space),
    );
    return Math.max(1, Math.floor(hashes));
  }

  #account(search: Search, result: MiningTaskResult): void {
    this.#hashesDone += result.hashes;
    this.#meterOf(result).record(result.hashes, performance.now());
    if (search.job === this.#search?.job) {
      this.#jobHashes += result.hashes;
    }
    if (result.elapsedMs >= MIN_MEASURED_MS) {
      this.#hashesPerMs += SPEED_SMOOTHING * (result.hashes / result.elapsedMs - this.#hashesPerMs);
    }
  }

  #meterOf({ threadId, elapsedMs }: MiningTaskResult): HashrateMeter {
    const known = this.#threadMeters.get(threadId);
    if (known) return known;
    const meter = new HashrateMeter();
    meter.resume(performance.now() - elapsedMs);
    this.#threadMeters.set(threadId, meter);
    return meter;
  }

  /** Handles the result of a slice: the job is solved, or its space is searched further. Results of stale jobs are ignored. */
  #settle(search: Search, space: NonceSpace, result: Pick<MiningTaskResult, 'nonce' | 'hashes'>): void {
    if (search !== this.#search) {
      return;
    }
    if (result.nonce !== null) {
      this.cancel();
      this.#options.onSolution({ job: search.job.job, extraNonce: space.extraNonce, nonce: result.nonce });
      return;
    }
    space.nextNonce += result.hashes;
    if (noncesLeft(space) > 0) {
      search.idleSpaces.push(space);
    }
    search.spread = true;
    search.sliceHashes = Math.min(search.sliceHashes * SLICE_GROWTH, this.#hashesPerMs * SLICE_MS);
  }

  #nextExtraNonce(): Uint8Array {
    const extraNonce = Buffer.alloc(EXTRA_NONCE_RANDOM_BYTES + Uint32Array.BYTES_PER_ELEMENT);
    extraNonce.set(this.#extraNoncePrefix);
    extraNonce.writeUInt32LE(this.#extraNonces, EXTRA_NONCE_RANDOM_BYTES);
    this.#extraNonces = (this.#extraNonces + 1) >>> 0;
    return new Uint8Array(extraNonce);
  }
}
