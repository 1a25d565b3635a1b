import { decodeValues } from '../../client/contract-values.ts';
import { TransactionSummaryQuery } from '../../client/operation-documents.ts';
import { transactionOf, typedAnswer } from '../../client/typed-answers.ts';
import type { Transaction } from '../../client/types.ts';
import { formatAmount } from '../../consensus/amount.ts';
import { DecodeError } from '../../consensus/codec.ts';
import { isHash } from '../../consensus/hash.ts';
import { prefixOfAddress } from '../../consensus/spending-rules.ts';
import { CommandError, UsageError } from '../cli-errors.ts';
import { argumentsText, eventText, paymentText, reasonText, sourceText } from '../contract/contract-text.ts';
import { accountText } from '../output/account-text.ts';
import { type Colors, json, orDash, record } from '../output/output.ts';
import { askNode, type CliContext, type ClientFlags } from './client-context.ts';

/** `forklore tx`: a pending, confirmed or recently dropped transaction. */
export async function showTransaction(id: string, flags: ClientFlags, context: CliContext): Promise<void> {
  const txid = id.toLowerCase();
  if (!isHash(txid)) throw new UsageError(`ID must be a transaction id (64 hex digits), not "${id}"`);
  const { terminal } = context;
  await askNode(flags, context, async ({ transport }) => {
    const { transaction } = await transport.query(TransactionSummaryQuery, { id: txid });
    if (transaction === null) throw new CommandError(`the node knows no transaction ${txid}`);
    const typed = typedAnswer(transport.url, transaction, transactionOf);
    terminal.print(flags.json ? json(transaction) : record(terminal.colors, fieldsOf(typed, terminal.colors)));
  });
}

/** A status in its colour, and in words that people use. */
export function statusText(status: string, colors: Colors): string {
  const text = orDash(status.toLowerCase());
  if (status === 'CONFIRMED') return colors.green(text);
  return status === 'DROPPED' ? colors.red(text) : colors.yellow(text);
}

function fieldsOf(transaction: Transaction, colors: Colors): [string, string][] {
  const { block, statusReason } = transaction;
  const reason = statusReason === null ? '' : ` (${orDash(statusReason)})`;
  return [
    ['id', orDash(transaction.id)],
    ['status', `${statusText(transaction.status, colors)}${reason}`],
    ['block', block === null ? orDash(null) : `${orDash(block.height)}, ${orDash(block.hash)}`],
    ['confirmations', orDash(transaction.confirmations)],
    ['kind', orDash(transaction.kind.toLowerCase())],
    ['from', accountText(transaction.sender)],
    [transaction.contract === null ? 'to' : 'contract', accountText(transaction.recipient)],
    ...executionOf(transaction, colors),
    ['amount', `${colors.bold(formatAmount(transaction.amount))}${stayedText(transaction)}`],
    ['fee', formatAmount(transaction.fee)],
    ['account nonce', orDash(transaction.nonce === null ? null : `${transaction.nonce}`)],
    ...(transaction.contract === null ? [memoOf(transaction)] : []),
    ['size', `${orDash(transaction.size)} bytes`],
  ];
}

/** The amount is what was signed: where the execution failed, nothing of it was moved. */
function stayedText({ amount, receipt }: Transaction): string {
  return receipt?.ok === false && amount !== 0n ? ' (failed: the coins stayed with the sender)' : '';
}

function memoOf({ memo }: Transaction): [string, string] {
  return ['memo', orDash(memo === '' ? null : memo)];
}

/** What a deploy or a call runs, and what came of it. */
function executionOf(transaction: Transaction, colors: Colors): [string, string][] {
  const { method, arguments: args, contract, gas, receipt } = transaction;
  if (contract === null) return [];
  const called: [string, string] = ['runs', `${orDash(method ?? 'constructor')}(${argumentsOf(args ?? '', contract)})`];
  if (receipt === null) return [called, ['gas', `${orDash(gas)} reserved`]];
  const { ok, gasUsed, result, events, payments, error } = receipt;
  return [
    called,
    ['outcome', ok ? colors.green('ok') : colors.red(`failed: ${reasonText(error)}`)],
    ...(result === null ? [] : [['result', sourceText(result)] as [string, string]]),
    ...events.map((event): [string, string] => ['event', eventText(event)]),
    ...(payments ?? []).map((payment): [string, string] => ['paid', paymentText(payment, contract)]),
    ['gas', `${orDash(gasUsed)} used of ${orDash(gas)} reserved`],
  ];
}

/** Arguments are opaque bytes to the network, and may be nonsense. */
function argumentsOf(hex: string, contract: string): string {
  try {
    return argumentsText(decodeValues(hex, prefixOfAddress(contract)));
  } catch (error) {
    if (error instanceof DecodeError) return `${hex.length / 2} bytes that are no values`;
    throw error;
  }
}
