import { workerFile } from '../../server/process/worker-files.ts';
import { openWorkerPool } from '../../server/process/worker-pool.ts';
import type { SeedTask } from '../../simulator/command/seed-task.ts';
import type { Plan } from '../../simulator/plan.ts';
import type { Outcome } from '../../simulator/run.ts';

/** Runs simulations in threads. */
export class SimulationPool {
  readonly #pool: ReturnType<typeof openWorkerPool<SeedTask, Outcome>>;
  readonly #stop = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

  /** @param jobs simulations at a time. @param signal gives up those that run: their outcomes are partial */
  constructor(jobs: number, signal: AbortSignal) {
    this.#pool = openWorkerPool({ ...workerFile('seed-task'), maxThreads: jobs });
    signal.addEventListener('abort', () => Atomics.store(this.#stop, 0, 1));
  }

  simulate(plan: Plan, runsTwice: boolean): Promise<Outcome> {
    return this.#pool.run({ plan, runsTwice, stop: this.#stop });
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }
}
