import type { FaultName } from '../faults/names.ts';
import type { Outcome, SimulationFailure } from '../run.ts';
import { type Figures, type Quantiles, quantilesOf, type TransactionFigures } from '../statistics.ts';

const LABEL_WIDTH = 14;
const MAX_DEPTHS = 12;
const MAX_MINERS = 8;
const MAX_STACK_LINES = 8;
const MINUTES_PER_HOUR = 60;
const MS_PER_SECOND = 1_000;

/** The report of one run, in lines for people. */
export function reportOf({ plan, failure, isPartial, figures, trace }: Outcome, seconds: number): string {
  const faults = [...plan.faults].map(([name, strength]) => `${name} ${strength.toFixed(2)}`).join(', ') || 'none';
  return [
    `${plan.name}: ${count(plan.nodes, 'node')}, ${minutes(figures.virtualMinutes)} of their time, a block every ${plan.spacingSeconds} s`,
    '',
    line('seed', String(plan.seed)),
    line('faults', faults),
    line('mined by', minersOf(figures)),
    ...figureLines(figures),
    line('speed', speed(plan.nodes * figures.virtualMinutes, seconds)),
    line('trace', trace),
    '',
    failure ? `✗ ${failureText(failure)}` : `✓ every check held${isPartial ? ' so far' : ''}`,
  ].join('\n');
}

/** Totals of many runs, out of `asked`. */
export function summaryOf(outcomes: readonly Outcome[], asked: number, seconds: number, runsEach: number): string {
  const figures = total(outcomes.map((outcome) => outcome.figures));
  const nodeMinutes = outcomes.reduce((sum, { plan, figures }) => sum + plan.nodes * figures.virtualMinutes, 0);
  const failed = outcomes.filter(({ failure }) => failure).map(({ plan }) => plan.seed);
  const part = outcomes.length < asked ? ` so far, ${outcomes.length} of ${asked} seeds` : '';
  return [
    `${count(outcomes.length, 'seed')}, each run ${runsEach === 2 ? 'twice' : 'once'}: ${minutes(figures.virtualMinutes)} of network time`,
    '',
    ...figureLines(figures),
    line('speed', `${speed(nodeMinutes * runsEach, seconds)}, ${seconds.toFixed(0)} s in all`),
    '',
    failed.length === 0
      ? `✓ every check held${part}`
      : `✗ ${failed.length} of ${outcomes.length} seeds failed${part}: ${failed.join(', ')}`,
  ].join('\n');
}

/** How a failure can be found again. */
export interface Replay {
  /** The version that ran. */
  readonly version: string;
  /** The command that runs the network again. */
  readonly command: string;
}

/** What failed, with the command that reproduces it. */
export function failureReport({ failure, plan }: Outcome, { version, command }: Replay): string {
  if (!failure) return '';
  const stack = failure.stack?.split('\n').slice(0, MAX_STACK_LINES).join('\n');
  return [
    `seed ${plan.seed} failed: ${failureText(failure)}`,
    `  faults   ${faultsText(plan.faults)}`,
    `  version  ${version}`,
    `  replay   ${command}`,
    ...(stack ? [stack] : []),
  ].join('\n');
}

/** Faults as the command line takes them. */
export function faultsText(faults: ReadonlyMap<FaultName, number>): string {
  return faults.size === 0 ? 'none' : [...faults].map(([name, strength]) => `${name}=${strength}`).join(',');
}

function figureLines(figures: Figures): string[] {
  const known = figures.blocks + figures.staleBlocks;
  const staleShare = known === 0 ? 0 : (100 * figures.staleBlocks) / known;
  const unused = figures.unusedBlocks > 0 ? `; ${figures.unusedBlocks} more that no honest node stood on` : '';
  const spread = quantilesOf(figures.propagationMs);
  const intervals = quantilesOf(figures.intervalsMs);
  const depths = [...figures.reorgs]
    .slice(0, MAX_DEPTHS)
    .map(([depth, times]) => `${times} of ${count(depth, 'block')}`);
  const injected = [...figures.faultsInjected].map(([name, times]) => `${name} ${times}`);
  const ends = [...figures.ends].map(([why, times]) => `${why} ${times}`);
  const { messages, bytes, ...mishaps } = figures.traffic;
  const onTheWay = Object.entries(mishaps)
    .filter(([, times]) => times > 0)
    .map(([what, times]) => `${times} ${what}`)
    .join(', ');
  return [
    line(
      'blocks',
      `${figures.blocks} on the best chain, and ${figures.staleBlocks} stale (${staleShare.toFixed(1)} % of both)${unused}`,
    ),
    line('intervals', intervals ? `${quantiles(intervals)}, mean ${ms(mean(figures.intervalsMs))}` : 'no blocks'),
    line('propagation', spread ? quantiles(spread) : 'no block reached a second node'),
    line('reorgs', depths.length > 0 ? `${depths.join(', ')} (all nodes together)` : 'none'),
    line('transactions', fatesOf(figures.transactions)),
    line('injected', injected.join(', ') || 'nothing'),
    line('nodes ended', ends.join(', ') || 'none'),
    line('messages', `${messages}, ${(bytes / 1e6).toFixed(1)} MB${onTheWay ? `; ${onTheWay}` : ''}`),
    line('events', String(figures.events)),
  ];
}

