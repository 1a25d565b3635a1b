/**
 * As many items as there is room for, the last ones of each source: where there is not enough room, each source gets
 * equally much, and what one leaves others use. So nobody can push out what others have told.
 * @param items oldest first
 * @param shareOf the source that an item counts for
 */
export function fairShare<Item>(items: readonly Item[], max: number, shareOf: (item: Item) => string): Item[] {
  if (items.length <= max) return [...items];
  const counts = new Map<string, number>();
  for (const item of items) counts.set(shareOf(item), (counts.get(shareOf(item)) ?? 0) + 1);
  const allowed = allowance([...counts.values()], max);
  const left = new Map(counts);
  return items.filter((item) => {
    const share = shareOf(item);
    const remaining = left.get(share) ?? 0;
    left.set(share, remaining - 1);
    return remaining <= allowed;
  });
}

/** The most that each may keep, so that together they keep at most `max`. */
function allowance(counts: number[], max: number): number {
  let room = max;
  let sharers = counts.length;
  for (const count of counts.sort((a, b) => a - b)) {
    if (count * sharers > room) break;
    room -= count;
    sharers--;
  }
  return Math.floor(room / Math.max(1, sharers));
}
