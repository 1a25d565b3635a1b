/** Nodes of a large network that stand near each other, named after the best connected of them. */
export interface NodeGroup {
  /** Id of the node after which it is named. */
  readonly hub: string;
  /** The hub first, then in the order given. */
  readonly ids: readonly string[];
}

/** A group has at most this many times the nodes of an average one. */
const MAX_EXCESS = 1.3;

/**
 * Parts a network into about as many groups as each has members. Hubs are taken one after the other: first the node with
 * the most connections, then whichever is furthest from all hubs and best connected; everybody else goes to the nearest
 * group that has room, of several to the smallest.
 */
export function groupNodes(
  ids: readonly string[],
  edges: readonly (readonly [string, string])[],
): readonly NodeGroup[] {
  const neighbours = new Map(ids.map((id) => [id, [] as string[]]));
  for (const [a, b] of edges) {
    neighbours.get(a)?.push(b);
    neighbours.get(b)?.push(a);
  }
  const count = Math.max(1, Math.round(Math.sqrt(ids.length) * 0.8));
  const distances = hubsOf(ids, neighbours, count);
  const members = new Map([...distances.keys()].map((hub) => [hub, [hub]]));
  const most = Math.ceil((ids.length / members.size) * MAX_EXCESS);
  for (const id of ids) {
    if (members.has(id)) continue;
    const near = [...members]
      .filter(([, group]) => group.length < most)
      .map(([hub, group]) => ({ hub, group, steps: distances.get(hub)?.get(id) ?? Number.POSITIVE_INFINITY }));
    near.sort((a, b) => a.steps - b.steps || a.group.length - b.group.length);
    near[0]?.group.push(id);
  }
  return [...members].map(([hub, group]) => ({ hub, ids: group }));
}

/** Of each hub, how many steps every node is from it. */
function hubsOf(
  ids: readonly string[],
  neighbours: ReadonlyMap<string, readonly string[]>,
  count: number,
): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const hubs = new Map<string, ReadonlyMap<string, number>>();
  const degreeOf = (id: string): number => neighbours.get(id)?.length ?? 0;
  while (hubs.size < Math.min(count, ids.length)) {
    const stepsTo = (id: string): number =>
      hubs.size === 0 ? 0 : Math.min(...[...hubs.values()].map((steps) => steps.get(id) ?? ids.length));
    const [next] = ids
      .filter((id) => !hubs.has(id))
      .map((id) => ({ id, steps: stepsTo(id), degree: degreeOf(id) }))
      .sort((a, b) => b.steps - a.steps || b.degree - a.degree);
    if (!next) break;
    hubs.set(next.id, stepsFrom(next.id, neighbours));
  }
  return hubs;
}

function stepsFrom(start: string, neighbours: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, number> {
  const steps = new Map([[start, 0]]);
  const queue = [start];
  for (const id of queue) {
    for (const next of neighbours.get(id) ?? []) {
      if (steps.has(next)) continue;
      steps.set(next, (steps.get(id) ?? 0) + 1);
      queue.push(next);
    }
  }
  return steps;
}
