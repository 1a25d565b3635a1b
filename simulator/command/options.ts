import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Option } from 'commander';
import { numbers, parseNumber, wholeNumbers } from '../../consensus/number-range.ts';
import { quotable } from '../../consensus/quotable.ts';
import { decodeText, TextEncodingError } from '../../consensus/text.ts';
import { FAULTS } from '../faults/catalogue.ts';
import { FAULT_NAMES, type FaultName } from '../faults/names.ts';
import type { Plan } from '../plan.ts';
import {
  checkPlan,
  DEFAULT_PLAN,
  PLAN_DELAYS,
  PLAN_RANGES,
  parseFaults,
  parseScenario,
  ScenarioError,
} from '../scenario.ts';
import { swarmPlan } from '../swarm.ts';
import { npmCommand, numberOf, parseCommand, ScriptOptionError } from './command-line.ts';

export const MAX_JOBS = 64;
const MAX_SEEDS = 10_000_000;

/** Seeds from the first to the last, both included. */
export interface SeedRange {
  readonly first: number;
  readonly last: number;
}

/** What the command line asks for. */
export interface Request {
  /** The plan of a seed. */
  planOf(seed: number): Plan;
  /** Options, besides the seed, that give this plan again. */
  readonly replayOptions: readonly string[];
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

interface Values {
  seed?: number;
  seeds?: SeedRange;
  scenario?: string;
  nodes?: number;
  minutes?: number;
  spacing?: number;
  delay?: readonly [number, number];
  transactions?: number;
  faults?: ReadonlyMap<FaultName, number>;
  jobs?: number;
  once?: boolean;
  twice?: boolean;
  json?: boolean;
  log?: boolean;
  blocks?: string;
}

/** Parses the command line. Prints help, or an exact error and exit code 2, where there is nothing to run. */
export function parseRequest(argv: readonly string[]): Request {
  const ofOne = (option: Option): Option => option.conflicts('seeds');
  const command = npmCommand(
    'simulate',
    'Runs whole networks of nodes in one process, on a clock of their own, and checks all the time that every rule holds.\n' +
      'Without a scenario, the seed decides what no option says: how many nodes, how far apart, and what goes wrong.\n' +
      'With --faults none it is a quiet network to study, and the seed decides only what is left to chance in it.',
  )
    .addOption(
      ofOne(new Option('--seed <n>', 'run the network of this seed').argParser(numberOf('--seed', PLAN_RANGES.seed))),
    )
    .addOption(new Option('--seeds <a..b>', 'run all of these, each twice, and summarise').argParser(parseSeeds))
    .option('--scenario <file>', 'take the plan from a JSON file; see simulator/scenarios/')
    .option(
      '--nodes <n>',
      `honest nodes; of a quiet network ${DEFAULT_PLAN.nodes}`,
      numberOf('--nodes', PLAN_RANGES.nodes),
    )
    .option(
      '--minutes <m>',
      `virtual minutes until everything is healed; of a quiet network ${DEFAULT_PLAN.minutes}`,
      numberOf('--minutes', PLAN_RANGES.minutes),
    )
    .option('--spacing <s>', 'seconds between blocks', numberOf('--spacing', PLAN_RANGES.spacingSeconds))
    .option('--delay <a..b>', 'milliseconds between the nearest and the farthest two nodes', parseDelay)
    .option(
      '--transactions <n>',
      'submitted each minute',
      numberOf('--transactions', PLAN_RANGES.transactionsPerMinute),
    )
    .option('--faults <list>', '`none`, `all`, or names such as crash,partition=0.3; see below', faultsOption)
    .option(
      '--jobs <n>',
      'threads that run --seeds (default: all cores)',
      numberOf('--jobs', wholeNumbers(1, MAX_JOBS)),
    )
    .addOption(ofOne(new Option('--twice', 'run a single seed twice as well, and compare')))
    .option('--once', 'run each of --seeds once: faster, and nothing shows that it runs the same way twice')
    .addOption(
      ofOne(new Option('--log', 'print what happens to the nodes, each block that they connect, and what they log')),
    )
    .addOption(
      ofOne(new Option('--blocks <file>', 'write all blocks to a CSV file: when, by whom, how hard, stale or not')),
    )
    .option('--json', 'print the result as JSON')
    .addHelpText('after', () => `\nFaults:\n${faultList()}`);
  return parseCommand(command, argv, requestOf);
}

function requestOf(values: Values): Request {
  const ofMany = (['jobs', 'once'] as const).find((name) => values[name] !== undefined);
  if (ofMany && !values.seeds) throw new ScriptOptionError(`--${ofMany} goes with --seeds`);
  const scenario = inScenario(values.scenario, readScenario);
  const seed = values.seed ?? scenario?.seed ?? Math.floor(Math.random() * 2 ** 32);
  const overrides: Partial<Plan> = {
    ...(values.nodes !== undefined && { nodes: values.nodes }),
    ...(values.minutes !== undefined && { minutes: values.minutes }),
    ...(values.spacing !== undefined && { spacingSeconds: values.spacing }),
    ...(values.delay !== undefined && { delayMs: values.delay }),
    ...(values.transactions !== undefined && { transactionsPerMinute: values.transactions }),
    ...(values.faults !== undefined && { faults: values.faults }),
  };
  const isQuiet = values.faults?.size === 0;
  const planOf = (each: number): Plan => {
    if (scenario) return { ...scenario, ...overrides, seed: each };
    if (isQuiet) return { ...DEFAULT_PLAN, name: `seed ${each}`, ...overrides, seed: each };
    return swarmPlan(each, overrides);
  };
  if (scenario) inScenario(values.scenario, () => checkPlan(planOf(seed)));
  return {
    planOf,
    replayOptions: replayOptions(values),
    seeds: values.seeds ?? { first: seed, last: seed },
    isCampaign: values.seeds !== undefined,
    jobs: values.jobs ?? availableParallelism(),
    runsTwice: values.seeds === undefined ? (values.twice ?? false) : !values.once,
    json: values.json ?? false,
    log: values.log ?? false,
    blocksFile: values.blocks === undefined ? null : writable(values.blocks),
  };
}

/** Does something with the scenario file; what is wrong is told with its name. Null where there is none. */
function inScenario<T>(file: string | undefined, use: (file: string) => T): T | null {
  if (file === undefined) return null;
  try {
    return use(file);
  } catch (error) {
    throw error instanceof ScenarioError ? new ScriptOptionError(`${file}: ${error.message}`) : error;
  }
}

function readScenario(file: string): Plan {
  let text: string;
  try {
    text = decodeText(readFileSync(file));
  } catch (error) {
    if (error instanceof TextEncodingError) throw new ScenarioError(error.message);
    throw new ScenarioError(`cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  return parseScenario(text);
}

/** The file, which is empty now: better to know before hours of a simulation. */
function writable(file: string): string {
  try {
    writeFileSync(file, '');
    return file;
  } catch (error) {
    throw new ScriptOptionError(`--blocks cannot be written: ${error instanceof Error ? error.message : error}`);
  }
}

function replayOptions(values: Values): string[] {
  return [
    ...(values.scenario === undefined ? [] : ['--scenario', shellWord(values.scenario)]),
    ...(values.nodes === undefined ? [] : ['--nodes', String(values.nodes)]),
    ...(values.minutes === undefined ? [] : ['--minutes', String(values.minutes)]),
    ...(values.spacing === undefined ? [] : ['--spacing', String(values.spacing)]),
    ...(values.delay === undefined ? [] : ['--delay', values.delay.join('..')]),
    ...(values.transactions === undefined ? [] : ['--transactions', String(values.transactions)]),
    ...(values.faults === undefined ? [] : ['--faults', faultsText(values.faults)]),
  ];
}

/** A text as one word of a shell's command line. */
function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Faults as the command line takes them. */
export function faultsText(faults: ReadonlyMap<FaultName, number>): string {
  return faults.size === 0 ? 'none' : [...faults].map(([name, strength]) => `${name}=${strength}`).join(',');
}

function faultList(): string {
  return FAULT_NAMES.map((name) => `  ${name.padEnd(20)} ${FAULTS[name].what}`).join('\n');
}

function faultsOption(text: string): Plan['faults'] {
  try {
    return parseFaults(text);
  } catch (error) {
    throw error instanceof ScenarioError ? new ScriptOptionError(`--faults: ${error.message}`) : error;
  }
}

/** Parses `1..100`: seeds that are run one after the other. Throws {@link ScriptOptionError}. */
export function parseSeeds(text: string): SeedRange {
  const [first, last] = pair(text).map((each) => parseNumber(PLAN_RANGES.seed, each));
  if (first == null || last == null)
    throw new ScriptOptionError(`--seeds must be two seeds like 1..100, not "${quotable(text)}"`);
  if (last < first || last - first >= MAX_SEEDS)
    throw new ScriptOptionError(`--seeds must go upwards, over at most ${MAX_SEEDS} seeds, not "${text}"`);
  return { first, last };
}

function parseDelay(text: string): Plan['delayMs'] {
  const delays = pair(text).map((each) => parseNumber(numbers(0, Number.MAX_VALUE), each));
  if (!PLAN_DELAYS.isValid(delays))
    throw new ScriptOptionError(`--delay must be ${PLAN_DELAYS.what}, like 10..100, not "${quotable(text)}"`);
  return delays;
}

/** The two sides of `a..b`; what is no pair is left whole, which no number is. */
function pair(text: string): readonly string[] {
  const parts = text.split('..');
  return parts.length === 2 ? parts : [text];
}
