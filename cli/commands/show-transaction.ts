import type { ResultOf } from '../../client/graphql.ts';
import { TransactionSummaryQuery } from '../../client/operation-documents.ts';
import { isHash } from '../../consensus/hash.ts';
import { CommandError, UsageError } from '../cli-errors.ts';
import { accountText } from '../output/account-text.ts';
import { type Colors, json, orDash, record } from '../output/output.ts';
import { askNode, type CliContext, type ClientFlags } from './client-context.ts';

type Transaction = NonNullable<ResultOf<typeof TransactionSummaryQuery>['transaction']>;

/** `forklore tx`: a pending, confirmed or recently dropped transaction. */
export async function showTransaction(id: string, flags: ClientFlags, context: CliContext): Promise<void> {
  const txid = id.toLowerCase();
  if (!isHash(txid)) throw new UsageError(`ID must be a transaction id (64 hex digits), not "${id}"`);
  const { terminal } = context;
  await askNode(flags, context, async ({ transport }) => {
    const { transaction } = await transport.query(TransactionSummaryQuery, { id: txid });
    if (transaction === null) throw new CommandError(`the node knows no transaction ${txid}`);
    terminal.print(flags.json ? json(transaction) : record(terminal.colors, fieldsOf(transaction, terminal.colors)));
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
    ['to', accountText(transaction.recipient)],
    ['amount', colors.bold(orDash(transaction.amount))],
    ['fee', orDash(transaction.fee)],
    ['account nonce', orDash(transaction.nonce)],
    ['memo', orDash(transaction.memo === '' ? null : transaction.memo)],
    ['size', `${orDash(transaction.size)} bytes`],
  ];
}
