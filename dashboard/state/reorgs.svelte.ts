import { fairShare } from '../model/fair-share.ts';
import type { ReorgRecord } from '../model/records.ts';

/** Reorgs that are kept; beyond that, the oldest of the node with the most entries are dropped first. */
const MAX_REORGS = 50;

/** The latest reorgs of all nodes. */
export class Reorgs {
  /** Newest first. */
  latest = $state.raw<readonly ReorgRecord[]>([]);

  /**
   * Adds those that are not known yet.
   * @param nowMs no reorg is later: a node whose clock is ahead does not stay the latest
   * @param shareOf by whom a reorg of this node is counted where room is shared
   */
  add(reorgs: readonly ReorgRecord[], nowMs: number, shareOf: (nodeUrl: string) => string): void {
    const known = new Set(this.latest.map(({ key }) => key));
    const fresh = reorgs
      .filter(({ key }) => !known.has(key))
      .map((reorg) => ({ ...reorg, atMs: Math.min(reorg.atMs, nowMs) }));
    const oldestFirst = [...fresh, ...this.latest].sort((a, b) => a.atMs - b.atMs);
    this.latest = fairShare(oldestFirst, MAX_REORGS, ({ nodeUrl }) => shareOf(nodeUrl)).reverse();
  }
}
