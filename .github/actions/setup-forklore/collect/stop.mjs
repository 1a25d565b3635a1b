// Ends the node that start.mjs started, so that its log is whole.
import { setTimeout as pause } from 'node:timers/promises';

/** Longest wait for the end of the node, and the time between two looks. */
const STOP_LIMIT_MS = 10_000;
const LOOK_MS = 100;

const pid = Number(process.env.FORKLORE_PID);
if (!Number.isSafeInteger(pid) || pid <= 0) throw new Error('no node was started: use setup-forklore before');
for (let waitedMs = 0, signal = 'SIGTERM'; waitedMs < STOP_LIMIT_MS; waitedMs += LOOK_MS, signal = 0) {
  try {
    process.kill(pid, signal);
  } catch {
    process.exit(0);
  }
  await pause(LOOK_MS);
}
console.error(`the node has not ended within ${STOP_LIMIT_MS / 1_000} s`);
