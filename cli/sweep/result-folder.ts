import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { quotable } from '../../consensus/quotable.ts';
import { writeWhole, writeWholeIfMissing } from '../../server/files/whole-file.ts';
import { systemProblem } from '../../server/process/system-problem.ts';
import { VERSION } from '../../server/process/version.ts';
import { readTextFile } from '../../server/settings/read-text-file.ts';
import { ScenarioError } from '../../simulator/scenario.ts';
import type { Sweep } from '../../simulator/sweep/grid.ts';
import { parseResult, type RunResult } from '../../simulator/sweep/result.ts';
import { CommandError } from '../cli-errors.ts';

const LABEL = '--out';
/** What the results of a folder are of: the grid without its formatting, and the version that runs it. */
const MARK_FILE = 'sweep.json';
const RESULTS_FOLDER = 'results';
const TASK_DIGITS = 6;

/**
 * The folder of a sweep: what it is a sweep of, and a file for each task that is done. Many processes, also of many
 * machines, may work in it at once. Throws `CommandError`.
 */
export class ResultFolder {
  readonly #folder: string;
  readonly #results: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.#results = join(folder, RESULTS_FOLDER);
  }

  /** Makes the folder where it is missing. Throws where its results are of another grid, or of another version. */
  open({ canonical }: Sweep): void {
    const mark = `${JSON.stringify({ forklore: VERSION, grid: canonical })}\n`;
    const path = join(this.#folder, MARK_FILE);
    inSystem(path, () => {
      mkdirSync(this.#results, { recursive: true });
      writeWholeIfMissing(path, Buffer.from(mark));
    });
    const present = readTextFile(LABEL, path);
    if (present !== mark) throw new CommandError(`${LABEL} ${this.#folder}: ${differenceOf(present, canonical)}`);
  }

  isDone(task: number): boolean {
    return existsSync(this.pathOf(task));
  }

  pathOf(task: number): string {
    return join(this.#results, `${String(task).padStart(TASK_DIGITS, '0')}.json`);
  }

  write(task: number, text: string): void {
    inSystem(this.pathOf(task), () => writeWhole(this.pathOf(task), Buffer.from(text)));
  }

  /** The runs of a task that is done. */
  read(task: number): readonly RunResult[] {
    const path = this.pathOf(task);
    try {
      return parseResult(readTextFile(LABEL, path));
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      throw new CommandError(
        `${path} is not the result of a task: ${error.message}; delete it, and run task ${task} again`,
      );
    }
  }
}

/** Does something with a file. What the system refuses becomes a `CommandError`. */
function inSystem(path: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw new CommandError(`${LABEL}: cannot write ${path} (${systemProblem(error)})`);
  }
}

function differenceOf(mark: string, canonical: string): string {
  let present: { readonly forklore?: unknown; readonly grid?: unknown };
  try {
    present = JSON.parse(mark);
  } catch {
    return `its ${MARK_FILE} is damaged; give another folder`;
  }
  if (present.grid !== canonical) return 'holds the results of another grid; give another folder';
  const other = quotable(String(present.forklore));
  return `holds the results of forklore ${other}, and this is ${VERSION}; give another folder`;
}
