import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { FAULT_NAMES, FAULTS, type FaultName } from '../faults/catalogue.ts';
import type { Plan } from '../plan.ts';
import {
  DEFAULT_PLAN,
  delays,
  integer,
  MOST_MINUTES,
  MOST_NODES,
  MOST_SEED,
  MOST_SPACING_SECONDS,
  MOST_TRANSACTIONS_PER_MINUTE,
  number,
  parseFaults,
  parseScenario,
  ScenarioError,
} from '../scenario.ts';
import { swarmPlan } from '../swarm.ts';

const MOST_JOBS = 64;
const MOST_SEEDS = 10_000_000;

/** What the command line asks for. */
export interface Request {
  /** The plan of a seed. */
  planOf(seed: number): Plan;
  /** Options, besides the seed, that give this plan again. */
  readonly replayOptions: readonly string[];
  readonly seeds: { readonly first: number; readonly last: number };
  /** Whether to summarise many runs instead of telling of one. */
  readonly isCampaign: boolean;
  readonly jobs: number;
  /** Whether seeds run a second time, to see that they run the same way. */
  readonly runsTwice: boolean;
  readonly json: boolean;
  readonly log: boolean;
}

interface Values {
  seed?: number;
  seeds?: { first: number; last: number };
  scenario?: string;
  nodes?: number;
  minutes?: number;
  spacing?: number;
  delay?: readonly [number, number];
  transactions?: number;
  faults?: ReadonlyMap<FaultName, number>;
  jobs: number;
  once?: boolean;
  twice?: boolean;
  json?: boolean;
  log?: boolean;
}

/** Parses the command line. Prints help, or an exact error and exit code 2, where there is nothing to run. */
export function parseRequest(argv: readonly string[]): Request {
  const program = new Command('simulate')
    .description(
      'Runs whole networks of nodes in one process, on a clock of their own, and checks all the time that every rule holds.\n' +
        'Without a scenario, the seed decides everything: how many nodes, how far apart, and what goes wrong.\n' +
        'With --faults none and --nodes, it is a quiet network to study.',
    )
    .option('--seed <n>', 'run the network of this seed', parsed(wholeNumber(0, MOST_SEED)))
    .option('--seeds <a..b>', 'run all of these, each twice, and summarise', parsed(range))
    .option('--scenario <file>', 'take the plan from a JSON file; see simulator/scenarios/')
    .option('--nodes <n>', 'honest nodes', parsed(wholeNumber(1, MOST_NODES)))
    .option('--minutes <m>', 'virtual minutes until everything is healed', parsed(anyNumber(0, MOST_MINUTES)))
    .option('--spacing <s>', 'seconds between blocks', parsed(wholeNumber(1, MOST_SPACING_SECONDS)))
    .option('--delay <a..b>', 'milliseconds between the nearest and the farthest two nodes', parsed(delayRange))
    .option('--transactions <n>', 'submitted each minute', parsed(anyNumber(0, MOST_TRANSACTIONS_PER_MINUTE)))
    .option('--faults <list>', '`none`, `all`, or names such as crash,partition=0.3; see below', parsed(parseFaults))
    .addOption(
      new Option('--jobs <n>', 'processes that run seeds')
        .default(availableParallelism(), 'all cores')
        .argParser(parsed(wholeNumber(1, MOST_JOBS))),
    )
    .option('--twice', 'run a single seed twice as well, and compare')
    .option('--once', 'run each seed once: faster, and nothing shows that it runs the same way twice')
    .option('--log', 'print what the nodes log, with virtual times (one seed)')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', () => `\nFaults:\n${faultList()}`)
    .configureHelp({ helpWidth: 110 })
    .exitOverride((error) => {
      process.exit(error.exitCode === 0 ? 0 : 2);
    });
  program.parse([...argv], { from: 'user' });
  const values = program.opts<Values>();
  try {
    return requestOf(values);
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    return program.error(`error: ${values.scenario ?? ''}: ${error.message}`);
  }
}

function requestOf(values: Values): Request {
  const scenario = values.scenario === undefined ? null : readScenario(values.scenario);
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
  return {
    planOf: (each) => {
      if (scenario) return { ...scenario, ...overrides, seed: each };
      if (isQuiet) return { ...DEFAULT_PLAN, name: `seed ${each}`, ...overrides, seed: each };
      return swarmPlan(each, overrides);
    },
    replayOptions: replayOptions(values),
    seeds: values.seeds ?? { first: seed, last: seed },
    isCampaign: values.seeds !== undefined,
    jobs: values.jobs,
    runsTwice: values.seeds === undefined ? (values.twice ?? false) : !values.once,
    json: values.json ?? false,
    log: values.log ?? false,
  };
}

function readScenario(file: string): Plan {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ScenarioError(`cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  return parseScenario(text);
}

function replayOptions(values: Values): string[] {
  return [
    ...(values.scenario === undefined ? [] : ['--scenario', values.scenario]),
    ...(values.nodes === undefined ? [] : ['--nodes', String(values.nodes)]),
    ...(values.minutes === undefined ? [] : ['--minutes', String(values.minutes)]),
    ...(values.spacing === undefined ? [] : ['--spacing', String(values.spacing)]),
    ...(values.delay === undefined ? [] : ['--delay', values.delay.join('..')]),
    ...(values.transactions === undefined ? [] : ['--transactions', String(values.transactions)]),
    ...(values.faults === undefined ? [] : ['--faults', faultsText(values.faults)]),
  ];
}

/** Faults as the command line takes them. */
export function faultsText(faults: ReadonlyMap<FaultName, number>): string {
  return faults.size === 0 ? 'none' : [...faults].map(([name, strength]) => `${name}=${strength}`).join(',');
}

function faultList(): string {
  return FAULT_NAMES.map((name) => `  ${name.padEnd(20)} ${FAULTS[name].what}`).join('\n');
}

/** Makes a parser of an option's text report its error as commander wants it. */
function parsed<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      if (error instanceof ScenarioError) throw new InvalidArgumentError(error.message);
      throw error;
    }
  };
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => integer(least, most)(numberOf(text), 'it');
}

function anyNumber(least: number, most: number): (text: string) => number {
  return (text) => number(least, most)(numberOf(text), 'it');
}

function range(text: string): { first: number; last: number } {
  const [first, last] = pair(text).map((each) => integer(0, MOST_SEED)(each, 'a seed')) as [number, number];
  if (last < first || last - first >= MOST_SEEDS)
    throw new ScenarioError(`it must go upwards, over at most ${MOST_SEEDS} seeds`);
  return { first, last };
}

function delayRange(text: string): readonly [number, number] {
  return delays(pair(text), 'it');
}

function pair(text: string): [unknown, unknown] {
  const parts = text.split('..');
  if (parts.length !== 2) throw new ScenarioError(`it must be two numbers like 1..100`);
  return [numberOf(parts[0] ?? ''), numberOf(parts[1] ?? '')];
}

/** A plain decimal number, or the text itself, which no check for numbers passes. */
function numberOf(text: string): number | string {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
