import fc from 'fast-check';
import { bytesToHex, hexToBytes } from '../../consensus/hex.ts';
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
export async function fuzz(target: FuzzTarget, plan: FuzzPlan): Promise<FuzzResult> {
  return await opened(target, () => search(target, plan));
}

/** Starts what a target talks to, and stops it afterwards, whatever came of it. */
export async function opened<T>({ open }: FuzzTarget, use: () => Promise<T> | T): Promise<T> {
  const close = await open?.();
  try {
    return await use();
  } finally {
    await close?.();
  }
}

async function search(target: FuzzTarget, { seed, runs, limitMs, path }: FuzzPlan): Promise<FuzzResult> {
  const details = await fc.check(target.property, {
    seed,
    numRuns: runs,
    ...(limitMs === undefined ? {} : { interruptAfterTimeLimit: limitMs, markInterruptAsFailure: false }),
    ...(path === undefined ? {} : { path }),
  });
  const { failed, counterexample, counterexamplePath, errorInstance } = details;
  // fast-check calls it a failure, too, when the time was up before the first input.
  if (!failed || counterexample === null) return { inputs: details.numRuns, failure: null };
  const error = errorInstance instanceof Error ? errorInstance : new Error(String(errorInstance));
  const replay = `npm run fuzz -- --only ${target.name} --seed ${seed} --path ${counterexamplePath}`;
  return { inputs: details.numRuns, failure: { input: counterexample[0], error, replay } };
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

/** Fields of inputs that JSON cannot hold: numbers of 64 bits as decimal text, bytes as hex. */
const NUMBER_FIELD = 'number';
const BYTE_FIELDS = ['noise', 'bytes'];

function notationOf(target: FuzzTarget, input: unknown): string {
  if (target.notation === 'bytes') return JSON.stringify(bytesToHex(input as Uint8Array));
  return JSON.stringify(input, (_, value) => {
    if (typeof value === 'bigint') return value.toString();
    return value instanceof Uint8Array ? bytesToHex(value) : value;
  });
}

/** An input of a target from what `test/vectors/found.json` holds. */
export function inputFrom(target: FuzzTarget, written: unknown): unknown {
  if (target.notation === 'bytes') return hexToBytes(String(written));
  return JSON.parse(JSON.stringify(written), (key, value) => {
    if (key === NUMBER_FIELD) return BigInt(value);
    return BYTE_FIELDS.includes(key) ? hexToBytes(value) : value;
  });
}
