import { readFileSync } from 'node:fs';
import type { NodeProcess } from '../testing/processes.ts';
import { demand } from './failure.ts';

const BYTES_PER_KIB = 1_024;

/** What a node took of its machine at one time. */
export interface Sample {
  readonly atMs: number;
  /** Memory of its own, without what is mapped from files; null where the system does not say. */
  readonly anonymousBytes: number | null;
  readonly heapBytes: number;
  /** Open files and sockets. */
  readonly descriptors: number;
  /** Sockets, timers and requests that keep the process alive. */
  readonly resources: number;
  /**
   * Listeners of the process itself. Those of sockets, other emitters and abort signals nobody can count from outside;
   * of them, more than ten on one object make the runtime warn, which a soak does not forgive.
   */
  readonly listeners: number;
  /** Subscriptions to the API. */
  readonly subscriptions: number;
  readonly height: number;
}

/** What of a sample has to stay level. */
export const LEVELS = [
  'anonymousBytes',
  'heapBytes',
  'descriptors',
  'resources',
  'listeners',
  'subscriptions',
] as const;

export type LevelName = (typeof LEVELS)[number];

/** By how much the last third of a run may be above the middle third: a share of it, and an amount. */
const TOLERANCES: Readonly<Record<LevelName, { readonly share: number; readonly amount: number }>> = {
  anonymousBytes: { share: 0.15, amount: 32 * BYTES_PER_KIB ** 2 },
  heapBytes: { share: 0.15, amount: 8 * BYTES_PER_KIB ** 2 },
  descriptors: { share: 0, amount: 8 },
  resources: { share: 0, amount: 8 },
  listeners: { share: 0, amount: 0 },
  subscriptions: { share: 0, amount: 0 },
};
/** A block that comes takes memory for good: its entry in the index of headers. */
const BYTES_PER_BLOCK = 2_048;
/** Fewer samples in a third say nothing. */
const MIN_SAMPLES = 8;

/** Asks a node for its numbers. */
export async function takeSample({ url, program }: NodeProcess, limitMs: number): Promise<Sample> {
  const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(limitMs) });
  const text = await response.text();
  demandWithinLimits(text);
  const number = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  return {
    atMs: performance.now(),
    anonymousBytes: anonymousBytes(program.child.pid),
    heapBytes: number('nodejs_heap_size_used_bytes'),
    descriptors: number('process_open_fds'),
    resources: number('nodejs_active_resources_total'),
    listeners: number('forklore_process_listeners'),
    subscriptions: number('forklore_subscriptions'),
    height: number('forklore_height'),
  };
}

/** Throws `TortureFailure` where a node says that it holds more of something than it may. */
export function demandWithinLimits(metrics: string): void {
  const limits = new Map(gaugesOf(metrics, 'forklore_held_limit'));
  demand(limits.size > 0, 'a node tells of no limits');
  for (const [what, count] of gaugesOf(metrics, 'forklore_held')) {
    const limit = limits.get(what) ?? 0;
    demand(count <= limit, `holds ${count} ${what}, at most ${limit}`);
  }
}

function gaugesOf(metrics: string, name: string): [what: string, value: number][] {
  const lines = metrics.matchAll(new RegExp(`^${name}\\{what="([^"]*)"\\} (\\S+)$`, 'gm'));
  return Array.from(lines, ([, what = '', value]) => [what, Number(value)]);
}

/** What has to be exactly as it was, however short the run was. */
const COUNTED = ['listeners', 'subscriptions'] as const satisfies readonly LevelName[];

/** Throws `TortureFailure` where what is counted exactly is more than it was. */
export function demandSameCounts(first: Sample, last: Sample): void {
  for (const name of COUNTED) demand(last[name] <= first[name], `${name} grew from ${first[name]} to ${last[name]}`);
}

/** The least that was taken in a third of a run: what garbage that is not collected yet adds is not in it. */
export interface LevelChange {
  readonly name: LevelName;
  readonly middle: number;
  readonly last: number;
  readonly isLevel: boolean;
}

/** Compares the last third of a process's samples with its middle third; null where there are too few. */
export function judgeLevels(samples: readonly Sample[]): LevelChange[] | null {
  const third = Math.floor(samples.length / 3);
  if (third < MIN_SAMPLES) return null;
  const middle = samples.slice(third, 2 * third);
  const last = samples.slice(-third);
  const blocks = Math.max(0, (last.at(-1)?.height ?? 0) - (middle[0]?.height ?? 0));
  return LEVELS.map((name) => {
    const [before, after] = [leastOf(middle, name), leastOf(last, name)];
    const { share, amount } = TOLERANCES[name];
    const forBlocks = name.endsWith('Bytes') ? blocks * BYTES_PER_BLOCK : 0;
    return { name, middle: before, last: after, isLevel: after <= before * (1 + share) + amount + forBlocks };
  });
}

function leastOf(samples: readonly Sample[], name: LevelName): number {
  return Math.min(...samples.map((sample) => sample[name] ?? 0));
}

/** Linux tells it, and no other system in this way. */
function anonymousBytes(pid: number | undefined): number | null {
  try {
    const [, kib] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kib === undefined ? null : Number(kib) * BYTES_PER_KIB;
  } catch {
    return null;
  }
}
