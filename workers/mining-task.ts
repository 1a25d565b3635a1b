import { readlinkSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { basename } from 'node:path';
import { threadId, workerData } from 'node:worker_threads';
import { openKernel } from './kernel/kernel.ts';
import type { MiningTask, MiningTaskResult, MiningThreadData } from './mining-task-types.ts';

/** Hashes between two looks at the control word: a millisecond or two, well within the 5 ms that a change may take. */
const HASHES_PER_CHECK = { simd: 8_192, scalar: 2_048, javascript: 512 } as const;

const kernel = openKernel();

if ((workerData as MiningThreadData).priority === 'lowest') lowerOwnPriority();

/**
 * On Linux each thread has its own nice value: with the lowest priority here, the threads that serve peers and queries run
 * as soon as they have work. Elsewhere the value belongs to the whole process, and is not changed.
 */
function lowerOwnPriority(): void {
  if (process.platform !== 'linux') {
    return;
  }
  try {
    const threadId = Number(basename(readlinkSync('/proc/thread-self')));
    setPriority(threadId, constants.priority.PRIORITY_LOW);
  } catch {
    // A sandbox may hide /proc or refuse the call: mining then runs at normal priority.
  }
}

/** Searches a slice; ends early when it finds a nonce, or when the control word leaves the task's epoch. */
export default function mine(task: MiningTask): MiningTaskResult {
  const startedMs = performance.now();
  kernel.load(task.headerPrefix, task.target);
  let hashes = 0;
  let nonce: number | null = null;
  while (nonce === null && hashes < task.count && Atomics.load(task.control, 0) === task.epoch) {
    const count = Math.min(HASHES_PER_CHECK[kernel.name], task.count - hashes);
    const firstNonce = task.firstNonce + hashes;
    const found = kernel.search(firstNonce, count);
    nonce = found < 0 ? null : found;
    hashes += nonce === null ? count : nonce - firstNonce + 1;
  }
  return { nonce, hashes, elapsedMs: performance.now() - startedMs, threadId };
}
