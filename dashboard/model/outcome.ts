import type { BlockRecord } from './records.ts';

/** What came of a block, as the nodes of the page stand now. */
export type Outcome =
  /** On the chain of the node with the most work. */
  | { readonly kind: 'active' }
  /** On the chain of a node that stands on another branch. */
  | { readonly kind: 'competing' }
  /** On no node's chain any more; `to` has its height on the chain that won, or is that chain's end. */
  | { readonly kind: 'lost'; readonly to: string }
  /** Not known here: too old, or on its way. */
  | { readonly kind: 'unknown' };

/** The chains that nodes stand on, as far as they are known here. */
export interface Standpoints {
  /** Hashes of the chain with the most work, by height. */
  readonly best: ReadonlyMap<number, string>;
  /** Hash of its end; null before there is any. */
  readonly tip: string | null;
  /** Hashes of all blocks that are on some node's chain. */
  readonly held: ReadonlySet<string>;
}

/**
 * Looks at where nodes stand.
 * @param best hash of the tip with the most work
 * @param tips hashes of all tips
 * @param below a block and those under it, tip first, as far as they are known
 */
export function standpointsOf(
  best: string | null,
  tips: readonly string[],
  below: (tip: string) => readonly BlockRecord[],
): Standpoints {
  const chain = best === null ? [] : below(best);
  const held = new Set(chain.map(({ blockHash }) => blockHash));
  for (const tip of tips) {
    for (const { blockHash } of below(tip)) {
      if (held.has(blockHash)) break;
      held.add(blockHash);
    }
  }
  return { best: new Map(chain.map(({ height, blockHash }) => [height, blockHash])), tip: best, held };
}

/** Whether a block counts, may still count, or lost, and to which. */
export function outcomeOf(block: BlockRecord | undefined, { best, tip, held }: Standpoints): Outcome {
  if (!block || tip === null) return { kind: 'unknown' };
  const { blockHash, height } = block;
  if (best.get(height) === blockHash) return { kind: 'active' };
  if (held.has(blockHash)) return { kind: 'competing' };
  const rival = best.get(height);
  if (rival !== undefined) return { kind: 'lost', to: rival };
  // Above the tip of a chain that was left for a shorter one, it lost; below what is known of that chain nobody can say.
  const isAbove = !best.has(height) && best.size > 0 && height > Math.max(...best.keys());
  return isAbove ? { kind: 'lost', to: tip } : { kind: 'unknown' };
}
