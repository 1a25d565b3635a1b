import * as v from 'valibot';
import { hasFields, JsonFileError, mustBe, parseJsonFile } from '../consensus/json-file.ts';
import {
  describeRange,
  isInRange,
  type NumberRange,
  numbers,
  parseNumber,
  wholeNumbers,
} from '../consensus/number-range.ts';
import { quotable } from '../consensus/quotable.ts';
import {
  CLEAR,
  delayRule,
  LINK_FIELDS,
  type LinkConditions,
  MAX_BYTES_PER_SECOND,
  MAX_DELAY_MS,
} from '../protocol/link-conditions.ts';
import { FAULT_NAMES, type FaultName } from './faults/names.ts';
import type { Plan, PlannedLink, TimedAction, TimedEvent } from './plan.ts';

const MAX_NODES = 5_000;
const MAX_MINUTES = 7 * 24 * 60;
const SECONDS_PER_MINUTE = 60;
const MAX_EVENTS = 10_000;
/** Links that one list may have: every pair of a hundred nodes, in both directions. */
const MAX_LINKS = 10_000;
const FACTORS = numbers(0, 1_000);
const STRENGTHS = numbers(0, 1);
const DEFAULT_STRENGTH = 0.5;
const DEFAULT_SEED = 1;
/** What the delays of a plan are: unlike those of a link, drawn for a whole network, and so of any fraction. */
export const PLAN_DELAYS = delayRule(numbers(0, MAX_DELAY_MS));

/** Values of a plan that make sense; beyond the largest a simulation would not end. */
export const PLAN_RANGES = {
  seed: wholeNumbers(0, Number.MAX_SAFE_INTEGER),
  nodes: wholeNumbers(1, MAX_NODES),
  outbound: wholeNumbers(1, 8),
  minutes: numbers(0.1, MAX_MINUTES),
  spacingSeconds: wholeNumbers(1, 3_600),
  bytesPerSecond: numbers(1, MAX_BYTES_PER_SECOND),
  transactionsPerMinute: numbers(0, 100_000),
  contractShare: numbers(0, 1),
} as const;

/** A scenario says something that cannot be done. The message is one line. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
}

/** What a plan has where nobody says otherwise: no faults, a small network on one continent. */
export const DEFAULT_PLAN: Omit<Plan, 'seed'> = {
  name: 'simulation',
  nodes: 10,
  outbound: 3,
  connections: null,
  minutes: 60,
  spacingSeconds: 10,
  delayMs: [10, 100],
  bytesPerSecond: null,
  links: [],
  hashShares: null,
  transactionsPerMinute: 0,
  contractShare: 0,
  faults: new Map(),
  events: [],
  heals: true,
};

