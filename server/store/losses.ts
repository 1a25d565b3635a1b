import type { Hash } from '../../consensus/hash.ts';
import type { HeaderIndex } from '../../protocol/header-index.ts';
import type { StoredHeader } from '../../protocol/store-writes.ts';
import { TIP_KEY } from './apply-write.ts';
import { decodeTip, hashOfKey, heightOfKey } from './records.ts';
import type { RowSource } from './row-source.ts';

/** What a rebuild could not keep of a damaged folder, as far as the rest of the folder tells. There may have been more. */
export interface Losses {
  /** Where the active chain stood; null where not even that can be read any more. */
  readonly heightBefore: number | null;
  /** Blocks that were stored and are gone: damaged, cut off from genesis, or of the old active chain and against a rule. */
  readonly lostBlocks: number;
  /** Transactions in those lost blocks, coinbases apart, whose headers are known. */
  readonly lostTransactions: number;
  /** Pending transactions that are gone. */
  readonly lostPending: number;
}

export const NO_LOSSES: Losses = { heightBefore: 0, lostBlocks: 0, lostTransactions: 0, lostPending: 0 };

/** Whether all that was stored is there again. */
export function isAllKept({ heightBefore, lostBlocks, lostPending }: Losses): boolean {
  return heightBefore !== null && lostBlocks === 0 && lostPending === 0;
}

/**
 * Compares a file with what was rebuilt from it: `records` are the headers that could be read of it, `index` is what the
 * new chain knows, `height` where that one stands.
 */
export function lossesOf(
  salvage: RowSource,
  records: ReadonlyMap<Hash, StoredHeader>,
  index: HeaderIndex,
  height: number,
): Losses {
  const active = new Set<Hash>();
  let heightBefore: number | null = null;
  for (const key of salvage.keys('heights')) {
    const value = salvage.value('heights', key);
    if (value) active.add(hashOfKey(value));
    heightBefore = Math.max(heightBefore ?? 0, heightOfKey(key));
  }
  const tipRecord = salvage.value('meta', TIP_KEY);
  const tip = tipRecord && decodeTip(tipRecord);
  // Of a damaged file either may be an older version.
  if (tip) heightBefore = Math.max(heightBefore ?? 0, tip.height);

  const stored = new Set([...active, ...salvage.keys('bodies').map((key) => hashOfKey(key))]);
  for (const { hash, bodyBytes } of records.values()) if (bodyBytes > 0) stored.add(hash);
  const lost = [...stored].filter((hash) => {
    // What was known to break a rule is no loss.
    if (records.get(hash)?.validity === 'invalid') return false;
    const entry = index.get(hash);
    return entry === undefined || entry.record.bodyBytes === 0 || (entry.failure === 'rule' && active.has(hash));
  });
  const transactionsIn = (hash: Hash): number => Math.max(0, (records.get(hash)?.transactionCount ?? 0) - 1);
  // The blocks below a tip that nothing else is known of were there as well.
  const belowTip = tip && !index.get(tip.hash) ? tip.height - height : 0;
  return {
    heightBefore,
    lostBlocks: Math.max(lost.length, belowTip, salvage.missing('bodies')),
    lostTransactions: lost.reduce((sum, hash) => sum + transactionsIn(hash), 0),
    lostPending: salvage.missing('journal'),
  };
}
