import { parseAmount } from '../../consensus/amount.ts';
import { MAX_BLOCK_BYTES } from '../../consensus/block.ts';
import type { TransactionRecord } from './records.ts';

/** What a block has besides transfers: header, counter and coinbase, at most. */
const BLOCK_OVERHEAD_BYTES = 256;
const BYTES_PER_KILOBYTE = 1_000;

/** A pending transaction with what a miner looks at. */
export interface PricedTransaction {
  readonly transaction: TransactionRecord;
  /** Base units for each 1,000 bytes. */
  readonly feeRate: number;
}

/** A block that would be mined from what waits. */
export interface ProjectedBlock {
  readonly transactions: readonly PricedTransaction[];
  readonly sizeBytes: number;
  /** Base units. */
  readonly fees: bigint;
}

export function feeRateOf({ fee, sizeBytes }: TransactionRecord): number {
  return (Number(parseAmount(fee)) * BYTES_PER_KILOBYTE) / sizeBytes;
}

/**
 * The next blocks as a miner would fill them: best fee rate first, each account's in order of their nonces. Those that
 * wait for an earlier nonce are in none of them.
 */
export function projectBlocks(pending: Iterable<TransactionRecord>, limit: number): ProjectedBlock[] {
  let rest = inOrderOfMining(pending);
  const blocks: ProjectedBlock[] = [];
  while (blocks.length < limit && rest.length > 0) {
    const { block, left } = fillBlock(rest);
    blocks.push(block);
    rest = left;
  }
  return blocks;
}

/**
 * A transaction is mined when the best of what is left is the worst of its account up to it: that one holds back the
 * others, however much they pay.
 */
function inOrderOfMining(pending: Iterable<TransactionRecord>): PricedTransaction[] {
  const accounts = new Map<string, PricedTransaction[]>();
  for (const transaction of pending) {
    if (transaction.isQueued) continue;
    const key = accountOf(transaction);
    const queue = accounts.get(key) ?? [];
    queue.push({ transaction, feeRate: feeRateOf(transaction) });
    accounts.set(key, queue);
  }
  const ranked: { readonly priced: PricedTransaction; readonly rank: number }[] = [];
  for (const queue of accounts.values()) {
    queue.sort((a, b) => Number((a.transaction.nonce ?? 0n) - (b.transaction.nonce ?? 0n)));
    let rank = Number.POSITIVE_INFINITY;
    for (const priced of queue) {
      rank = Math.min(rank, priced.feeRate);
      ranked.push({ priced, rank });
    }
  }
  // The sort is stable: what one account's worst holds back stays in order behind it.
  return ranked.sort((a, b) => b.rank - a.rank).map(({ priced }) => priced);
}

function fillBlock(ordered: readonly PricedTransaction[]): { block: ProjectedBlock; left: PricedTransaction[] } {
  const transactions: PricedTransaction[] = [];
  const left: PricedTransaction[] = [];
  const waiting = new Set<string>();
  let sizeBytes = BLOCK_OVERHEAD_BYTES;
  let fees = 0n;
  for (const priced of ordered) {
    const account = accountOf(priced.transaction);
    if (waiting.has(account) || sizeBytes + priced.transaction.sizeBytes > MAX_BLOCK_BYTES) {
      waiting.add(account);
      left.push(priced);
      continue;
    }
    transactions.push(priced);
    sizeBytes += priced.transaction.sizeBytes;
    fees += parseAmount(priced.transaction.fee);
  }
  return { block: { transactions, sizeBytes, fees }, left };
}

function accountOf({ sender, txid }: TransactionRecord): string {
  return sender ?? txid;
}
