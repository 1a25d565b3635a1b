import { parseAmount } from '../../consensus/amount.ts';
import { MAX_BLOCK_BYTES } from '../../consensus/block.ts';
import type { TransactionRecord } from './records.ts';

/** Room that a node keeps for what is no transfer: 80 bytes of header, 4 of the count, and the largest coinbase. */
export const RESERVED_BYTES = 340;
/** Transactions of one account that a node has ready for a block; further ones wait in its queue. */
export const MAX_READY_PER_ACCOUNT = 16;
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
 * The next blocks as a node would fill them: best fee rate first, each account's in order of their nonces, and at most
 * `MAX_READY_PER_ACCOUNT` of an account in each. Those that wait for an earlier nonce or for money are in none of them.
 */
export function projectBlocks(pending: Iterable<TransactionRecord>, limit: number): ProjectedBlock[] {
  const queues = queuesOf(pending);
  const blocks: ProjectedBlock[] = [];
  while (blocks.length < limit && queues.size > 0) {
    const block = fillBlock(inOrderOfMining(queues));
    // What does not even fit an empty block never comes.
    if (block.transactions.length === 0) break;
    blocks.push(block);
    const mined = new Set(block.transactions.map(({ transaction }) => transaction.txid));
    for (const [account, queue] of queues) {
      const left = queue.filter(({ transaction }) => !mined.has(transaction.txid));
      if (left.length > 0) queues.set(account, left);
      else queues.delete(account);
    }
  }
  return blocks;
}

/** What each account has for the next blocks, in order of nonces: without a gap, and as far as it can pay. */
function queuesOf(pending: Iterable<TransactionRecord>): Map<string, PricedTransaction[]> {
  const accounts = new Map<string, PricedTransaction[]>();
  for (const transaction of pending) {
    const key = accountOf(transaction);
    const queue = accounts.get(key) ?? [];
    queue.push({ transaction, feeRate: feeRateOf(transaction) });
    accounts.set(key, queue);
  }
  for (const [account, queue] of accounts) {
    queue.sort((a, b) => Number((a.transaction.nonce ?? 0n) - (b.transaction.nonce ?? 0n)));
    const end = queue.findIndex(({ transaction: { isQueued, nonce } }, index) => {
      const before = queue[index - 1]?.transaction.nonce;
      const isGap = before != null && nonce !== null && nonce > before + 1n;
      // Behind as many as a node has ready, it waits for room, which the next block makes.
      return isGap || (isQueued && index < MAX_READY_PER_ACCOUNT);
    });
    const usable = end === -1 ? queue : queue.slice(0, end);
    if (usable.length > 0) accounts.set(account, usable);
    else accounts.delete(account);
  }
  return accounts;
}

/**
 * A transaction is mined when the best of what is left is the worst of its account up to it: that one holds back the
 * others, however much they pay.
 */
function inOrderOfMining(queues: ReadonlyMap<string, readonly PricedTransaction[]>): PricedTransaction[] {
  const ranked: { readonly priced: PricedTransaction; readonly rank: number }[] = [];
  for (const queue of queues.values()) {
    let rank = Number.POSITIVE_INFINITY;
    for (const priced of queue.slice(0, MAX_READY_PER_ACCOUNT)) {
      rank = Math.min(rank, priced.feeRate);
      ranked.push({ priced, rank });
    }
  }
  // The sort is stable: what one account's worst holds back stays in order behind it.
  return ranked.sort((a, b) => b.rank - a.rank).map(({ priced }) => priced);
}

function fillBlock(ordered: readonly PricedTransaction[]): ProjectedBlock {
  const transactions: PricedTransaction[] = [];
  const waiting = new Set<string>();
  let sizeBytes = RESERVED_BYTES;
  let fees = 0n;
  for (const priced of ordered) {
    const account = accountOf(priced.transaction);
    if (waiting.has(account) || sizeBytes + priced.transaction.sizeBytes > MAX_BLOCK_BYTES) {
      waiting.add(account);
      continue;
    }
    transactions.push(priced);
    sizeBytes += priced.transaction.sizeBytes;
    fees += parseAmount(priced.transaction.fee);
  }
  return { transactions, sizeBytes, fees };
}

function accountOf({ sender, txid }: TransactionRecord): string {
  return sender ?? txid;
}
