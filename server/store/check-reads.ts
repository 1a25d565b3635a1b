import type { BlockReads } from '../../consensus/block-seal.ts';
import { expectStored } from './finding.ts';
import { encodeBlockReads } from './read-records.ts';
import type { Store } from './store.ts';

/**
 * What is kept of the reads of a block of the active chain is what its contracts read when they are executed again. It may also be
 * missing: of an old block, and of one that an earlier version of this program connected. Whether it is there. Throws
 * `Finding`, and `DecodeError` for what is no such record.
 */
export function checkReads(store: Store, height: number, replayed?: BlockReads): boolean {
  const reads = store.blockReads(height);
  if (reads === undefined) return false;
  expectStored(store.blockReceipts(height) !== undefined, `block ${height} has executed nothing that could have read`);
  if (replayed === undefined) return true;
  const isSame = Buffer.compare(encodeBlockReads(reads), encodeBlockReads(replayed)) === 0;
  expectStored(isSame, `what the contracts of block ${height} have read is not what a replay reads`);
  return true;
}
