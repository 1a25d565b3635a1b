/** A point of the drawing, in pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Room of a drawing, in pixels; its origin is in the middle. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A ring begins at the top. */
const TOP = -Math.PI / 2;
/** Three nodes: two above each other, and one beside them, as parts of the room. */
const TRIANGLE: readonly Point[] = [
  { x: -0.5, y: -0.5 },
  { x: -0.5, y: 0.5 },
  { x: 0.5, y: 0 },
];
/** Two nodes: beside each other. */
const PAIR: readonly Point[] = [
  { x: -0.5, y: 0 },
  { x: 0.5, y: 0 },
];

/** Connections between nodes, each once: pairs of ids in order. */
export function edgesOf(
  nodes: readonly { readonly id: string; readonly peers: readonly string[] }[],
): readonly (readonly [string, string])[] {
  const ids = new Set(nodes.map(({ id }) => id));
  const edges = new Map<string, readonly [string, string]>();
  for (const { id, peers } of nodes) {
    for (const peer of peers) {
      if (peer === id || !ids.has(peer)) continue;
      const edge = edgeBetween(id, peer);
      edges.set(edge.join(' '), edge);
    }
  }
  return [...edges.values()];
}

/** Two ids in order. */
export function edgeBetween(a: string, b: string): readonly [string, string] {
  return a < b ? [a, b] : [b, a];
}

/**
 * Places for nodes within a box around the origin. They depend on which nodes there are and on nothing else, so that a
 * node keeps its place whatever becomes of its connections.
 */
export function layOut(ids: readonly string[], { width, height }: Size): ReadonlyMap<string, Point> {
  const shares = sharesOf(ids.length);
  return new Map(
    ids.map((id, index) => {
      const { x, y } = shares[index] ?? { x: 0, y: 0 };
      return [id, { x: x * width, y: y * height }];
    }),
  );
}

function sharesOf(count: number): readonly Point[] {
  if (count <= 1) return [{ x: 0, y: 0 }];
  if (count === 2) return PAIR;
  if (count === 3) return TRIANGLE;
  // Four stand at corners and not at the top, where a ring would be a line for those who are connected across.
  const start = count === 4 ? TOP - Math.PI / 4 : TOP;
  return Array.from({ length: count }, (_, index) => {
    const angle = start + (2 * Math.PI * index) / count;
    return { x: Math.cos(angle) / 2, y: Math.sin(angle) / 2 };
  });
}
