import type { ReceiptData, TransactionData } from '../../client/documents.ts';
import { parseAmount } from '../../consensus/amount.ts';

/** What moves coins in a transaction. */
interface Movement extends Pick<TransactionData, 'sender' | 'recipient' | 'amount'> {
  readonly receipt?: Pick<ReceiptData, 'ok' | 'payments'> | null;
}

/**
 * What an account gained or lost by a transaction, in base units, without the fee: its amount, if it did not fail, and what
 * contracts paid.
 */
export function changeOf({ sender, recipient, amount, receipt }: Movement, account: string): bigint {
  const payments = (receipt?.payments ?? []).map((each) => ({ ...each }));
  if (receipt?.ok !== false) payments.push({ from: sender ?? '', to: recipient, amount });
  return payments.reduce((sum, { from, to, amount: coins }) => {
    if (from === to) return sum;
    if (to === account) return sum + parseAmount(coins);
    return from === account ? sum - parseAmount(coins) : sum;
  }, 0n);
}