function fatesOf({ submitted, accepted, confirmed, pending, foreign }: TransactionFigures): string {
  const rest = accepted - confirmed - pending;
  const others = foreign > 0 ? `; ${foreign} of intruders confirmed` : '';
  return `${submitted} submitted, ${submitted - accepted} refused, ${confirmed} confirmed, ${rest} replaced or dropped, ${pending} pending${others}`;
}

/** The shares of the best chain, the largest first. */
function minersOf({ miners, intruders, blocks }: Figures): string {
  const shares = [...miners]
    .sort(([, a], [, b]) => b - a)
    .map(([node, count]) => {
      const conduct = intruders.get(node);
      const who = conduct === undefined ? `node ${node}` : `${conduct} (node ${node})`;
      return `${who} ${((100 * count) / blocks).toFixed(1)} %`;
    });
  const rest = shares.length > MAX_MINERS ? `, and ${shares.length - MAX_MINERS} others` : '';
  return `${shares.slice(0, MAX_MINERS).join(', ')}${rest}` || 'no node';
}

function total(all: readonly Figures[]): Figures {
  const sum = (pick: (figures: Figures) => number): number => all.reduce((so, figures) => so + pick(figures), 0);
  return {
    virtualMinutes: sum((each) => each.virtualMinutes),
    blocks: sum((each) => each.blocks),
    unusedBlocks: sum((each) => each.unusedBlocks),
    staleBlocks: sum((each) => each.staleBlocks),
    propagationMs: all.flatMap((each) => each.propagationMs),
    intervalsMs: all.flatMap((each) => each.intervalsMs),
    // Numbers of nodes mean nothing over several networks.
    miners: new Map(),
    intruders: new Map(),
    reorgs: new Map([...merged(all.map((each) => each.reorgs))].sort(([a], [b]) => a - b)),
    transactions: {
      submitted: sum((each) => each.transactions.submitted),
      accepted: sum((each) => each.transactions.accepted),
      confirmed: sum((each) => each.transactions.confirmed),
      pending: sum((each) => each.transactions.pending),
      foreign: sum((each) => each.transactions.foreign),
    },
    ends: new Map([...merged(all.map((each) => each.ends))].sort()),
    faultsInjected: new Map([...merged(all.map((each) => each.faultsInjected))].sort()),
    events: sum((each) => each.events),
    traffic: {
      messages: sum((each) => each.traffic.messages),
      bytes: sum((each) => each.traffic.bytes),
      lost: sum((each) => each.traffic.lost),
      dropped: sum((each) => each.traffic.dropped),
      duplicated: sum((each) => each.traffic.duplicated),
      reordered: sum((each) => each.traffic.reordered),
    },
  };
}

function merged<K>(maps: readonly ReadonlyMap<K, number>[]): Map<K, number> {
  const sums = new Map<K, number>();
  for (const map of maps) for (const [key, value] of map) sums.set(key, (sums.get(key) ?? 0) + value);
  return sums;
}

function failureText({ check, node, atSeconds, message }: SimulationFailure): string {
  const where = node === null ? '' : `node ${node} `;
  return `[${check}] after ${atSeconds.toFixed(3)} s: ${where}${message}`;
}

function line(label: string, text: string): string {
  return `  ${label.padEnd(LABEL_WIDTH)}${text}`;
}

function speed(nodeMinutes: number, seconds: number): string {
  return `${(nodeMinutes / MINUTES_PER_HOUR / seconds).toPrecision(2)} node-hours a second`;
}

function minutes(value: number): string {
  if (value < MINUTES_PER_HOUR * 2) return `${value.toFixed(1)} minutes`;
  return `${(value / MINUTES_PER_HOUR).toFixed(1)} hours`;
}

function quantiles({ median, p90, p99 }: Quantiles): string {
  return `median ${ms(median)}, 90 % ${ms(p90)}, 99 % ${ms(p99)}`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** In the unit that leaves few digits. */
function ms(value: number): string {
  if (value >= MS_PER_SECOND) return `${(value / MS_PER_SECOND).toFixed(1)} s`;
  return `${value < 100 ? value.toFixed(1) : value.toFixed(0)} ms`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
