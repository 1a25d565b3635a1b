import type { ReceiptSummary } from '../../client/contract-types.ts';
import type { TransactionKind } from '../../client/types.ts';
import { orDash } from '../output/output.ts';
import { outcomeText } from './contract-text.ts';

/** What a transaction does, in a few words, and why it failed: `call of vote (failed: the vote is closed)`. */
export function executedText(transaction: {
  readonly kind: TransactionKind;
  readonly method: string | null;
  readonly receipt: Pick<ReceiptSummary, 'ok' | 'error'> | null;
}): string {
  const { kind, method, receipt } = transaction;
  const failure = receipt === null || receipt.ok ? '' : ` (${outcomeText(receipt)})`;
  return `${kind === 'CALL' ? `call of ${orDash(method)}` : orDash(kind.toLowerCase())}${failure}`;
}
