import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { describeRange, type NumberRange, numbers, parseNumber, wholeNumbers } from '../../consensus/number-range.ts';
import { quotable } from '../../consensus/quotable.ts';
import { systemProblem } from '../../server/process/system-problem.ts';
import { faultsText } from '../../simulator/command/report.ts';
import { parseSeedRange, type SeedRange } from '../../simulator/command/seed-range.ts';
import type { Plan } from '../../simulator/plan.ts';
import {
  checkPlan,
  DEFAULT_PLAN,
  PLAN_DELAYS,
  PLAN_RANGES,
  parseFaults,
  ScenarioError,
} from '../../simulator/scenario.ts';
import { swarmPlan } from '../../simulator/swarm.ts';
import { UsageError } from '../cli-errors.ts';
import { inScenario, readScenario } from '../scenario/read-scenario.ts';
import { shellWord } from '../shell-word.ts';

/** Threads that may be asked for. */
export const MAX_JOBS = 64;
/** What a drawn seed is below. */
const DRAWN_SEEDS = 2 ** 32;

/** Flags of `forklore simulate`, as they are typed. */
export interface SimulateFlags {
  readonly seed?: string;
  readonly seeds?: string;
  readonly scenario?: string;
  readonly nodes?: string;
  readonly minutes?: string;
  readonly spacing?: string;
  readonly delay?: string;
  readonly transactions?: string;
  readonly contracts?: string;
  readonly faults?: string;
  readonly jobs?: string;
  readonly once?: boolean;
  readonly twice?: boolean;
  readonly json?: boolean;
  readonly log?: boolean;
  readonly blocks?: string;
}

/** What a command line asks the simulator for. */
export interface Request {
  /** The plan of a seed. */
  planOf(seed: number): Plan;
  /** Flags, besides the seed, that give this plan again. */
  readonly replayFlags: readonly string[];
  readonly seeds: SeedRange;
  /** Whether to summarise many runs instead of telling of one. */
  readonly isCampaign: boolean;
  readonly jobs: number;
  /** Whether seeds run a second time, to see that they run the same way. */
  readonly runsTwice: boolean;
  readonly json: boolean;
  readonly log: boolean;
  /** File for the blocks of the one seed. */
  readonly blocksFile: string | null;
}

/** What the flags ask for. Throws `UsageError`. */
export function requestOf(flags: SimulateFlags): Request {
  const ofMany = (['jobs', 'once'] as const).find((name) => flags[name] !== undefined);
  if (ofMany && flags.seeds === undefined) throw new UsageError(`--${ofMany} goes with --seeds`);
  const { scenario: file } = flags;
  const scenario = file === undefined ? null : readScenario('--scenario', file);
  const overrides = overridesOf(flags);
  const seed =
    numberOf('--seed', PLAN_RANGES.seed, flags.seed) ?? scenario?.seed ?? Math.floor(Math.random() * DRAWN_SEEDS);
  const seeds = parsed('--seeds', flags.seeds, parseSeedRange);
  const planOf = (each: number): Plan => {
    if (scenario) return { ...scenario, ...overrides, seed: each };
    // Without faults it is a quiet network.
    if (overrides.faults?.size === 0) return { ...DEFAULT_PLAN, name: `seed ${each}`, ...overrides, seed: each };
    return swarmPlan(each, overrides);
  };
  if (file !== undefined) inScenario('--scenario', file, () => checkPlan(planOf(seed)));
  return {
    planOf,
    replayFlags: replayFlags(file, overrides),
    seeds: seeds ?? { first: seed, last: seed },
    isCampaign: seeds !== undefined,
    jobs: numberOf('--jobs', wholeNumbers(1, MAX_JOBS), flags.jobs) ?? availableParallelism(),
    runsTwice: seeds === undefined ? (flags.twice ?? false) : !flags.once,
    json: flags.json ?? false,
    log: flags.log ?? false,
    blocksFile: flags.blocks === undefined ? null : writable(flags.blocks),
  };
}

function overridesOf(flags: SimulateFlags): Partial<Plan> {
  const given = {
    nodes: numberOf('--nodes', PLAN_RANGES.nodes, flags.nodes),
    minutes: numberOf('--minutes', PLAN_RANGES.minutes, flags.minutes),
    spacingSeconds: numberOf('--spacing', PLAN_RANGES.spacingSeconds, flags.spacing),
    delayMs: parsed('--delay', flags.delay, parseDelay),
    transactionsPerMinute: numberOf('--transactions', PLAN_RANGES.transactionsPerMinute, flags.transactions),
    contractShare: numberOf('--contracts', PLAN_RANGES.contractShare, flags.contracts),
    faults: parsed('--faults:', flags.faults, parseFaults),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** A number of a range that was given as `label`; undefined where it was not. Throws `UsageError`. */
function numberOf(label: string, range: NumberRange, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = parseNumber(range, text);
  if (value === null) throw new UsageError(`${label} must be ${describeRange(range)}, not "${quotable(text)}"`);
  return value;
}

/** What a parser of the simulator makes of a flag. Throws `UsageError`. */
function parsed<T>(label: string, text: string | undefined, parse: (text: string) => T): T | undefined {
  if (text === undefined) return undefined;
  try {
    return parse(text);
  } catch (error) {
    throw error instanceof ScenarioError ? new UsageError(`${label} ${error.message}`) : error;
  }
}

function parseDelay(text: string): Plan['delayMs'] {
  const delays = text.split('..').map((each) => parseNumber(numbers(0, Number.MAX_VALUE), each));
  if (!PLAN_DELAYS.isValid(delays))
    throw new ScenarioError(`must be ${PLAN_DELAYS.what}, like 10..100, not "${quotable(text)}"`);
  return delays;
}

/** The file, which is empty now: better to know before hours of a simulation. */
function writable(file: string): string {
  try {
    writeFileSync(file, '');
    return file;
  } catch (error) {
    throw new UsageError(`--blocks: cannot write ${file} (${systemProblem(error)})`);
  }
}

function replayFlags(file: string | undefined, overrides: Partial<Plan>): string[] {
  const { nodes, minutes, spacingSeconds, delayMs, transactionsPerMinute, contractShare, faults } = overrides;
  return [
    ...(file === undefined ? [] : ['--scenario', shellWord(file)]),
    ...(nodes === undefined ? [] : ['--nodes', String(nodes)]),
    ...(minutes === undefined ? [] : ['--minutes', String(minutes)]),
    ...(spacingSeconds === undefined ? [] : ['--spacing', String(spacingSeconds)]),
    ...(delayMs === undefined ? [] : ['--delay', delayMs.join('..')]),
    ...(transactionsPerMinute === undefined ? [] : ['--transactions', String(transactionsPerMinute)]),
    ...(contractShare === undefined ? [] : ['--contracts', String(contractShare)]),
    ...(faults === undefined ? [] : ['--faults', faultsText(faults)]),
  ];
}
