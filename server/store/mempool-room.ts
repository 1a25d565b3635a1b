import type { SignedTransaction } from '../../consensus/transaction.ts';
import { MAX_PENDING, MAX_PENDING_BYTES } from '../../protocol/policy.ts';

/** The first transactions, as many as the mempool has room for, in number and bytes. No more are asked for than one beyond. */
export function firstThatFit(transactions: Iterable<SignedTransaction>): SignedTransaction[] {
  const fitting: SignedTransaction[] = [];
  let roomBytes = MAX_PENDING_BYTES;
  for (const transaction of transactions) {
    roomBytes -= transaction.raw.length;
    if (fitting.length === MAX_PENDING || roomBytes < 0) break;
    fitting.push(transaction);
  }
  return fitting;
}
