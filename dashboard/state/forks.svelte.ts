import { type Branch, type Branches, NO_BRANCHES, nameBranches } from '../model/branches.ts';
import { type Outcome, outcomeOf, standpointsOf } from '../model/outcome.ts';
import type { BlockRecord } from '../model/records.ts';
import type { Network } from './network.svelte.ts';
import type { Partition } from './partition.svelte.ts';

/** Heights that are looked through: all that the page keeps. */
const LOOKED_AT = 600;

/** Which branch each block is on while nodes disagree, and what came of blocks. */
export class Forks {
  readonly #network: Pick<Network, 'members' | 'bestTip' | 'replica'>;
  /** What was named last, from which letters are inherited; no part of what is shown. */
  #before: Branches = NO_BRANCHES;

  readonly #partition: Pick<Partition, 'sideOf'>;

  constructor(network: Pick<Network, 'members' | 'bestTip' | 'replica'>, partition: Pick<Partition, 'sideOf'>) {
    this.#network = network;
    this.#partition = partition;
  }

  readonly #tips = $derived.by(() => {
    const { members } = this.#network;
    return [...new Set(members.flatMap(({ isOnline, tip }) => (isOnline && tip ? [tip.blockHash] : [])))];
  });

  readonly #branches = $derived.by(() => {
    const { chain } = this.#network.replica;
    const named = nameBranches(
      this.#tips,
      this.#before,
      (blockHash) => chain.get(blockHash),
      (tip) => this.#sideOn(tip),
    );
    // A node on its way to another branch stands for a moment where both begin: that does not end the fork.
    // Before all have answered it is not known which side of a cut is which.
    const isSettled = this.#network.members.every(({ linkState }) => linkState.kind !== 'connecting');
    if (named.list.length > 0 && isSettled) this.#before = named;
    return named;
  });

  readonly #standpoints = $derived.by(() => {
    const { bestTip, replica } = this.#network;
    return standpointsOf(bestTip?.blockHash ?? null, this.#tips, (tip) => replica.chain.below(tip, LOOKED_AT));
  });

  /** The branches that nodes stand on, in order of their letters; none while they agree. */
  get branches(): readonly Branch[] {
    return this.#branches.list;
  }

  /** The branch that a block is on; undefined where there is no fork, or for a block of all branches or of none. */
  branchOf(blockHash: string | null | undefined): Branch | undefined {
    return blockHash == null ? undefined : this.#branches.byBlock.get(blockHash);
  }

  /** The side of a cut whose nodes alone stand on a block; null where those of both do, or nothing is cut. */
  #sideOn(blockHash: string): string | null {
    const standing = this.#network.members.filter(({ isOnline, tip }) => isOnline && tip?.blockHash === blockHash);
    const sides = new Set(standing.map(({ url }) => this.#partition.sideOf(url)));
    return sides.size === 1 ? ([...sides][0] ?? null) : null;
  }

  outcomeOf(blockHash: string): Outcome {
    return outcomeOf(this.#network.replica.chain.get(blockHash), this.#standpoints);
  }

  /** Blocks of the last heights that lost, highest first. */
  lost(heights: number): readonly { readonly block: BlockRecord; readonly to: string }[] {
    return this.#network.replica.chain
      .latest(heights)
      .flatMap((block) => {
        const outcome = outcomeOf(block, this.#standpoints);
        return outcome.kind === 'lost' ? [{ block, to: outcome.to }] : [];
      })
      .sort((a, b) => b.block.height - a.block.height);
  }
}