const NODES = wholeNumbers(0, MAX_NODES - 1);
const NODE = numberIn(NODES);
const SHARES = v.pipe(
  v.array(numberIn(FACTORS)),
  v.check((shares) => shares.some((share) => share > 0), 'leaves nobody to mine'),
);
const LINK_SHAPE = {
  from: NODE,
  to: NODE,
  delayMs: conditionOf('delayMs'),
  bytesPerSecond: conditionOf('bytesPerSecond'),
  loss: conditionOf('loss'),
  cut: conditionOf('cut'),
};
const LINK = v.pipe(
  v.strictObject(LINK_SHAPE, hasFields(LINK_SHAPE)),
  v.transform(({ from, to, ...given }): PlannedLink => ({ from, to, conditions: { ...CLEAR, ...given } })),
);
const LINKS = v.pipe(v.array(v.unknown()), v.maxLength(MAX_LINKS, `has more than ${MAX_LINKS} links`), v.array(LINK));
const CONNECTIONS = v.pipe(
  v.array(v.unknown()),
  v.maxLength(MAX_LINKS, `has more than ${MAX_LINKS} connections`),
  v.array(v.custom<readonly [number, number]>(isPairOfNodes, mustBe('the numbers of two nodes'))),
);
const ACTION_NAMES = ['partition', 'heal', 'crash', 'start', 'hashrate', 'links'] as const;
const EVENT_FIELDS = {
  atSeconds: numberIn(numbers(0, MAX_MINUTES * SECONDS_PER_MINUTE)),
  partition: v.exactOptional(v.array(v.array(NODE))),
  heal: v.exactOptional(v.unknown()),
  crash: v.exactOptional(NODE),
  start: v.exactOptional(NODE),
  hashrate: v.exactOptional(NODE),
  factor: v.exactOptional(numberIn(FACTORS)),
  links: v.exactOptional(LINKS),
};
const EVENT_SHAPE = v.strictObject(EVENT_FIELDS, hasFields(EVENT_FIELDS));
const EVENT = v.pipe(
  EVENT_SHAPE,
  v.check(
    (event) => ACTION_NAMES.filter((name) => Object.hasOwn(event, name)).length === 1,
    `needs exactly one of ${ACTION_NAMES.join(', ')}`,
  ),
  v.check(({ hashrate, factor }) => hashrate === undefined || factor !== undefined, 'needs a factor of the hashrate'),
  v.transform((event): TimedEvent => ({ atSeconds: event.atSeconds, action: actionOf(event) })),
);
const EVENTS = v.pipe(
  v.array(v.unknown()),
  v.maxLength(MAX_EVENTS, `has more than ${MAX_EVENTS} events`),
  v.array(EVENT),
);
const FAULT_FIELDS = Object.fromEntries(FAULT_NAMES.map((name) => [name, numberIn(STRENGTHS)]));
/** As text, or strengths by name. Their order is kept: faults are installed in it. */
const FAULTS = v.pipe(
  v.unknown(),
  v.check((value) => !Array.isArray(value), mustBe('an object')),
  v.lazy((value) => (typeof value === 'string' ? FAULT_LIST : faultObject(Object.keys(Object(value))))),
);
const FAULT_LIST = v.pipe(v.string(), v.transform(parseFaults));
/** The fields of a scenario file. All are optional. */
export const SCENARIO_FIELDS = {
  name: v.exactOptional(v.string()),
  seed: v.exactOptional(numberIn(PLAN_RANGES.seed)),
  nodes: v.exactOptional(numberIn(PLAN_RANGES.nodes)),
  outbound: v.exactOptional(numberIn(PLAN_RANGES.outbound)),
  connections: v.exactOptional(v.nullable(CONNECTIONS)),
  minutes: v.exactOptional(numberIn(PLAN_RANGES.minutes)),
  spacingSeconds: v.exactOptional(numberIn(PLAN_RANGES.spacingSeconds)),
  delayMs: v.exactOptional(v.custom<Plan['delayMs']>(PLAN_DELAYS.isValid, mustBe(PLAN_DELAYS.what))),
  bytesPerSecond: v.exactOptional(v.nullable(numberIn(PLAN_RANGES.bytesPerSecond))),
  links: v.exactOptional(LINKS),
  hashShares: v.exactOptional(v.nullable(SHARES)),
  transactionsPerMinute: v.exactOptional(numberIn(PLAN_RANGES.transactionsPerMinute)),
  contractShare: v.exactOptional(numberIn(PLAN_RANGES.contractShare)),
  faults: v.exactOptional(FAULTS),
  events: v.exactOptional(EVENTS),
  heals: v.exactOptional(v.boolean()),
};
const SCENARIO = v.strictObject(SCENARIO_FIELDS, hasFields(SCENARIO_FIELDS));

/**
 * Parses a scenario file: JSON whose fields are those of a plan, all optional. Throws {@link ScenarioError} with the place
 * and the problem. Whether the fields go together is for {@link checkPlan}, since options may change some of them.
 */
export function parseScenario(text: string): Plan {
  return planOf(parseScenarioFields(text));
}

/** The plan of a file with these fields: the others are as usual. */
export function planOf(fields: Partial<Plan>): Plan {
  return { ...DEFAULT_PLAN, seed: DEFAULT_SEED, ...fields };
}

/** The fields that a scenario file has, and no others. Throws {@link ScenarioError} as {@link parseScenario} does. */
export function parseScenarioFields(text: string): Partial<Plan> {
  try {
    return parseJsonFile(text, (json, config) => v.safeParse(SCENARIO, json, config));
  } catch (error) {
    throw error instanceof JsonFileError ? new ScenarioError(error.message) : error;
  }
}

