import type { ResultOf } from '../../client/graphql.ts';
import { AccountSummaryQuery } from '../../client/operation-documents.ts';
import { accountOf, typedAnswer } from '../../client/typed-answers.ts';
import type { Account } from '../../client/types.ts';
import { formatAmount } from '../../consensus/amount.ts';
import { developmentAccountByName } from '../../consensus/development-accounts.ts';
import { shortHash } from '../../consensus/hash.ts';
import { bytesToHex } from '../../consensus/hex.ts';
import { executedText } from '../contract/executed-text.ts';
import { accountText } from '../output/account-text.ts';
import { json, orDash, record } from '../output/output.ts';
import { table } from '../output/table.ts';
import { askNode, type CliContext, type ClientFlags } from './client-context.ts';
import { statusText } from './show-transaction.ts';

type Answer = ResultOf<typeof AccountSummaryQuery>;

/** `forklore account`: balances and the latest transactions of an address or a development account. */
export async function showAccount(address: string, flags: ClientFlags, context: CliContext): Promise<void> {
  await askNode(flags, context, async ({ transport }) => {
    const answer = await transport.query(AccountSummaryQuery, { address });
    const { transactions } = typedAnswer(transport.url, answer, ({ account }) => accountOf(account));
    const listed = transactions.edges.map(({ node }) => node);
    await printAccount(answer, listed, flags, context);
  });
}

async function printAccount(
  { account, contract }: Answer,
  listed: readonly Listed[],
  flags: ClientFlags,
  context: CliContext,
): Promise<void> {
  const { terminal } = context;
  if (flags.json) return terminal.print(json({ ...account, contract }));
  const { colors } = terminal;
  const fields: [string, string][] = [
    ['address', orDash(account.address)],
    ['in a source', `address('${orDash(account.addressHex)}')`],
    ...(await publicKeyOf(account)),
    ...(contract === null ? [] : [['contract', orDash(contract.name)] as [string, string]]),
    ['balance', colors.bold(orDash(account.balance))],
    ['account nonce', orDash(account.nonce)],
    ['pending balance', orDash(account.pendingBalance)],
    ['pending nonce', orDash(account.pendingNonce)],
  ];
  terminal.print(record(colors, account.name === null ? fields : [['name', orDash(account.name)], ...fields]));
  const rows = listed.map((transaction) => rowOf(transaction, account.address));
  if (rows.length === 0) return;
  const headings = ['latest transactions', 'status', 'amount', 'with'];
  const drawn = rows.map(([id = '', status = '', ...rest]) => [id, statusText(status, colors), ...rest]);
  terminal.print(`\n${table(colors, headings, drawn, ['amount'])}`);
}

/** The key of a well-known development account, which contracts need for `verify`; of others the chain knows none. */
async function publicKeyOf({ name, addressHex }: Answer['account']): Promise<[string, string][]> {
  const known = name === null ? undefined : developmentAccountByName(name);
  if (known?.address !== addressHex) return [];
  const { developmentKeyPair } = await import('../../consensus/keys.ts');
  return [['public key', bytesToHex(developmentKeyPair(known).publicKey)]];
}

type Listed = Account['transactions']['edges'][number]['node'];

function rowOf(transaction: Listed, address: string): string[] {
  const isOut = transaction.sender === address;
  const other = isOut ? transaction.recipient : transaction.sender;
  const direction = isOut ? 'to' : 'from';
  return [
    orDash(shortHash(transaction.id)),
    transaction.status,
    movedText(transaction, address),
    other === null ? 'mined' : `${whatText(transaction)}${direction} ${accountText(other)}`,
  ];
}

/**
 * What the account gained or lost, fees aside, with what contracts paid. Of a transaction that failed, the coins stayed with
 * the sender.
 */
function movedText({ sender, recipient, amount, receipt }: Listed, address: string): string {
  if (receipt?.ok === false) return '0';
  const moves = [{ from: sender, to: recipient, amount }, ...(receipt?.payments ?? [])];
  const moved = moves.reduce((sum, { from, to, amount: coins }) => {
    return sum + (to === address ? coins : 0n) - (from === address ? coins : 0n);
  }, 0n);
  if (moved === 0n) return '0';
  return moved < 0n ? `-${formatAmount(-moved)}` : `+${formatAmount(moved)}`;
}

/** Nothing of a transfer: its amount and its other end say it. */
function whatText(transaction: Listed): string {
  const isExecuted = transaction.kind === 'DEPLOY' || transaction.kind === 'CALL';
  return isExecuted ? `${executedText(transaction)} ` : '';
}
