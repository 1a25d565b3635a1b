import { availableParallelism } from 'node:os';
import type { Piscina } from 'piscina';
import type {
  MiningTask,
  MiningTaskResult,
  MiningThreadData,
  ThreadPriority,
} from '../../workers/mining-task-types.ts';
import { workerFile } from '../process/worker-files.ts';
import { openWorkerPool } from '../process/worker-pool.ts';

/** Threads end after this idle time. */
const IDLE_TIMEOUT_MS = 10_000;
/** `THREAD_PRIORITY_LOWEST`. On Linux a worker lowers its own priority; on macOS it belongs to the whole process. */
const WINDOWS_LOWEST_PRIORITY = -2;

/** The threads that hash, apart by their priority. Each is started when there is work for it. */
export class MiningThreads {
  readonly #onError: (error: Error) => void;
  readonly #pools = new Map<ThreadPriority, Piscina<MiningTask, MiningTaskResult>>();

  /** @param onError told of a thread that failed outside of a task */
  constructor(onError: (error: Error) => void) {
    this.#onError = onError;
  }

  /** Rejects when the thread fails, or is ended by {@link close}. */
  run(task: MiningTask, priority: ThreadPriority): Promise<MiningTaskResult> {
    return this.#pool(priority).run(task);
  }

  /** Ends all threads, in the middle of their work too. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.#pools.values(), (pool) => pool.destroy()));
  }

  #pool(priority: ThreadPriority): Piscina<MiningTask, MiningTaskResult> {
    const open = this.#pools.get(priority);
    if (open !== undefined) return open;
    const pool = openWorkerPool<MiningTask, MiningTaskResult>({
      ...workerFile('mining-task'),
      workerData: { priority } satisfies MiningThreadData,
      minThreads: 0,
      maxThreads: availableParallelism(),
      idleTimeout: IDLE_TIMEOUT_MS,
      niceIncrement: priority === 'lowest' && process.platform === 'win32' ? WINDOWS_LOWEST_PRIORITY : 0,
      recordTiming: false,
    });
    pool.on('error', this.#onError);
    this.#pools.set(priority, pool);
    return pool;
  }
}
