import { chainBelow } from './block-tree.ts';
import type { BlockRecord } from './records.ts';

/** One of several branches that nodes stand on, as people tell it from the others. */
export interface Branch {
  /** `A`, `B`, … */
  readonly letter: string;
  /** Hue of all its blocks, in degrees. */
  readonly hue: number;
  /** Hash of its last block. */
  readonly tip: string;
}

/** The branches of a fork, and which block is on which. */
export interface Branches {
  /** In order of their letters; none while all tips are on one chain. */
  readonly list: readonly Branch[];
  /** By block hash: the blocks that one branch has alone. */
  readonly byBlock: ReadonlyMap<string, Branch>;
}

export const NO_BRANCHES: Branches = { list: [], byBlock: new Map() };

/** As far from each other as hues can be; the first two are told apart by the colour-blind, too. */
const HUES = [256, 60, 330, 195, 145, 100, 300, 20] as const;
/** Blocks of a branch that are looked through: as many as the page keeps heights. */
const MAX_BRANCH_BLOCKS = 600;
const LETTERS = 26;

/** `A` to `Z`, then `AA`, `AB`, …. */
export function letterAt(index: number): string {
  const last = String.fromCharCode('A'.charCodeAt(0) + (index % LETTERS));
  return index < LETTERS ? last : `${letterAt(Math.floor(index / LETTERS) - 1)}${last}`;
}

/**
 * Names the branches that compete. A branch keeps its letter while it grows and while others come and go; the letters
 * begin again with a new fork.
 * @param tips hashes of the blocks that nodes stand on
 * @param before what this was at last
 * @param get a block that is known here
 * @param sideOf the letter that is wanted for a branch that has none yet, by its tip: that of the side of a cut that
 *   stands on it; null where any will do
 */
export function nameBranches(
  tips: readonly string[],
  before: Branches,
  get: (blockHash: string) => BlockRecord | undefined,
  sideOf: (tip: string) => string | null = () => null,
): Branches {
  const chains = endsOf(tips, get);
  if (chains.length < 2) return NO_BRANCHES;
  const own = ownBlocks(chains);
  const indexes = indexesFor(chains, before, sideOf);
  const list = chains
    .map(({ tip }, position) => ({ tip, index: indexes[position] ?? position, blocks: own[position] ?? [] }))
    .sort((a, b) => a.index - b.index)
    .map(({ tip, index, blocks }) => {
      const branch = { letter: letterAt(index), hue: HUES[index % HUES.length] ?? 0, tip };
      return { branch, blocks };
    });
  return {
    list: list.map(({ branch }) => branch),
    byBlock: new Map(list.flatMap(({ branch, blocks }) => blocks.map((blockHash) => [blockHash, branch] as const))),
  };
}

/** A tip that no other one builds on, with the hashes of its chain, tip first. */
interface End {
  readonly tip: string;
  readonly chain: readonly string[];
  readonly work: bigint;
}

/** Most work first: of branches that have no letter yet, the best one is named first. */
function endsOf(tips: readonly string[], get: (blockHash: string) => BlockRecord | undefined): End[] {
  const ends = [...new Set(tips)].map((tip): End => {
    const blocks = chainBelow(tip, get, MAX_BRANCH_BLOCKS);
    const chain = blocks.length === 0 ? [tip] : blocks.map(({ blockHash }) => blockHash);
    return { tip, chain, work: blocks[0]?.chainWork ?? 0n };
  });
  const below = new Set(ends.flatMap(({ chain }) => chain.slice(1)));
  return ends.filter(({ tip }) => !below.has(tip)).sort(compareEnds);
}

function compareEnds(a: End, b: End): number {
  if (a.work !== b.work) return a.work > b.work ? -1 : 1;
  return a.tip < b.tip ? -1 : 1;
}

/** What each chain has that no other one has. */
function ownBlocks(ends: readonly End[]): string[][] {
  const counts = new Map<string, number>();
  for (const { chain } of ends) for (const blockHash of chain) counts.set(blockHash, (counts.get(blockHash) ?? 0) + 1);
  return ends.map(({ chain }) => chain.filter((blockHash) => counts.get(blockHash) === 1));
}

/** The place of each branch in the alphabet: that of the branch that it grew from, that of its side, or the first free. */
function indexesFor(ends: readonly End[], before: Branches, sideOf: (tip: string) => string | null): number[] {
  const inherited = ends.map(({ chain }) => {
    const ancestor = chain.find((blockHash) => before.byBlock.has(blockHash));
    return ancestor === undefined ? undefined : before.byBlock.get(ancestor)?.letter;
  });
  // All on what was one branch: that fork is over, and this is another.
  const isNew = inherited.every((letter) => letter === inherited[0]);
  const taken = new Set<number>();
  const places = inherited.map((letter, position) => {
    const wanted = isNew || letter === undefined ? sideOf(ends[position]?.tip ?? '') : letter;
    const index = wanted === null ? -1 : indexOf(wanted);
    if (index === -1 || taken.has(index)) return null;
    taken.add(index);
    return index;
  });
  return places.map((place) => {
    if (place !== null) return place;
    let free = 0;
    while (taken.has(free)) free++;
    taken.add(free);
    return free;
  });
}

function indexOf(letter: string): number {
  let index = 0;
  while (letterAt(index) !== letter) index++;
  return index;
}
