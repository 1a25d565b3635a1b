import type { PlantedBug } from '../simulator/planted-bugs/planted-bug.ts';

/** Seeds in which each bug has to be found; `npm run planted-bugs` says how soon each one is. */
export const HUNT_SEEDS = 60;

const DAY_MS = 86_400_000;

/** Some of the bugs, and how to get the same ones again. */
export interface PlantedSample {
  readonly bugs: readonly PlantedBug[];
  readonly number: number;
  readonly of: number;
}

/**
 * Every nth of the bugs that are found soon, at most `most` of them. Each day has the next sample, so that n days cover
 * every bug.
 * @param chosen number of the sample, from 1, where it is not the day's
 */
export function plantedSample(
  all: readonly PlantedBug[],
  most: number,
  nowMs: number,
  chosen: string | undefined,
): PlantedSample {
  const soonFound = all.filter(({ isSeldom }) => !isSeldom);
  const of = Math.max(1, Math.ceil(soonFound.length / most));
  const number = chosen === undefined ? 1 + (Math.floor(nowMs / DAY_MS) % of) : Number(chosen);
  if (!Number.isInteger(number) || number < 1 || number > of) {
    throw new Error(`FORKLORE_SAMPLE must be a whole number from 1 to ${of}, not "${chosen}"`);
  }
  return { bugs: soonFound.filter((_, index) => index % of === number - 1), number, of };
}

/** What to do when a bug was not found. */
export function missed({ name }: PlantedBug): string {
  return `no seed failed; again: npm run planted-bugs -- --seeds 1..${HUNT_SEEDS} --only "${name}"`;
}
