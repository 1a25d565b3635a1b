import { SeededRandom } from '../simulator/seeded-random.ts';
import { DISK_TRIALS, type DiskOutcome, type DiskTrialName } from './disk.ts';
import { RunFailed } from './failure.ts';
import { Place } from './place.ts';
import { makePlan, type PlanOptions } from './plan.ts';
import { Round } from './round.ts';
import { Tally } from './tally.ts';

export interface TortureOptions extends PlanOptions {
  readonly kills: number;
  /** Makes the plan: what is killed when, and what is damaged. A random moment comes only about as planned. */
  readonly seed: number;
  /** Victims, each with its twin, that are tortured side by side. */
  readonly jobs: number;
  /** Trials of `DISK_TRIALS` that are also held. */
  readonly disk: readonly DiskTrialName[];
  readonly onProgress?: (tally: Tally) => void;
}

export interface TortureResult {
  readonly tally: Tally;
  readonly disk: readonly DiskOutcome[];
  readonly seconds: number;
}

/**
 * Kills real nodes as often as asked, under load, and holds them to everything that they acknowledged. Leaves no
 * process behind, and no folder unless it fails. Throws `RunFailed`.
 */
export async function torture(options: TortureOptions): Promise<TortureResult> {
  const startMs = performance.now();
  const tally: Tally = new Tally(() => options.onProgress?.(tally));
  const place = Place.make();
  const random = new SeededRandom(options.seed);
  const rounds = makePlan(options.kills, random, options);
  const disk: DiskOutcome[] = [];
  const work = rounds.map((plan) => async () => {
    const own = place.within(`round-${plan.number}`);
    await new Round(plan, own, tally).run();
    own.remove();
  });
  for (const name of options.disk) {
    work.push(async () => {
      disk.push({ name, outcome: await DISK_TRIALS[name](place.within(name)) });
    });
  }
  try {
    await inParallel(work, options.jobs, place);
  } catch (error) {
    throw new RunFailed(place.folder, error);
  }
  place.remove();
  return { tally, disk, seconds: (performance.now() - startMs) / 1_000 };
}

/** Runs all, up to `jobs` at a time. Rejects with the first error, once nothing is at work in the place any more. */
async function inParallel(work: readonly (() => Promise<void>)[], jobs: number, place: Place): Promise<void> {
  const waiting = [...work];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await next();
  };
  const workers = Array.from({ length: Math.max(1, jobs) }, worker);
  try {
    await Promise.all(workers);
  } catch (error) {
    // The others are of no interest any more; what they say of their sudden end neither.
    await place.close();
    await Promise.allSettled(workers);
    throw error;
  }
}
