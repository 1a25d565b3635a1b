import * as v from 'valibot';
import { JsonFileError, parseJsonFile } from '../../consensus/json-file.ts';
import { outcomeJson } from '../command/outcome-json.ts';
import type { Outcome } from '../run.ts';
import { ScenarioError } from '../scenario.ts';
import { runsOf, type Sweep, type SweepRun } from './grid.ts';

const COUNTS = v.record(v.string(), v.number());
const QUANTILES = v.nullable(v.object({ median: v.number(), p90: v.number() }));
const RUN = v.object({
  seed: v.number(),
  failure: v.nullable(v.object({ message: v.string() })),
  virtualMinutes: v.number(),
  blocks: v.number(),
  staleBlocks: v.number(),
  propagationMs: QUANTILES,
  intervalsMs: QUANTILES,
  miners: COUNTS,
  intruders: v.record(v.string(), v.string()),
  reorgs: COUNTS,
  transactions: v.object({ submitted: v.number(), confirmed: v.number() }),
  traffic: v.object({ bytes: v.number() }),
});
const RESULT = v.object({ task: v.number(), runs: v.array(RUN) });

/** What the table needs of one run. */
export type RunResult = v.InferOutput<typeof RUN>;

/**
 * The result of a task as text: nothing in it depends on where or when it ran, or how long it took, so that the same task
 * gives the same bytes.
 */
export function resultText(
  task: number,
  runs: readonly { readonly run: SweepRun; readonly outcome: Outcome }[],
): string {
  const results = runs.map(({ run: { cell }, outcome }) => {
    const { failure, ...figures } = outcomeJson(outcome);
    // A trace of calls has paths of the machine.
    const { stack: _, ...told } = failure ?? { stack: null };
    return { parameters: cell.parameters, ...figures, failure: failure === null ? null : told };
  });
  return `${JSON.stringify({ task, runs: results }, null, 1)}\n`;
}

/** Parses the result of a task, with each run that the sweep has there. Throws {@link ScenarioError} with the problem. */
export function parseResult(text: string, sweep: Sweep, task: number): readonly RunResult[] {
  const result = parsed(text);
  const wanted = runsOf(sweep, task).map(({ plan }) => plan.seed);
  const seeds = result.runs.map(({ seed }) => seed);
  if (result.task !== task || seeds.join() !== wanted.join()) {
    throw new ScenarioError(`has the runs of another one, task ${result.task}`);
  }
  return result.runs;
}

function parsed(text: string): v.InferOutput<typeof RESULT> {
  try {
    return parseJsonFile(text, (json, config) => v.safeParse(RESULT, json, config));
  } catch (error) {
    throw error instanceof JsonFileError ? new ScenarioError(error.message) : error;
  }
}
