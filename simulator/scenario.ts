import { FAULT_NAMES, type FaultName } from './faults/names.ts';
import type { Plan, TimedAction, TimedEvent } from './plan.ts';

/** Values that make sense; beyond the largest a simulation would not end. */
export const MAX_NODES = 5_000;
export const MIN_MINUTES = 0.1;
export const MAX_MINUTES = 7 * 24 * 60;
export const MAX_SPACING_SECONDS = 3_600;
const MAX_DELAY_MS = 60_000;
export const MAX_TRANSACTIONS_PER_MINUTE = 100_000;
const MAX_BYTES_PER_SECOND = 1_000_000_000;
const MAX_OUTBOUND = 8;
const MAX_EVENTS = 10_000;
const MAX_FACTOR = 1_000;
export const MAX_SEED = Number.MAX_SAFE_INTEGER;
const LONGEST_QUOTE = 60;
const SECONDS_PER_MINUTE = 60;

/** A scenario file or an option says something that cannot be done. The message is one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What a plan has where nobody says otherwise: no faults, a small network on one continent. */
export const DEFAULT_PLAN: Omit<Plan, 'seed'> = {
  name: 'simulation',
  nodes: 10,
  outbound: 3,
  minutes: 60,
  spacingSeconds: 10,
  delayMs: [10, 100],
  bytesPerSecond: null,
  hashShares: null,
  transactionsPerMinute: 0,
  faults: new Map(),
  events: [],
  heals: true,
};

type Fields = Record<string, unknown>;

/**
 * Parses a scenario file: JSON whose fields are those of a plan, all optional. Throws `UsageError` with the place and
 * the problem. Whether the fields go together is for `checkPlan`, since options may change some of them.
 */
export function parseScenario(text: string): Plan {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`is not JSON: ${error instanceof Error ? error.message : error}`);
  }
  const fields = object(json, 'the scenario', [
    'name',
    'seed',
    'nodes',
    'outbound',
    'minutes',
    'spacingSeconds',
    'delayMs',
    'bytesPerSecond',
    'hashShares',
    'transactionsPerMinute',
    'faults',
    'events',
    'heals',
  ]);
  const given = <T>(name: string, parse: (value: unknown, where: string) => T, otherwise: T): T =>
    fields[name] === undefined ? otherwise : parse(fields[name], `"${name}"`);
  return {
    name: given('name', string, DEFAULT_PLAN.name),
    seed: given('seed', integer(0, MAX_SEED), 1),
    nodes: given('nodes', integer(1, MAX_NODES), DEFAULT_PLAN.nodes),
    outbound: given('outbound', integer(1, MAX_OUTBOUND), DEFAULT_PLAN.outbound),
    minutes: given('minutes', number(MIN_MINUTES, MAX_MINUTES), DEFAULT_PLAN.minutes),
    spacingSeconds: given('spacingSeconds', integer(1, MAX_SPACING_SECONDS), DEFAULT_PLAN.spacingSeconds),
    delayMs: given('delayMs', delays, DEFAULT_PLAN.delayMs),
    bytesPerSecond: given('bytesPerSecond', orNull(number(1, MAX_BYTES_PER_SECOND)), DEFAULT_PLAN.bytesPerSecond),
    hashShares: given('hashShares', orNull(shares), DEFAULT_PLAN.hashShares),
    transactionsPerMinute: given(
      'transactionsPerMinute',
      number(0, MAX_TRANSACTIONS_PER_MINUTE),
      DEFAULT_PLAN.transactionsPerMinute,
    ),
    faults: given('faults', faults, DEFAULT_PLAN.faults),
    events: given('events', events, DEFAULT_PLAN.events),
    heals: given('heals', boolean, DEFAULT_PLAN.heals),
  };
}

/** Looks at what a plan's fields say of each other. Throws `UsageError`. */
export function checkPlan({ nodes, minutes, hashShares, events }: Plan): void {
  if (hashShares && hashShares.length > nodes)
    throw new UsageError(`"hashShares" names ${hashShares.length} nodes, and there are ${nodes}`);
  events.forEach(({ atSeconds, action }, i) => {
    const where = `"events", item ${i + 1},`;
    if (atSeconds >= minutes * SECONDS_PER_MINUTE)
      throw new UsageError(`${where} is at ${atSeconds} s, and the network is healed after ${minutes} min`);
    const named = nodesOf(action);
    const stranger = named.find((node) => node >= nodes);
    if (stranger !== undefined)
      throw new UsageError(`${where} names node ${stranger}, and there are 0 to ${nodes - 1}`);
    const twice = named.find((node, at) => named.indexOf(node) !== at);
    if (twice !== undefined) throw new UsageError(`${where} has node ${twice} in more than one group`);
  });
}

function nodesOf(action: TimedAction): readonly number[] {
  if (action.kind === 'partition') return action.groups.flat();
  return action.kind === 'heal' ? [] : [action.node];
}

/** Parses `none`, `all`, or names with or without a strength: `crash,partition=0.3`. Throws `UsageError`. */
export function parseFaults(text: string): ReadonlyMap<FaultName, number> {
  if (text === 'none') return new Map();
  const DEFAULT_STRENGTH = 0.5;
  if (text === 'all') return new Map(FAULT_NAMES.map((name) => [name, DEFAULT_STRENGTH]));
  const faults = new Map<FaultName, number>();
  for (const item of text.split(',')) {
    const [name = '', ...strengths] = item.split('=');
    const fault = faultName(name);
    if (faults.has(fault)) throw new UsageError(`"${name}" is there twice`);
    const strength = strengths.length === 0 ? DEFAULT_STRENGTH : decimal(strengths.join('='));
    faults.set(fault, number(0, 1)(strength, `the strength of ${name}`));
  }
  return faults;
}

