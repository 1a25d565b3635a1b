import type { Point } from './peer-graph.ts';

/** How much a step to the side counts more than one ahead. */
const SIDEWAYS = 2;

/** Directions of the arrow keys. */
const DIRECTIONS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/** The id of the place that is nearest in the direction of an arrow key; null where there is none, or for other keys. */
export function nearestTowards(from: string, key: string, places: ReadonlyMap<string, Point>): string | null {
  const direction = DIRECTIONS[key];
  const start = places.get(from);
  if (!direction || !start) return null;
  let nearest: string | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const [id, { x, y }] of places) {
    const [dx, dy] = [x - start.x, y - start.y];
    const ahead = dx * direction.x + dy * direction.y;
    const aside = Math.abs(dx * direction.y - dy * direction.x);
    const cost = ahead + aside * SIDEWAYS;
    if (id === from || ahead <= 1 || cost >= least) continue;
    least = cost;
    nearest = id;
  }
  return nearest;
}
