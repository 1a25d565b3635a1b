import { MAX_BLOCK_GAS } from '../consensus/contract/limits.ts';
import type { Hash } from '../consensus/hash.ts';
import { type AccountReader, EMPTY_ACCOUNT } from '../consensus/state.ts';
import type { SignedTransaction } from '../consensus/transaction.ts';
import { costOf, type MempoolEntry } from './account-queue.ts';
import type { Chain } from './chain.ts';
import { type BlockEntry, forkPointOf } from './header-index.ts';
import type { Mempool } from './mempool.ts';
import type { Refused } from './refused.ts';
import { MAX_CONTENT_BYTES, roomBeside } from './template.ts';

/**
 * The transactions with these ids, in this order, for a block on a parent: from the mempool, or from blocks of the active chain
 * that a branch through the parent leaves, so that their coins can be spent in another way.
 */
export function namedTransactions(
  txids: readonly Hash[],
  parent: BlockEntry,
  chain: Chain,
  mempool: Mempool,
): { readonly transactions: readonly SignedTransaction[] } | Refused {
  const isPending = txids.every((txid) => mempool.has(txid));
  const confirmed = isPending ? new Map<Hash, SignedTransaction>() : transfersAbove(parent, chain);
  const transactions: SignedTransaction[] = [];
  for (const txid of txids) {
    const transaction = mempool.get(txid)?.transaction ?? confirmed.get(txid);
    if (!transaction) {
      const places = parent === chain.tip ? 'the mempool' : 'the mempool, nor in a block that this branch leaves';
      return { code: 'unknown-transaction', message: `transaction ${txid} is not in ${places}` };
    }
    transactions.push(transaction);
  }
  const room = roomBeside(transactions);
  if (room.bytes < 0) {
    const message = `the transactions have ${MAX_CONTENT_BYTES - room.bytes} bytes together, and a block has room for ${MAX_CONTENT_BYTES}`;
    return { code: 'block-too-large', message };
  }
  if (room.gas >= 0) return { transactions };
  const message = `the transactions reserve ${MAX_BLOCK_GAS - room.gas} gas together, and a block has room for ${MAX_BLOCK_GAS}`;
  return { code: 'block-gas-exceeded', message };
}

/** Of each account, the pending transactions that can be executed one after the other on this state. */
export function* executableQueues(mempool: Mempool, accounts: AccountReader): Iterable<readonly MempoolEntry[]> {
  for (const [sender, entries] of mempool.queues()) {
    const account = accounts.account(sender) ?? EMPTY_ACCOUNT;
    if (account.contract !== undefined) continue;
    let { balance, nonce } = account;
    const executable: MempoolEntry[] = [];
    for (const entry of entries) {
      if (entry.transaction.nonce < nonce) continue;
      if (entry.transaction.nonce > nonce || costOf(entry.transaction) > balance) break;
      executable.push(entry);
      balance -= costOf(entry.transaction);
      nonce += 1n;
    }
    if (executable.length > 0) yield executable;
  }
}

/** The transactions of the active chain's blocks that are not ancestors of `entry`. */
function transfersAbove(entry: BlockEntry, chain: Chain): Map<Hash, SignedTransaction> {
  const transactions = new Map<Hash, SignedTransaction>();
  const forkPoint = forkPointOf(chain.tip, entry);
  for (let walk = chain.tip; walk !== forkPoint && walk.parent; walk = walk.parent) {
    for (const transaction of chain.readBlock(walk).transactions)
      if (transaction.kind !== 'coinbase') transactions.set(transaction.txid, transaction);
  }
  return transactions;
}
