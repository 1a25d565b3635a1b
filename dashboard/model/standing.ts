import type { BlockRecord } from './records.ts';

/** How the tips of several nodes stand to each other. */
export type Standing =
  /** All stand on one block. */
  | { readonly kind: 'agree' }
  /** Some have only not caught up: every tip is on the chain of the highest one. */
  | { readonly kind: 'behind'; readonly nodes: number }
  /** There are branches; `height` is that of the last block that all have. Null where that is not known here. */
  | { readonly kind: 'fork'; readonly height: number | null };

/** A tip, and how many nodes stand on it. */
export interface CountedTip {
  readonly blockHash: string;
  readonly height: number;
  readonly nodes: number;
}

/**
 * Whether nodes disagree, or are only late.
 * @param tips at least one, each once
 * @param get a block that is known here
 */
export function standingOf(tips: readonly CountedTip[], get: (blockHash: string) => BlockRecord | undefined): Standing {
  if (tips.length <= 1) return { kind: 'agree' };
  const [highest, ...others] = [...tips].sort((a, b) => b.height - a.height);
  if (!highest) return { kind: 'agree' };
  let common = highest.blockHash;
  let isFork = false;
  for (const tip of others) {
    const met = meet(common, tip.blockHash, get);
    if (met === null) return { kind: 'fork', height: null };
    if (met !== tip.blockHash && !isBelow(tip.blockHash, highest.blockHash, get)) isFork = true;
    common = met;
  }
  if (isFork) return { kind: 'fork', height: get(common)?.height ?? null };
  return { kind: 'behind', nodes: others.reduce((sum, { nodes }) => sum + nodes, 0) };
}

/** The last block that two branches share; null where the way there is not known. */
function meet(a: string, b: string, get: (blockHash: string) => BlockRecord | undefined): string | null {
  let [left, right] = [get(a), get(b)];
  while (left && right && left.blockHash !== right.blockHash) {
    if (left.height >= right.height) left = parentOf(left, get);
    else right = parentOf(right, get);
  }
  return left && right ? left.blockHash : null;
}

/** A node that lies must not lead in a circle. */
function parentOf(block: BlockRecord, get: (blockHash: string) => BlockRecord | undefined): BlockRecord | undefined {
  const parent = get(block.prevHash);
  return parent && parent.height < block.height ? parent : undefined;
}

function isBelow(lower: string, upper: string, get: (blockHash: string) => BlockRecord | undefined): boolean {
  return meet(lower, upper, get) === lower;
}
