import { letterAt } from '../model/branches.ts';
import type { BlockRecord } from '../model/records.ts';
import type { Forks } from './forks.svelte.ts';
import type { Network } from './network.svelte.ts';
import type { NodeState, Tip } from './node.svelte.ts';
import type { Partition } from './partition.svelte.ts';

/** Heights that are looked through: all that the page keeps. */
const LOOKED_AT = 600;

/** One side of a fork, or of a cut on which no fork has followed yet. */
export interface Side {
  /** `A`, `B`, … */
  readonly letter: string;
  readonly nodes: readonly NodeState[];
  /** The last block of the side; null where it is not known here. */
  readonly tip: BlockRecord | null;
  /** Those that not all sides have, lowest first. */
  readonly blocks: readonly BlockRecord[];
  /** Expected hashes of these blocks together. */
  readonly work: bigint;
}

/** The sides into which the nodes are parted. */
export class Sides {
  readonly #network: Pick<Network, 'members' | 'replica'>;
  readonly #forks: Pick<Forks, 'branches' | 'branchOf'>;
  readonly #partition: Pick<Partition, 'sideOf' | 'isCutInTwo' | 'parts'>;

  constructor(
    network: Pick<Network, 'members' | 'replica'>,
    forks: Pick<Forks, 'branches' | 'branchOf'>,
    partition: Pick<Partition, 'sideOf' | 'isCutInTwo' | 'parts'>,
  ) {
    this.#network = network;
    this.#forks = forks;
    this.#partition = partition;
  }

  /** In order of their letters; none while the network is whole and agrees. */
  readonly list: readonly Side[] = $derived.by(() => {
    const ends = this.#ends;
    const forkPoint = this.forkPoint;
    return ends.map(({ letter, nodes, tip }): Side => {
      const chain = this.#below(tip);
      const blocks = chain.filter(({ height }) => forkPoint !== null && height > forkPoint.height).reverse();
      return {
        letter,
        nodes,
        tip: chain[0] ?? null,
        blocks,
        work: forkPoint && chain[0] ? chain[0].chainWork - forkPoint.chainWork : 0n,
      };
    });
  });

  /** The last block that all sides have; null where there are no sides, or it is not known here. */
  readonly forkPoint: BlockRecord | null = $derived.by(() => {
    const [first, ...others] = this.#ends.map(({ tip }) => this.#below(tip));
    const held = others.map((chain) => new Set(chain.map(({ blockHash }) => blockHash)));
    return first?.find(({ blockHash }) => held.every((hashes) => hashes.has(blockHash))) ?? null;
  });

  /** The letter of the side that a node is on; null where there are no sides, or it is on none. */
  letterOf(node: NodeState): string | null {
    return this.list.find(({ nodes }) => nodes.includes(node))?.letter ?? null;
  }

  readonly #ends: readonly { letter: string; nodes: NodeState[]; tip: Tip }[] = $derived.by(() => {
    const standing = this.#network.members.filter(({ isOnline, tip }) => isOnline && tip !== null);
    const letters = new Map(standing.map((node) => [node, this.#forks.branchOf(node.tip?.blockHash)?.letter ?? null]));
    const isFork = this.#forks.branches.length > 1;
    if (!isFork && !this.#partition.isCutInTwo) return [];
    const byLetter = new Map<string, NodeState[]>();
    for (const node of standing) {
      // One that stands where the branches begin goes with those that it is connected to, or with its side of the cut.
      const letter = isFork
        ? (letters.get(node) ?? this.#letterAround(node, letters))
        : this.#partition.sideOf(node.url);
      if (letter !== null) byLetter.set(letter, [...(byLetter.get(letter) ?? []), node]);
    }
    const named = [...byLetter].sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1));
    const ends = named.flatMap(([letter, nodes]) => {
      const branch = this.#forks.branches.find((each) => each.letter === letter);
      const tip = this.#best(branch ? nodes.filter((node) => letters.get(node) === letter) : nodes);
      return tip ? [{ letter, nodes, tip }] : [];
    });
    return ends.length > 1 ? ends : [];
  });

  #letterAround(node: NodeState, letters: ReadonlyMap<NodeState, string | null>): string | null {
    const side = this.#partition.sideOf(node.url);
    if (side !== null) return side;
    const part = this.#partition.parts.find((urls) => urls.includes(node.url)) ?? [];
    const around = [...letters].filter(([{ url }, letter]) => letter !== null && part.includes(url));
    const found = new Set(around.map(([, letter]) => letter));
    return found.size === 1 ? ([...found][0] ?? null) : null;
  }

  #best(nodes: readonly NodeState[]): Tip | null {
    const workOf = ({ tip }: NodeState): bigint =>
      (tip && this.#network.replica.chain.get(tip.blockHash)?.chainWork) ?? 0n;
    let best: NodeState | null = null;
    for (const node of nodes) if (best === null || workOf(node) > workOf(best)) best = node;
    return best?.tip ?? null;
  }

  #below(tip: Tip): readonly BlockRecord[] {
    return this.#network.replica.chain.below(tip.blockHash, LOOKED_AT);
  }
}

/** Sides that have colours of their own; further ones are grey. */
export const COLOURED_SIDES = 4;

/** The letter whose colours a side has, for the classes `on-A`, `on-B`, … of the style sheet. */
export function sideClass(letter: string | null): string | null {
  if (letter === null) return null;
  const isColoured = Array.from({ length: COLOURED_SIDES }, (_, index) => letterAt(index)).includes(letter);
  return isColoured ? `on-${letter}` : 'on-other';
}