/** Looks at what a plan's fields say of each other. Throws {@link ScenarioError}. */
export function checkPlan({ nodes, minutes, connections, hashShares, links, events }: Plan): void {
  if (hashShares && hashShares.length > nodes)
    throw new ScenarioError(`hashShares: names ${hashShares.length} nodes, and there are ${nodes}`);
  const pairs = (connections ?? []).map(([from, to]) => ({ from, to }));
  checkLinks('connections', pairs, nodes);
  checkLinks('links', links, nodes);
  events.forEach(({ atSeconds, action }, i) => {
    const where = `events[${i}]`;
    if (atSeconds >= minutes * SECONDS_PER_MINUTE)
      throw new ScenarioError(`${where}: is at ${atSeconds} s, and the network is healed after ${minutes} min`);
    if (action.kind === 'links') checkLinks(`${where}.links`, action.links, nodes);
    const named = nodesOf(action);
    const stranger = named.find((node) => node >= nodes);
    if (stranger !== undefined)
      throw new ScenarioError(`${where}: names node ${stranger}, and there are 0 to ${nodes - 1}`);
    const twice = named.find((node, at) => named.indexOf(node) !== at);
    if (twice !== undefined) throw new ScenarioError(`${where}: has node ${twice} in more than one group`);
  });
}

function nodesOf(action: TimedAction): readonly number[] {
  if (action.kind === 'partition') return action.groups.flat();
  return action.kind === 'heal' || action.kind === 'links' ? [] : [action.node];
}

function checkLinks(where: string, links: readonly Pick<PlannedLink, 'from' | 'to'>[], nodes: number): void {
  const seen = new Set<string>();
  links.forEach(({ from, to }, i) => {
    const stranger = [from, to].find((node) => node >= nodes);
    if (stranger !== undefined)
      throw new ScenarioError(`${where}[${i}]: names node ${stranger}, and there are 0 to ${nodes - 1}`);
    if (from === to) throw new ScenarioError(`${where}[${i}]: is from node ${from} to itself`);
    if (seen.has(`${from} ${to}`)) throw new ScenarioError(`${where}[${i}]: is again from node ${from} to node ${to}`);
    seen.add(`${from} ${to}`);
  });
}

/** Parses `none`, `all`, or names with or without a strength: `crash,partition=0.3`. Throws {@link ScenarioError}. */
export function parseFaults(text: string): ReadonlyMap<FaultName, number> {
  if (text === 'none') return new Map();
  if (text === 'all') return new Map(FAULT_NAMES.map((name) => [name, DEFAULT_STRENGTH]));
  const faults = new Map<FaultName, number>();
  for (const item of text.split(',')) {
    const [name = '', ...strengths] = item.split('=');
    const fault = faultName(name);
    if (faults.has(fault)) throw new ScenarioError(`"${name}" is there twice`);
    faults.set(fault, strengths.length === 0 ? DEFAULT_STRENGTH : strengthOf(name, strengths.join('=')));
  }
  return faults;
}

function strengthOf(name: string, text: string): number {
  const strength = parseNumber(STRENGTHS, text);
  if (strength !== null) return strength;
  throw new ScenarioError(`the strength of ${name} must be ${describeRange(STRENGTHS)}, not "${quotable(text)}"`);
}

function faultName(name: string): FaultName {
  const known = FAULT_NAMES.find((each) => each === name);
  if (name === 'none' || name === 'all') throw new ScenarioError(`"${name}" stands alone, without other faults`);
  if (!known) throw new ScenarioError(`there is no fault "${quotable(name)}"; there are ${FAULT_NAMES.join(', ')}`);
  return known;
}

/** @param names the fields of the object, in its order */
function faultObject(names: readonly string[]) {
  const known = names.filter((name) => Object.hasOwn(FAULT_FIELDS, name));
  const fields = Object.fromEntries(known.map((name) => [name, numberIn(STRENGTHS)]));
  return v.pipe(
    v.strictObject(fields, hasFields(FAULT_FIELDS)),
    v.transform((given) => new Map(Object.entries(given).map(([name, strength]) => [faultName(name), strength]))),
  );
}

function actionOf({
  partition,
  crash,
  start,
  hashrate,
  factor,
  links,
}: v.InferOutput<typeof EVENT_SHAPE>): TimedAction {
  if (partition !== undefined) return { kind: 'partition', groups: partition };
  if (crash !== undefined) return { kind: 'crash', node: crash };
  if (start !== undefined) return { kind: 'start', node: start };
  if (links !== undefined) return { kind: 'links', links };
  if (hashrate !== undefined && factor !== undefined) return { kind: 'hashrate', node: hashrate, factor };
  return { kind: 'heal' };
}

function isPairOfNodes(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && value.every((each) => isInRange(NODES, each));
}

function conditionOf<K extends keyof LinkConditions>(name: K) {
  const { isValid, what } = LINK_FIELDS[name];
  return v.exactOptional(v.custom<LinkConditions[K]>(isValid, mustBe(what)));
}

function numberIn(range: NumberRange) {
  return v.custom<number>((value) => isInRange(range, value), mustBe(describeRange(range)));
}
