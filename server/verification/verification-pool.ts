import { availableParallelism } from 'node:os';
import type { Piscina } from 'piscina';
import type { SignatureCheck } from '../../consensus/signature.ts';
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from '../../consensus/signature-encoding.ts';
import { isValidSignature } from '../../workers/native-signature.ts';
import type { VerificationTask, VerificationTaskResult } from '../../workers/verification-task-types.ts';
import { workerFile } from '../process/worker-files.ts';
import { openWorkerPool } from '../process/worker-pool.ts';

/** About 7 ms of one thread: a later, smaller request does not wait long behind a block. */
const MAX_BATCH_CHECKS = 100;
/** About a millisecond of one thread: splitting a request further costs more in messages than it gains. */
const MIN_BATCH_CHECKS = 16;
/**
 * Checks that this thread does in one turn of the event loop, about half a millisecond: waking another thread for a
 * transaction or two takes longer than to verify them, and on a busy machine much longer.
 */
export const MAX_INLINE_CHECKS = 8;
/** Batches that a thread has at hand: it goes on with the next while the thread that hands them out connects a block. */
const TASKS_PER_WORKER = 16;
/** Threads leave after being idle this long. */
const IDLE_TIMEOUT_MS = 10_000;

/**
 * Verifies few signatures at once, and many on worker threads, so that a full block never holds up the thread that serves
 * peers.
 */
export class VerificationPool {
  readonly #threads: number;
  #piscina: Piscina<VerificationTask, VerificationTaskResult> | null = null;
  #closed = false;
  /** Checks that this thread may still do in this turn of the event loop. */
  #inlineChecksLeft = MAX_INLINE_CHECKS;

  /** @param options.threads at least 1; more than the machine has cores are not used */
  constructor(options: { readonly threads: number }) {
    this.#threads = Math.max(1, Math.min(options.threads, availableParallelism()));
  }

  /**
   * Whether each signature is valid, in the order of the checks. Equals `verifySignature` for each.
   *
   * @throws Error when a worker fails or the pool is closed; nothing is then known about the signatures
   */
  async verify(checks: readonly SignatureCheck[]): Promise<boolean[]> {
    if (this.#closed) throw new Error('the verification pool is closed');
    if (this.#takeInline(checks.length)) {
      return checks.map((check) => isWellSized(check) && isValidSignature(check));
    }
    const wellSized = checks.filter(isWellSized);
    const batchChecks = this.#batchChecks(wellSized.length);
    const batches: Promise<VerificationTaskResult>[] = [];
    for (let start = 0; start < wellSized.length; start += batchChecks) {
      batches.push(this.#openPiscina().run(packTask(wellSized.slice(start, start + batchChecks))));
    }
    const verdicts = (await Promise.all(batches)).flatMap((valid) => [...valid]).values();
    return checks.map((check) => isWellSized(check) && verdicts.next().value === 1);
  }

  /** Ends the threads; requests in progress fail. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#piscina?.destroy();
  }

  #takeInline(checks: number): boolean {
    if (checks > this.#inlineChecksLeft) return false;
    if (this.#inlineChecksLeft === MAX_INLINE_CHECKS) {
      setImmediate(() => {
        this.#inlineChecksLeft = MAX_INLINE_CHECKS;
      });
    }
    this.#inlineChecksLeft -= checks;
    return true;
  }

  #batchChecks(checks: number): number {
    return Math.max(MIN_BATCH_CHECKS, Math.min(MAX_BATCH_CHECKS, Math.ceil(checks / this.#threads)));
  }

  #openPiscina(): Piscina<VerificationTask, VerificationTaskResult> {
    this.#piscina ??= openWorkerPool<VerificationTask, VerificationTaskResult>({
      ...workerFile('verification-task'),
      minThreads: 0,
      maxThreads: this.#threads,
      concurrentTasksPerWorker: TASKS_PER_WORKER,
      idleTimeout: IDLE_TIMEOUT_MS,
      recordTiming: false,
    });
    return this.#piscina;
  }
}

function isWellSized({ publicKey, signature }: SignatureCheck): boolean {
  return publicKey.length === PUBLIC_KEY_BYTES && signature.length === SIGNATURE_BYTES;
}

/**
 * Copies what the worker needs into four arrays: a view posted as it is would take the whole buffer behind it along,
 * and that is often a block of a megabyte.
 */
function packTask(checks: readonly SignatureCheck[]): VerificationTask {
  const messageBytes = checks.reduce((sum, { message }) => sum + message.length, 0);
  const publicKeys = new Uint8Array(checks.length * PUBLIC_KEY_BYTES);
  const signatures = new Uint8Array(checks.length * SIGNATURE_BYTES);
  const messages = new Uint8Array(messageBytes);
  const messageEnds = new Uint32Array(checks.length);
  let messageEnd = 0;
  for (const [i, { publicKey, signature, message }] of checks.entries()) {
    publicKeys.set(publicKey, i * PUBLIC_KEY_BYTES);
    signatures.set(signature, i * SIGNATURE_BYTES);
    messages.set(message, messageEnd);
    messageEnd += message.length;
    messageEnds[i] = messageEnd;
  }
  return { publicKeys, signatures, messages, messageEnds };
}
