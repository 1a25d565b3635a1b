import { setImmediate } from 'node:timers/promises';
import { quotableLines } from '../../consensus/quotable.ts';
import { nativeCrypto } from '../../simulator/command/native-crypto.ts';
import { outcomeJson } from '../../simulator/command/outcome-json.ts';
import { reportOf } from '../../simulator/command/report.ts';
import type { Plan } from '../../simulator/plan.ts';
import { simulateInSteps } from '../../simulator/run.ts';
import { CommandError } from '../cli-errors.ts';
import { json, type Terminal } from '../output/output.ts';
import { untilSignal } from '../signals.ts';

const MS_PER_SECOND = 1_000;
const PERCENT = 100;

/**
 * Runs a plan in the simulator, and prints its report. When the program is asked to stop, the figures so far are printed.
 * Throws `CommandError` where a check did not hold.
 */
export async function simulatePlan(
  plan: Plan,
  { json: asJson }: { json?: boolean },
  terminal: Terminal,
): Promise<void> {
  const startMs = performance.now();
  const progress = terminal.progressLine();
  let isStopped = false;
  void untilSignal().then(() => {
    isStopped = true;
  });
  const steps = simulateInSteps(plan, nativeCrypto());
  let step = steps.next(true);
  while (!step.done) {
    progress.update(`${Math.floor(step.value * PERCENT)} %`);
    // Signals are delivered only between two iterations of the event loop.
    await setImmediate();
    step = steps.next(!isStopped);
  }
  progress.clear();
  const outcome = step.value;
  const seconds = (performance.now() - startMs) / MS_PER_SECOND;
  // The name of a scenario may be anybody's.
  terminal.print(quotableLines(asJson ? json(outcomeJson(outcome)) : reportOf(outcome, seconds)));
  if (outcome.failure) throw new CommandError(`seed ${plan.seed} failed: ${outcome.failure.message}`);
}
