import { assertInvariant } from '../consensus/errors.ts';
import { decodeTransaction, type SignedTransaction } from '../consensus/transaction.ts';

/**
 * A transaction that keeps nothing but itself in memory: a view into a message would keep the whole message, up to 4 MiB, as long
 * as it is kept.
 */
export function withOwnBytes(transaction: SignedTransaction): SignedTransaction {
  const { raw } = transaction;
  if (raw.buffer.byteLength === raw.length) return transaction;
  const copy = decodeTransaction(new Uint8Array(raw));
  assertInvariant(copy.kind !== 'coinbase', 'the same bytes are the same transaction');
  return copy;
}
