import { availableParallelism } from 'node:os';
import { parseWholeNumber } from '../../server/settings/option-values.ts';
import { readTextFile } from '../../server/settings/read-text-file.ts';
import type { Environment } from '../../server/settings/settings.ts';
import { nativeCrypto } from '../../simulator/command/native-crypto.ts';
import { simulate } from '../../simulator/run.ts';
import { parseGrid, type Sweep, taskCount } from '../../simulator/sweep/grid.ts';
import { EXIT_CODES, UsageError } from '../cli-errors.ts';
import { inScenario } from '../scenario/read-scenario.ts';
import { MAX_JOBS } from '../simulation/request.ts';
import { collect } from '../sweep/collect.ts';
import { ResultFolder } from '../sweep/result-folder.ts';
import { runLocal } from '../sweep/run-local.ts';
import { runTask } from '../sweep/run-task.ts';
import type { CliContext } from './client-context.ts';

/** Variables in which engines name the task of a process: job arrays of Slurm, Indexed Jobs of Kubernetes. */
const TASK_VARIABLES = ['SLURM_ARRAY_TASK_ID', 'JOB_COMPLETION_INDEX'] as const;

/** Flags of `forklore sweep`, as they are typed. */
export interface SweepFlags {
  readonly out?: string;
  readonly task?: string;
  readonly local?: string | true;
  readonly count?: boolean;
  readonly collect?: boolean;
  readonly json?: boolean;
}

/**
 * `forklore sweep`: counts the tasks of a grid, runs one or all of them, or prints the table of their results.
 * @returns the exit code of the program
 */
export async function sweep(path: string, flags: SweepFlags, context: CliContext): Promise<number> {
  const text = readTextFile('FILE', path);
  const grid = inScenario('FILE', path, () => parseGrid(text));
  if (flags.json && !flags.collect) throw new UsageError('--json goes with --collect');
  if (flags.count) {
    context.terminal.print(String(taskCount(grid)));
    return EXIT_CODES.ok;
  }
  if (flags.out === undefined) throw new UsageError('name the folder of the results with --out');
  const folder = new ResultFolder(flags.out);
  if (flags.collect) {
    folder.checkBegun(grid, path);
    return collect(grid, folder, flags.json ?? false, context);
  }
  if (flags.local !== undefined) {
    const jobs = flags.local === true ? availableParallelism() : parseWholeNumber('--local', flags.local, 1, MAX_JOBS);
    folder.create(grid);
    return await runLocal(grid, folder, jobs, context);
  }
  const task = taskOf(grid, flags, context.environment);
  folder.create(grid);
  return await runOne(grid, task, folder, context);
}

async function runOne(grid: Sweep, task: number, folder: ResultFolder, { terminal }: CliContext): Promise<number> {
  if (folder.isDone(task)) {
    terminal.print(`${folder.pathOf(task)} was there before`);
    return EXIT_CODES.ok;
  }
  const crypto = nativeCrypto();
  await runTask(grid, task, folder, (plan) => simulate(plan, crypto));
  terminal.print(folder.pathOf(task));
  return EXIT_CODES.ok;
}

/** The task that the command line names, or else the engine that started this process. */
function taskOf(grid: Sweep, { task }: SweepFlags, environment: Environment): number {
  const last = taskCount(grid) - 1;
  if (task !== undefined) return parseWholeNumber('--task', task, 0, last);
  for (const variable of TASK_VARIABLES) {
    const text = environment[variable];
    if (text) return parseWholeNumber(variable, text, 0, last);
  }
  throw new UsageError(
    `give --task, --local, --count or --collect: no engine has set ${TASK_VARIABLES.join(' or ')} for this process`,
  );
}
