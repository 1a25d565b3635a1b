import * as v from 'valibot';
import { hasFields, JsonFileError, mustBe, parseJsonFile } from '../../consensus/json-file.ts';
import { isInRange, type NumberRange, wholeNumbers } from '../../consensus/number-range.ts';
import type { Plan } from '../plan.ts';
import { checkPlan, DEFAULT_PLAN, PLAN_RANGES, SCENARIO_FIELDS, ScenarioError } from '../scenario.ts';

/** Tasks are numbered with six digits. */
const MAX_TASKS = 1_000_000;
/** Combinations of values. Each is looked at before anything runs. */
const MAX_CELLS = 10_000;
const MAX_VALUES = 1_000;
const RUNS_PER_TASK = wholeNumbers(1, 10_000);

/** A combination of values of the grid: a row of the table. */
export interface Cell {
  /** The values as the file has them, by the field of a scenario. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** What all runs of the cell have in common. */
  readonly plan: Omit<Plan, 'seed'>;
}

/** A simulation of a sweep. */
export interface SweepRun {
  readonly cell: Cell;
  readonly plan: Plan;
}

/** A grid of parameters × seeds. Which task runs what depends on the file alone. */
export interface Sweep {
  readonly name: string;
  /** Varied fields, in the order of the file. */
  readonly parameters: readonly string[];
  /** In the order in which their tasks are numbered: the last parameter varies first. */
  readonly cells: readonly Cell[];
  readonly seeds: { readonly first: number; readonly last: number };
  readonly runsPerTask: number;
  /** The file without its formatting: the same text means the same tasks. */
  readonly canonical: string;
}

/** The seed is the sweep's own, and the name is that of the whole. */
const { seed: _seed, name: _name, ...PARAMETERS } = SCENARIO_FIELDS;
const LISTS = Object.fromEntries(
  Object.entries(PARAMETERS).map(([name, field]) => [name, v.exactOptional(listOf(field.wrapped))]),
);
const SEED = numberIn(PLAN_RANGES.seed);
const FIELDS = {
  name: v.exactOptional(v.string(), 'sweep'),
  base: v.exactOptional(v.strictObject(PARAMETERS, hasFields(PARAMETERS)), {}),
  grid: v.exactOptional(v.strictObject(LISTS, hasFields(LISTS)), {}),
  seeds: v.strictTuple([SEED, SEED], mustBe('the first and the last seed, like [1, 20]')),
  runsPerTask: v.exactOptional(numberIn(RUNS_PER_TASK), 1),
};
const GRID_FILE = v.pipe(
  v.strictObject(FIELDS, hasFields(FIELDS)),
  v.check(({ seeds: [first, last] }) => first <= last, 'seeds: must go upwards'),
  v.check(
    ({ base, grid }) => !Object.keys(grid).some((name) => Object.hasOwn(base, name)),
    'grid: has a field that base has as well; leave it out of base',
  ),
);

/**
 * Parses the file of a sweep: fields of a scenario that all runs share (`base`), lists of values of others (`grid`), seeds.
 * Throws {@link ScenarioError} with the place and the problem.
 */
export function parseGrid(text: string): Sweep {
  const { name, base, grid, seeds, runsPerTask } = parsed(text);
  const raw = JSON.parse(text);
  const parameters = Object.keys(raw.grid ?? {});
  const cells = combinations(parameters, grid, raw.grid ?? {}).map(({ shown, values }) => {
    const plan = { ...DEFAULT_PLAN, ...base, ...values, name };
    checkCell({ parameters: shown, plan }, seeds[0]);
    return { parameters: shown, plan };
  });
  const sweep = { name, parameters, cells, seeds: { first: seeds[0], last: seeds[1] }, runsPerTask };
  const tasks = taskCount(sweep);
  if (tasks > MAX_TASKS)
    throw new ScenarioError(`has ${tasks} tasks, and at most ${MAX_TASKS} are possible: raise runsPerTask`);
  return { ...sweep, canonical: JSON.stringify(raw) };
}

/** Number of tasks. They are numbered from 0. */
export function taskCount({ cells, seeds, runsPerTask }: Omit<Sweep, 'canonical'>): number {
  return Math.ceil((cells.length * seedCount(seeds)) / runsPerTask);
}

/** The simulations of a task. Seeds vary first, so that neighbouring tasks take about as long. */
export function runsOf({ cells, seeds, runsPerTask }: Sweep, task: number): SweepRun[] {
  const each = seedCount(seeds);
  const first = task * runsPerTask;
  const end = Math.min(first + runsPerTask, cells.length * each);
  return Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i).flatMap((index) => {
    const cell = cells[Math.floor(index / each)];
    return cell ? [{ cell, plan: { ...cell.plan, seed: seeds.first + (index % each) } }] : [];
  });
}

function seedCount({ first, last }: Sweep['seeds']): number {
  return last - first + 1;
}

function parsed(text: string): v.InferOutput<typeof GRID_FILE> {
  try {
    return parseJsonFile(text, (json, config) => v.safeParse(GRID_FILE, json, config));
  } catch (error) {
    throw error instanceof JsonFileError ? new ScenarioError(error.message) : error;
  }
}

interface Combination {
  readonly shown: Readonly<Record<string, unknown>>;
  readonly values: Readonly<Record<string, unknown>>;
}

/** All combinations of values, as they are and as the file has them. Throws {@link ScenarioError} where there are too many. */
function combinations(
  names: readonly string[],
  values: Readonly<Record<string, readonly unknown[] | undefined>>,
  shown: Readonly<Record<string, readonly unknown[] | undefined>>,
): Combination[] {
  const count = names.reduce((product, name) => product * (values[name]?.length ?? 0), 1);
  if (count > MAX_CELLS) throw new ScenarioError(`grid: has more than ${MAX_CELLS} combinations of values`);
  let all: Combination[] = [{ shown: {}, values: {} }];
  for (const name of names) {
    all = all.flatMap((each) =>
      (values[name] ?? []).map((value, i) => ({
        values: { ...each.values, [name]: value },
        shown: { ...each.shown, [name]: shown[name]?.[i] },
      })),
    );
  }
  return all;
}

function checkCell({ parameters, plan }: Cell, seed: number): void {
  try {
    checkPlan({ ...plan, seed });
  } catch (error) {
    if (!(error instanceof ScenarioError) || Object.keys(parameters).length === 0) throw error;
    throw new ScenarioError(`with ${JSON.stringify(parameters)}: ${error.message}`);
  }
}

function listOf<Schema extends v.GenericSchema>(value: Schema) {
  return v.pipe(
    v.array(v.unknown(), mustBe('a list of values')),
    v.minLength(1, 'has no value'),
    v.maxLength(MAX_VALUES, `has more than ${MAX_VALUES} values`),
    v.array(value),
  );
}

function numberIn(range: NumberRange) {
  return v.custom<number>(
    (value) => isInRange(range, value),
    mustBe(`a whole number from ${range.minimum} to ${range.maximum}`),
  );
}
