import type { LinkConditions } from '../protocol/link-conditions.ts';
import type { Plan } from './plan.ts';
import { randomStream } from './seeded-random.ts';

/** Variation of the delay of a message around that of its path, as a share of it. */
const JITTER = 0.1;

/**
 * What a plan says of the way between two nodes, named by their numbers: each has a place on a line that its seed draws, and
 * the delay of a pair follows from their distance, the same in both directions.
 */
export function distancesOf({
  seed,
  nodes,
  delayMs: [least, most],
  bytesPerSecond,
}: Pick<Plan, 'seed' | 'nodes' | 'delayMs' | 'bytesPerSecond'>): (
  from: number,
  to: number,
) => Pick<LinkConditions, 'delayMs' | 'bytesPerSecond'> {
  const random = randomStream(seed, 'distances');
  const places = Array.from({ length: nodes }, () => random.fraction());
  const placeOf = (index: number): number => places[index % places.length] ?? 0;
  return (from, to) => {
    const delayMs = least + Math.abs(placeOf(from) - placeOf(to)) * (most - least);
    return { delayMs: [delayMs * (1 - JITTER), delayMs * (1 + JITTER)], bytesPerSecond };
  };
}
