import type { Point } from './peer-graph.ts';

/** The convex hull of points, counterclockwise; fewer than three points are their own. Andrew's monotone chain. */
export function hullOf(points: readonly Point[]): readonly Point[] {
  const sorted = [...points].sort((a, b) => a.x - b.x || a.y - b.y);
  if (sorted.length < 3) return sorted;
  const lower = chainOf(sorted);
  const upper = chainOf(sorted.reverse());
  return [...lower.slice(0, -1), ...upper.slice(0, -1)];
}

function chainOf(points: readonly Point[]): Point[] {
  const chain: Point[] = [];
  for (const point of points) {
    while (chain.length >= 2 && turns(chain.at(-2), chain.at(-1), point) <= 0) chain.pop();
    chain.push(point);
  }
  return chain;
}

/** Positive where the way from a over b to c turns left. */
function turns(a: Point | undefined, b: Point | undefined, c: Point): number {
  if (!a || !b) return 0;
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

/** Whether a point is inside a polygon, by the even-odd rule. */
export function isInside({ x, y }: Point, polygon: readonly Point[]): boolean {
  let inside = false;
  for (const [index, b] of polygon.entries()) {
    const a = polygon.at(index - 1);
    if (!a || a.y > y === b.y > y) continue;
    if (x < ((b.x - a.x) * (y - a.y)) / (b.y - a.y) + a.x) inside = !inside;
  }
  return inside;
}

/** Whether two hulls lie apart: some line between them touches neither. */
export function areApart(a: readonly Point[], b: readonly Point[]): boolean {
  return separates(a, b) || separates(b, a);
}

/** Whether an edge of one has all of the other on its outer side; of a hull without an area, any direction. */
function separates(hull: readonly Point[], other: readonly Point[]): boolean {
  return hull.some((from, index) => {
    const to = hull[(index + 1) % hull.length] ?? from;
    const direction = from === to ? directionBetween(from, other) : { x: to.x - from.x, y: to.y - from.y };
    const sides = (points: readonly Point[]): number[] =>
      points.map(({ x, y }) => direction.x * (y - from.y) - direction.y * (x - from.x));
    return Math.max(...sides(other)) < Math.min(...sides(hull)) || Math.min(...sides(other)) > Math.max(...sides(hull));
  });
}

/** Across the way from a point to the middle of others. */
function directionBetween(from: Point, others: readonly Point[]): Point {
  const middle = others.reduce((sum, { x, y }) => ({ x: sum.x + x, y: sum.y + y }), { x: 0, y: 0 });
  return { x: -(middle.y / others.length - from.y), y: middle.x / others.length - from.x };
}
