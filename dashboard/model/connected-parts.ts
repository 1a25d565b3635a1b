/**
 * The parts of a network between which there is no connection, each with its nodes in the order given.
 * @param edges pairs of ids; those of others are left out
 */
export function connectedParts(
  ids: readonly string[],
  edges: readonly (readonly [string, string])[],
): readonly (readonly string[])[] {
  const leaders = new Map(ids.map((id) => [id, id]));
  const leaderOf = (id: string): string => {
    const leader = leaders.get(id) ?? id;
    return leader === id ? id : leaderOf(leader);
  };
  for (const [a, b] of edges) {
    if (leaders.has(a) && leaders.has(b)) leaders.set(leaderOf(a), leaderOf(b));
  }
  const parts = new Map<string, string[]>();
  for (const id of ids) {
    const leader = leaderOf(id);
    parts.set(leader, [...(parts.get(leader) ?? []), id]);
  }
  return [...parts.values()];
}
