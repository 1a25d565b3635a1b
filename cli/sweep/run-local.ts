import { EXIT_INTERRUPTED } from '../../simulator/command/interruption.ts';
import { Progress } from '../../simulator/command/progress.ts';
import { type Sweep, taskCount } from '../../simulator/sweep/grid.ts';
import { EXIT_CODES } from '../cli-errors.ts';
import type { CliContext } from '../commands/client-context.ts';
import { interruptible } from '../simulation/interruption.ts';
import { SimulationPool } from '../simulation/simulation-pool.ts';
import type { ResultFolder } from './result-folder.ts';
import { runTask } from './run-task.ts';

/**
 * Runs all tasks that are not done, in threads of this machine. When the program is asked to stop, the tasks that are
 * done stay so.
 * @param jobs threads
 * @returns the exit code of the program
 */
export async function runLocal(
  sweep: Sweep,
  folder: ResultFolder,
  jobs: number,
  { terminal, stderr }: CliContext,
): Promise<number> {
  const count = taskCount(sweep);
  const missing = Array.from({ length: count }, (_, task) => task).filter((task) => !folder.isDone(task));
  const progress = new Progress(sweep.name, stderr);
  const pending = [...missing];
  let done = 0;
  let failed = 0;
  const isInterrupted = await interruptible(terminal, async (signal) => {
    const pool = new SimulationPool(jobs, signal);
    const work = async (): Promise<void> => {
      for (let task = pending.shift(); task !== undefined && !signal.aborted; task = pending.shift()) {
        const outcomes = await runTask(sweep, task, folder, (plan) => pool.simulate(plan, false));
        if (outcomes === null) return;
        failed += outcomes.filter(({ failure }) => failure !== null).length;
        done++;
        progress.show(done / missing.length, `· ${done} of ${missing.length} tasks`);
      }
    };
    try {
      await Promise.all(Array.from({ length: jobs }, work));
    } finally {
      progress.end();
      await pool.close();
    }
    return signal.aborted;
  });
  const before = missing.length < count ? `, ${count - missing.length} done before` : '';
  const failures = failed > 0 ? `; in ${failed} runs a check did not hold` : '';
  const rest = isInterrupted ? '; the same command goes on' : '';
  terminal.print(`${done} of ${count} tasks done${before}${failures}${rest}`);
  return isInterrupted ? EXIT_INTERRUPTED : EXIT_CODES.ok;
}
