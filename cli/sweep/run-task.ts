import type { Plan } from '../../simulator/plan.ts';
import type { Outcome } from '../../simulator/run.ts';
import { runsOf, type Sweep } from '../../simulator/sweep/grid.ts';
import { resultText } from '../../simulator/sweep/result.ts';
import type { ResultFolder } from './result-folder.ts';

/**
 * Runs the simulations of a task, and writes its result when all are over. What was given up leaves none.
 * @param simulate runs one of them
 * @returns their outcomes; null where one was given up
 */
export async function runTask(
  sweep: Sweep,
  task: number,
  folder: ResultFolder,
  simulate: (plan: Plan) => Outcome | Promise<Outcome>,
): Promise<readonly Outcome[] | null> {
  const results = await Promise.all(
    runsOf(sweep, task).map(async (run) => ({ run, outcome: await simulate(run.plan) })),
  );
  const outcomes = results.map(({ outcome }) => outcome);
  if (outcomes.some(({ isPartial }) => isPartial)) return null;
  folder.write(task, resultText(task, results));
  return outcomes;
}
