import { bundledWorker, type WorkerFile, type WorkerName } from '../server/process/bundled-worker.ts';

const BUNDLE = new URL('../dist/', import.meta.url);

/**
 * Takes the place of `server/process/worker-files.ts` in tests: the test runs the sources, and its threads the bundle that
 * users run. A thread that loads sources compiles all of them first, which for a node takes more than three seconds of a core.
 */
export function workerFile(name: WorkerName): WorkerFile {
  return bundledWorker(name, BUNDLE);
}
