/** How much of something a part of a node holds in memory because others made it, and the most that it may. */
export interface Holding {
  readonly what: string;
  readonly count: number;
  readonly limit: number;
}

/** The holding of whoever holds the most, of several that have the same limit each. */
export function largestHolding(what: string, counts: Iterable<number>, limit: number): Holding {
  let most = 0;
  for (const count of counts) most = Math.max(most, count);
  return { what, count: most, limit };
}
