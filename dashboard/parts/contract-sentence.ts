import type { ReceiptData } from '../../client/documents.ts';
import { quotable } from '../../consensus/quotable.ts';
import { partyName } from '../app/names.svelte.ts';
import type { MinedTransaction } from '../model/fates.ts';
import type { ContractRun } from '../model/records.ts';
import { filled } from '../model/told.ts';
import { i18n } from '../text/i18n.svelte.ts';

/**
 * What is said of a transaction that runs a contract, with places for who, what and how much. Without a receipt nothing is
 * known of its outcome, and it is told in the present tense.
 */
export function sentenceOf({ run }: Pick<MinedTransaction, 'run'>, receipt: Pick<ReceiptData, 'ok'> | null): string {
  const sentences = i18n.messages.contracts.told[run?.kind ?? 'call'];
  if (receipt === null) return sentences.present;
  return receipt.ok ? sentences.done : sentences.failed;
}

/** Name of the method of a call. Any bytes can stand for one. */
export function callName(run: ContractRun | null): string {
  return run?.kind === 'call' && run.method !== null ? quotable(run.method) : '?';
}

/** The sentence as text, for places without room for links and arguments: what reads those is not loaded with the first view. */
export function sentenceText(transaction: MinedTransaction, receipt: Pick<ReceiptData, 'ok'> | null = null): string {
  const { run, sender, recipient, amount } = transaction;
  const given = run?.kind === 'call' && run.args !== '' ? '…' : '';
  return filled(sentenceOf(transaction, receipt), {
    who: sender === null ? '' : partyName(sender),
    contract: partyName(recipient),
    call: `${callName(run)}(${given})`,
    coins: Number(amount) > 0 ? i18n.messages.contracts.withCoins(i18n.coins(amount)) : '',
  });
}
