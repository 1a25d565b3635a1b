import { connectedParts } from './connected-parts.ts';

/** The letters of the two sides of a network that is cut in two. */
export type SideLetter = 'A' | 'B';

type Pairs = readonly (readonly [string, string])[];

/**
 * The sides of a network that is cut in two, from what every page can see: which nodes are connected, and between which a
 * cut is ordered. Of all that are cut off from others, the first is on side A: so all pages give the same letters.
 * @param ids all nodes, in the order that all pages have
 * @param joined pairs that are connected
 * @param cut pairs that are cut
 * @returns the letter of each node that a cut concerns; null where cuts do not part them in two, such as one between nodes
 *   that are still connected over others
 */
export function cutSides(ids: readonly string[], joined: Pairs, cut: Pairs): ReadonlyMap<string, SideLetter> | null {
  const across = partsAcross(connectedParts(ids, joined), cut);
  const [first] = across.keys();
  if (!first) return null;
  const letters = new Map<readonly string[], SideLetter>([[first, 'A']]);
  for (const [part, letter] of letters) {
    for (const other of across.get(part) ?? []) {
      if (letters.get(other) === letter) return null;
      letters.set(other, letter === 'A' ? 'B' : 'A');
    }
  }
  if (letters.size < across.size) return null;
  return new Map([...letters].flatMap(([part, letter]) => part.map((id) => [id, letter] as const)));
}

/** Each part that is cut off from others, with those, in the order given. */
function partsAcross(
  parts: readonly (readonly string[])[],
  cut: Pairs,
): ReadonlyMap<readonly string[], ReadonlySet<readonly string[]>> {
  const partOf = new Map(parts.flatMap((part) => part.map((id) => [id, part] as const)));
  const across = new Map(parts.map((part) => [part, new Set<readonly string[]>()]));
  for (const [a, b] of cut) {
    const [one, other] = [partOf.get(a), partOf.get(b)];
    if (!one || !other) continue;
    across.get(one)?.add(other);
    across.get(other)?.add(one);
  }
  return new Map([...across].filter(([, others]) => others.size > 0));
}
