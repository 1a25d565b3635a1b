import fc from 'fast-check';
import type { FuzzTarget } from './target.ts';

/** How long, or how often, one target is run, and where its inputs begin. */
export interface FuzzPlan {
  readonly seed: number;
  readonly runs: number;
  /** Milliseconds after which no further input is tried; without it, all `runs` are. */
  readonly limitMs?: number;
  /** Goes straight to one input, as a failure names it. */
  readonly path?: string;
}

/** What came of a run. */
export interface FuzzResult {
  readonly inputs: number;
  /** Null where everything held. */
  readonly failure: FuzzFailure | null;
}

export interface FuzzFailure {
  /** The smallest input found that fails. */
  readonly input: unknown;
  readonly error: Error;
  /** The one command that shows it again. */
  readonly replay: string;
}

/** Runs one target. The same plan gives the same inputs. */
export async function fuzz(target: FuzzTarget, { seed, runs, limitMs, path }: FuzzPlan): Promise<FuzzResult> {
  const details = await fc.check(target.property, {
    seed,
    numRuns: runs,
    ...(limitMs === undefined ? {} : { interruptAfterTimeLimit: limitMs, markInterruptAsFailure: false }),
    ...(path === undefined ? {} : { path }),
  });
  if (!details.failed) return { inputs: details.numRuns, failure: null };
  const { counterexample, counterexamplePath, errorInstance } = details;
  const error = errorInstance instanceof Error ? errorInstance : new Error(String(errorInstance));
  const replay = `npm run fuzz -- --only ${target.name} --seed ${seed} --path ${counterexamplePath}`;
  return { inputs: details.numRuns, failure: { input: counterexample?.[0], error, replay } };
}

/** A failure as people read it: what, why, and how to see it again. */
export function describeFailure(target: FuzzTarget, { input, error, replay }: FuzzFailure): string {
  return [
    `${target.name} fails`,
    `  ${error.stack ?? error.message}`,
    `  input, as test/vectors/found.json takes it: ${notationOf(target, input)}`,
    `  again: ${replay}`,
  ].join('\n');
}

function notationOf(target: FuzzTarget, input: unknown): string {
  if (target.notation === 'bytes') return JSON.stringify(Buffer.from(input as Uint8Array).toString('hex'));
  return JSON.stringify(input, (_, value) => {
    if (typeof value === 'bigint') return `${value}n`;
    return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
  });
}
