import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { quotable } from '../../consensus/quotable.ts';
import { writeWhole, writeWholeIfMissing } from '../../server/files/whole-file.ts';
import { systemProblem } from '../../server/process/system-problem.ts';
import { VERSION } from '../../server/process/version.ts';
import { readTextFile, textOf } from '../../server/settings/read-text-file.ts';
import { ScenarioError } from '../../simulator/scenario.ts';
import type { Sweep } from '../../simulator/sweep/grid.ts';
import { parseResult, type RunResult } from '../../simulator/sweep/result.ts';
import { CommandError } from '../cli-errors.ts';
import { shellWord } from '../shell-word.ts';

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

  /** Makes the folder where it is missing, and checks that it is the one of this sweep. */
  create(sweep: Sweep): void {
    const path = this.#markPath;
    inSystem(path, () => {
      mkdirSync(this.#results, { recursive: true });
      writeWholeIfMissing(path, Buffer.from(markOf(sweep)));
    });
    this.#check(sweep);
  }

  /**
   * Throws where no sweep has begun there, or its results are of another grid or another version. Writes nothing.
   * @param grid path of the grid, for the message
   */
  checkBegun(sweep: Sweep, grid: string): void {
    if (existsSync(this.#markPath)) return this.#check(sweep);
    const lack = existsSync(this.#folder) ? `has no ${MARK_FILE}, so no sweep has begun there` : 'is not there';
    const run = `forklore sweep ${shellWord(grid)} --out ${shellWord(this.#folder)} --local`;
    throw new CommandError(`${LABEL} ${this.#folder} ${lack}; run the tasks first: ${run}`);
  }

  #check(sweep: Sweep): void {
    const present = readTextFile(LABEL, this.#markPath);
    if (present === markOf(sweep)) return;
    throw new CommandError(`${LABEL} ${this.#folder}: ${differenceOf(present, sweep.canonical)}`);
  }

  get #markPath(): string {
    return join(this.#folder, MARK_FILE);
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
  read(sweep: Sweep, task: number): readonly RunResult[] {
    const path = this.pathOf(task);
    // Of whatever size: the program wrote it, and it may hold thousands of runs.
    const bytes = inSystem(path, () => readFileSync(path), 'read');
    try {
      return parseResult(textOf(path, bytes), sweep, task);
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      throw new CommandError(
        `${path} is not the result of a task: ${error.message}; delete it, and run task ${task} again`,
      );
    }
  }
}

/** Does something with a file. What the system refuses becomes a `CommandError`. */
function inSystem<T>(path: string, act: () => T, action: 'read' | 'write' = 'write'): T {
  try {
    return act();
  } catch (error) {
    throw new CommandError(`${LABEL}: cannot ${action} ${path} (${systemProblem(error)})`);
  }
}

function markOf({ canonical }: Sweep): string {
  return `${JSON.stringify({ forklore: VERSION, grid: canonical })}\n`;
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
