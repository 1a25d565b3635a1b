import type { BlockRecord, Sighting } from './records.ts';

/** Blocks over which shares are counted. */
export const SHARED_BLOCKS = 100;

/**
 * Who mined the last blocks: the share of each node, by URL, from 0 to 1. A block is a node's own where the node says that
 * it mined it; what others mined, or nobody tells of, is in no share.
 * @param blocks of one chain, without genesis
 * @param sightings who saw a block, by node
 */
export function miningShares(
  blocks: readonly BlockRecord[],
  sightings: (blockHash: string) => ReadonlyMap<string, Sighting>,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { blockHash } of blocks) {
    for (const [url, { from }] of sightings(blockHash)) {
      if (from === 'self') counts.set(url, (counts.get(url) ?? 0) + 1);
    }
  }
  return new Map([...counts].map(([url, count]) => [url, count / blocks.length]));
}
