import {
  forceCenter,
  forceCollide,
  forceLink,
  forceManyBody,
  forceSimulation,
  type SimulationNodeDatum,
} from 'd3-force';

/** A point of the drawing, in its own units. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Steps until the forces have come to rest; computed at once, so that nothing wobbles. */
const STEPS = 240;
const LINK_LENGTH = 110;
const REPULSION = -420;
const NODE_ROOM = 42;
/** Few nodes are not drawn further apart than this many times their distance at rest. */
const MAX_SCALE = 1.5;

/** With more connections than this for each node, forces only make a knot: the nodes stand in a ring. */
const DENSE_EDGES_PER_NODE = 2;

/** Connections between nodes, each once: pairs of ids in order. */
export function edgesOf(
  nodes: readonly { readonly id: string; readonly peers: readonly string[] }[],
): readonly (readonly [string, string])[] {
  const ids = new Set(nodes.map(({ id }) => id));
  const edges = new Map<string, readonly [string, string]>();
  for (const { id, peers } of nodes) {
    for (const peer of peers) {
      if (peer === id || !ids.has(peer)) continue;
      const [a, b] = id < peer ? [id, peer] : [peer, id];
      edges.set(`${a} ${b}`, [a, b]);
    }
  }
  return [...edges.values()];
}

/**
 * Places for nodes so that connected ones are near each other, within a box around the origin; in a ring where nearly
 * everybody is connected to everybody.
 * @param before where they were; those stay near, so that a change is seen as one
 */
export function layOut(
  ids: readonly string[],
  edges: readonly (readonly [string, string])[],
  before: ReadonlyMap<string, Point>,
  box: { readonly width: number; readonly height: number },
): ReadonlyMap<string, Point> {
  if (edges.length > DENSE_EDGES_PER_NODE * ids.length) return inRing(ids, box);
  const placed: (SimulationNodeDatum & { id: string })[] = ids.map((id) => ({ id, ...before.get(id) }));
  const simulation = forceSimulation(placed)
    .force('charge', forceManyBody().strength(REPULSION))
    .force(
      'links',
      forceLink<SimulationNodeDatum & { id: string }, { source: string; target: string }>(
        edges.map(([source, target]) => ({ source, target })),
      )
        .id(({ id }) => id)
        .distance(LINK_LENGTH),
    )
    .force('room', forceCollide(NODE_ROOM))
    .force('center', forceCenter(0, 0))
    .stop();
  simulation.tick(STEPS);
  return fitted(placed, box);
}

function inRing(
  ids: readonly string[],
  { width, height }: { readonly width: number; readonly height: number },
): ReadonlyMap<string, Point> {
  return new Map(
    ids.map((id, index) => {
      const angle = (2 * Math.PI * index) / ids.length - Math.PI / 2;
      return [id, { x: (width / 2) * Math.cos(angle), y: (height / 2) * Math.sin(angle) }];
    }),
  );
}

function fitted(
  placed: readonly (SimulationNodeDatum & { id: string })[],
  { width, height }: { readonly width: number; readonly height: number },
): ReadonlyMap<string, Point> {
  const xs = placed.map(({ x = 0 }) => x);
  const ys = placed.map(({ y = 0 }) => y);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const scale = Math.min(MAX_SCALE, width / Math.max(1, right - left), height / Math.max(1, bottom - top));
  return new Map(
    placed.map(({ id, x = 0, y = 0 }) => [
      id,
      { x: (x - (left + right) / 2) * scale, y: (y - (top + bottom) / 2) * scale },
    ]),
  );
}
