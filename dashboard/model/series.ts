import type { BlockRecord, Sighting } from './records.ts';

/** A curve: equally many xs and ys; null where there is nothing to draw. */
export interface Series {
  readonly xs: readonly number[];
  readonly ys: readonly (number | null)[];
}

const MS_PER_SECOND = 1_000;
/** Blocks over which a hash rate is estimated: fewer swing wildly, more lag behind. */
const HASHRATE_WINDOW = 10;

/** Seconds between blocks by height. @param chain blocks that build on each other, highest first */
export function intervalsOf(chain: readonly BlockRecord[]): Series {
  const steps = pairsOf(chain).map(({ block, parent }) => ({ x: block.height, y: secondsBetween(parent, block) }));
  return seriesOf(steps);
}

/** Difficulty by height. */
export function difficultiesOf(chain: readonly BlockRecord[]): Series {
  return seriesOf([...chain].reverse().map((block) => ({ x: block.height, y: block.body?.difficulty ?? null })));
}

/**
 * Hashes per second that the blocks speak for: work over time, of the last ten blocks. Without time between them there
 * is no rate.
 */
export function hashratesOf(chain: readonly BlockRecord[]): Series {
  const rising = [...chain].reverse();
  const points = rising.slice(HASHRATE_WINDOW).map((block, index) => {
    const start = rising[index];
    const seconds = start ? secondsBetween(start, block) : null;
    const y = start && seconds !== null && seconds > 0 ? Number(block.chainWork - start.chainWork) / seconds : null;
    return { x: block.height, y };
  });
  return seriesOf(points);
}

/** Upper bounds of the bars of a histogram of delays, in milliseconds; one more holds the rest, up to `MAX_DELAY_MS`. */
export const DELAY_BOUNDS_MS = [2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000] as const;
/** A node that sees a block later than this was away when it was mined, and says nothing about propagation. */
export const MAX_DELAY_MS = 30_000;

/** How many times a block took how long from the first node to another: one count for each bar. */
export function delaysOf(sightings: Iterable<Iterable<Sighting>>): number[] {
  const counts = Array.from({ length: DELAY_BOUNDS_MS.length + 1 }, () => 0);
  for (const seen of sightings) {
    const times = [...seen].map(({ atMs }) => atMs).sort((a, b) => a - b);
    const [first, ...others] = times;
    if (first === undefined) continue;
    for (const atMs of others) {
      const delayMs = atMs - first;
      if (delayMs > MAX_DELAY_MS) continue;
      const index = DELAY_BOUNDS_MS.findIndex((bound) => delayMs < bound);
      const bar = index === -1 ? DELAY_BOUNDS_MS.length : index;
      counts[bar] = (counts[bar] ?? 0) + 1;
    }
  }
  return counts;
}

function pairsOf(chain: readonly BlockRecord[]): { block: BlockRecord; parent: BlockRecord }[] {
  const rising = [...chain].reverse();
  return rising.flatMap((block, index) => {
    const parent = rising[index - 1];
    // The genesis block was made long before anybody mined.
    return parent && parent.height > 0 ? [{ block, parent }] : [];
  });
}

function secondsBetween(parent: BlockRecord, block: BlockRecord): number | null {
  if (!parent.body || !block.body || parent.height === 0) return null;
  return (block.body.timeMs - parent.body.timeMs) / MS_PER_SECOND;
}

function seriesOf(points: readonly { readonly x: number; readonly y: number | null }[]): Series {
  return { xs: points.map(({ x }) => x), ys: points.map(({ y }) => y) };
}
