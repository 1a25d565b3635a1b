import { type Cell, runsOf, type Sweep, taskCount } from '../../simulator/sweep/grid.ts';
import type { RunResult } from '../../simulator/sweep/result.ts';
import { rowOf, tableCsv } from '../../simulator/sweep/table.ts';
import { EXIT_CODES } from '../cli-errors.ts';
import type { CliContext } from '../commands/client-context.ts';
import type { ResultFolder } from './result-folder.ts';

/**
 * Prints the table of what is done: a row for each combination of values.
 * @returns the exit code of the program: failed where tasks are missing, or checks did not hold
 */
export function collect(sweep: Sweep, folder: ResultFolder, asJson: boolean, { terminal }: CliContext): number {
  const count = taskCount(sweep);
  const runs = new Map<Cell, RunResult[]>(sweep.cells.map((cell) => [cell, []]));
  let missing = 0;
  for (let task = 0; task < count; task++) {
    if (!folder.isDone(task)) {
      missing++;
      continue;
    }
    const results = folder.read(sweep, task);
    for (const [i, { cell }] of runsOf(sweep, task).entries()) {
      const result = results[i];
      if (result) runs.get(cell)?.push(result);
    }
  }
  const rows = [...runs].map(([{ parameters }, results]) => rowOf(parameters, results));
  terminal.print(asJson ? rows.map((row) => JSON.stringify(row)).join('\n') : tableCsv(sweep.parameters, rows));
  const failed = rows.reduce((sum, row) => sum + row.failed, 0);
  if (missing > 0) terminal.printError(`${missing} of ${count} tasks are not done`);
  if (failed > 0) terminal.printError(`in ${failed} runs a check did not hold: see "failure" in the results`);
  return missing > 0 || failed > 0 ? EXIT_CODES.failed : EXIT_CODES.ok;
}