function faults(value: unknown, where: string): ReadonlyMap<FaultName, number> {
  if (typeof value === 'string') return parseFaults(value);
  const fields = object(value, where, FAULT_NAMES);
  return new Map(
    Object.entries(fields).map(([name, strength]) => [faultName(name), number(0, 1)(strength, `${where}, "${name}"`)]),
  );
}

function faultName(name: string): FaultName {
  const known = FAULT_NAMES.find((each) => each === name);
  if (name === 'none' || name === 'all') throw new UsageError(`"${name}" stands alone, without other faults`);
  if (!known) throw new UsageError(`there is no fault ${quote(name)}; there are ${FAULT_NAMES.join(', ')}`);
  return known;
}

function events(value: unknown, where: string): readonly TimedEvent[] {
  const items = array(value, where);
  if (items.length > MAX_EVENTS) throw new UsageError(`${where} has ${items.length} events, at most ${MAX_EVENTS}`);
  return items.map((item, i) => timedEvent(item, `${where}, item ${i + 1}`));
}

function timedEvent(value: unknown, where: string): TimedEvent {
  const node = integer(0, MAX_NODES - 1);
  const actions: Record<string, (value: unknown, where: string, fields: Fields) => TimedAction> = {
    partition: (groups, at) => ({
      kind: 'partition',
      groups: array(groups, at).map((group) =>
        array(group, `${at}, a group`).map((each) => node(each, `${at}, a node`)),
      ),
    }),
    heal: () => ({ kind: 'heal' }),
    crash: (each, at) => ({ kind: 'crash', node: node(each, at) }),
    start: (each, at) => ({ kind: 'start', node: node(each, at) }),
    hashrate: (each, at, { factor }) => ({
      kind: 'hashrate',
      node: node(each, at),
      factor: number(0, MAX_FACTOR)(factor, `${where}, "factor"`),
    }),
  };
  const fields = object(value, where, ['atSeconds', 'factor', ...Object.keys(actions)]);
  const named = Object.keys(fields).filter((name) => Object.hasOwn(actions, name));
  const [name = ''] = named;
  const parse = actions[name];
  if (named.length !== 1 || !parse) {
    throw new UsageError(`${where} needs exactly one of ${Object.keys(actions).join(', ')}`);
  }
  const atSeconds = number(0, MAX_MINUTES * SECONDS_PER_MINUTE)(fields.atSeconds, `${where}, "atSeconds"`);
  return { atSeconds, action: parse(fields[name], `${where}, "${name}"`, fields) };
}

function object(value: unknown, where: string, known: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError(`${where} must be an object, not ${quote(value)}`);
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`${where} has no field ${quote(unknown)}; there are ${known.join(', ')}`);
  return { ...value };
}

function array(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new UsageError(`${where} must be a list, not ${quote(value)}`);
  return value;
}

function string(value: unknown, where: string): string {
  if (typeof value !== 'string') throw new UsageError(`${where} must be text, not ${quote(value)}`);
  return value;
}

function boolean(value: unknown, where: string): boolean {
  if (typeof value !== 'boolean') throw new UsageError(`${where} must be true or false, not ${quote(value)}`);
  return value;
}

function orNull<T>(parse: (value: unknown, where: string) => T): (value: unknown, where: string) => T | null {
  return (value, where) => (value === null ? null : parse(value, where));
}

/** A number as it is printed, such as 0.5 or 1e-7; or the text itself, which no check for numbers passes. */
export function decimal(text: string): number | string {
  return /^\d+(\.\d+)?(e-\d+)?$/.test(text) ? Number(text) : text;
}

/** Parses a number of a range. */
export function number(least: number, most: number): (value: unknown, where: string) => number {
  return (value, where) => {
    if (typeof value !== 'number' || !(value >= least && value <= most))
      throw new UsageError(`${where} must be a number from ${least} to ${most}, not ${quote(value)}`);
    return value;
  };
}

/** Parses a whole number of a range. */
export function integer(least: number, most: number): (value: unknown, where: string) => number {
  return (value, where) => {
    if (!Number.isInteger(value) || !(Number(value) >= least && Number(value) <= most))
      throw new UsageError(`${where} must be a whole number from ${least} to ${most}, not ${quote(value)}`);
    return Number(value);
  };
}

/** Parses two delays in milliseconds, the shorter one first. */
export function delays(value: unknown, where: string): readonly [number, number] {
  const [least, most, ...rest] = array(value, where).map((each) => number(0, MAX_DELAY_MS)(each, where));
  if (least === undefined || most === undefined || rest.length > 0 || least > most)
    throw new UsageError(`${where} must be two numbers, the smaller one first, not ${quote(value)}`);
  return [least, most];
}

function shares(value: unknown, where: string): readonly number[] {
  const list = array(value, where).map((each) => number(0, MAX_FACTOR)(each, where));
  if (!list.some((share) => share > 0)) throw new UsageError(`${where} leaves nobody to mine`);
  return list;
}

function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= LONGEST_QUOTE ? text : `${text.slice(0, LONGEST_QUOTE)}…`;
}
