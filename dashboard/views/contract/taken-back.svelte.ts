import { untrack } from 'svelte';
import type { ConfirmedEventData } from '../../../client/documents.ts';

/** Events that are kept after a reorg has taken them back; the oldest go first. */
const MAX_KEPT = 12;

/**
 * Events that were shown, and that a reorg has taken back: they stay in sight, because whoever has read one should see that
 * it does not count any more. Made while a component is.
 */
export class TakenBack {
  list = $state.raw<readonly ConfirmedEventData[]>([]);
  #shown: readonly ConfirmedEventData[] = [];

  /**
   * @param events those of the active chain now; null while something else is shown
   * @param isLost whether a block is on no node's chain any more
   */
  constructor(events: () => readonly ConfirmedEventData[] | null, isLost: (blockHash: string) => boolean) {
    $effect(() => {
      const now = events();
      if (now === null) return;
      const before = untrack(() => [...this.#shown, ...this.list]);
      // A transaction that is mined again is told of with its new block.
      const present = new Set(now.map(({ transaction }) => transaction));
      const lost = before.filter(({ blockHash, transaction }) => !present.has(transaction) && isLost(blockHash));
      this.list = [...new Map(lost.map((event) => [keyOf(event), event])).values()].slice(0, MAX_KEPT);
      this.#shown = [...now, ...before.filter((event) => !isLost(event.blockHash))].slice(0, 2 * MAX_KEPT);
    });
  }
}

function keyOf({ blockHash, transaction, index }: ConfirmedEventData): string {
  return `${blockHash} ${transaction} ${index}`;
}
