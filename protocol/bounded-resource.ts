/** Something that a part of a node keeps in memory on behalf of others: how much of it there is, and how much there may be. */
export interface BoundedResource {
  /** What is counted, as operators read it in `/metrics`. */
  readonly what: string;
  readonly count: number;
  readonly limit: number;
}

/** Of several counts that have the same limit each, such as one for each peer, the one that is nearest to it. */
export function fullestResource(what: string, counts: Iterable<number>, limit: number): BoundedResource {
  let count = 0;
  for (const each of counts) count = Math.max(count, each);
  return { what, count, limit };
}
