import type { BlockRecord } from './records.ts';

/** A block and its place in the drawing. */
export interface PlacedBlock {
  readonly block: BlockRecord;
  /** 0 for the branch with the most work; others take the lowest lane that is free over their whole length. */
  readonly lane: number;
}

export interface BlockTree {
  /** Lowest height first. */
  readonly placed: readonly PlacedBlock[];
  readonly byHash: ReadonlyMap<string, PlacedBlock>;
  readonly lanes: number;
  readonly lowest: number;
  readonly highest: number;
}

/** A run of blocks without a fork in it, from its first block off another branch to its end. */
interface Branch {
  /** Tip first. */
  readonly blocks: readonly BlockRecord[];
  readonly from: number;
  readonly to: number;
}

/**
 * Places blocks in lanes by height. The branch that ends in the block with the most work is straight; every other one
 * leaves it, or another, where its first block does.
 */
export function placeBlocks(blocks: Iterable<BlockRecord>): BlockTree {
  const known = new Map<string, BlockRecord>();
  for (const block of blocks) known.set(block.blockHash, block);
  const lanes = new Map<string, number>();
  const taken: { from: number; to: number }[][] = [];
  for (const branch of branchesOf(known)) {
    const lane = freeLane(taken, branch);
    taken[lane] = [...(taken[lane] ?? []), { from: branch.from, to: branch.to }];
    for (const { blockHash } of branch.blocks) lanes.set(blockHash, lane);
  }
  const placed = [...known.values()]
    .map((block) => ({ block, lane: lanes.get(block.blockHash) ?? 0 }))
    .sort((a, b) => a.block.height - b.block.height || a.lane - b.lane);
  return {
    placed,
    byHash: new Map(placed.map((item) => [item.block.blockHash, item])),
    lanes: taken.length,
    lowest: placed[0]?.block.height ?? 0,
    highest: placed.at(-1)?.block.height ?? 0,
  };
}

/** Blocks from a tip down to the first one that is not known, tip first. */
export function chainBelow(
  tip: string,
  get: (blockHash: string) => BlockRecord | undefined,
  limit: number,
): BlockRecord[] {
  const chain: BlockRecord[] = [];
  for (let block = get(tip); block && chain.length < limit; ) {
    chain.push(block);
    const parent = get(block.prevHash);
    // A node that lies must not lead in a circle.
    block = parent && parent.height < block.height ? parent : undefined;
  }
  return chain;
}

/** Ends of all branches, most work first; invalid ones last, whatever work they claim. */
export function tipsOf(known: ReadonlyMap<string, BlockRecord>): BlockRecord[] {
  const parents = new Set([...known.values()].map(({ prevHash }) => prevHash));
  return [...known.values()].filter(({ blockHash }) => !parents.has(blockHash)).sort(compareTips);
}

function compareTips(a: BlockRecord, b: BlockRecord): number {
  if (a.isInvalid !== b.isInvalid) return a.isInvalid ? 1 : -1;
  if (a.chainWork !== b.chainWork) return a.chainWork > b.chainWork ? -1 : 1;
  return a.blockHash < b.blockHash ? -1 : 1;
}

function branchesOf(known: ReadonlyMap<string, BlockRecord>): Branch[] {
  const claimed = new Set<string>();
  return tipsOf(known).map((tip) => {
    const blocks: BlockRecord[] = [];
    for (let block: BlockRecord | undefined = tip; block && !claimed.has(block.blockHash); ) {
      claimed.add(block.blockHash);
      blocks.push(block);
      block = known.get(block.prevHash);
    }
    return { blocks, from: blocks.at(-1)?.height ?? tip.height, to: tip.height };
  });
}

/** One height is kept free beside a branch, for the line that leads to it. */
function freeLane(taken: readonly (readonly { from: number; to: number }[])[], { from, to }: Branch): number {
  const lane = taken.findIndex((runs) => runs.every((run) => run.to < from - 1 || run.from > to + 1));
  return lane === -1 ? taken.length : lane;
}
