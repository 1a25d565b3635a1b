import { shortHash } from '../../consensus/hash.ts';
import type { Shape, Shaped } from '../asking/answer-shape.ts';
import { json, orDash, record, table } from '../output/output.ts';
import { type CliContext, type ClientFlags, openSession } from './client-context.ts';
import { statusText } from './show-transaction.ts';

const QUERY = `query ($address: String!) {
  account(address: $address) {
    address name balance nonce pendingBalance pendingNonce
    transactions(first: 10) { edges { node { id kind sender recipient amount fee status } } }
  }
}`;

const TRANSACTION = {
  id: 'text',
  sender: 'text?',
  recipient: 'text',
  amount: 'text',
  status: 'text',
} as const satisfies Shape;
const ACCOUNT = {
  address: 'text',
  name: 'text?',
  balance: 'text',
  nonce: 'text',
  pendingBalance: 'text',
  pendingNonce: 'text',
  transactions: { edges: [{ node: TRANSACTION }] },
} as const satisfies Shape;

/** `forklore account`: balances and the latest transactions of an address or a development account. */
export async function showAccount(address: string, flags: ClientFlags, context: CliContext): Promise<void> {
  const { account } = await openSession(flags, context).query(QUERY, { account: ACCOUNT }, { address });
  const { terminal } = context;
  if (flags.json) return terminal.print(json(account));
  const { colors } = terminal;
  const fields: [string, string][] = [
    ['address', orDash(account.address)],
    ['balance', colors.bold(orDash(account.balance))],
    ['account nonce', orDash(account.nonce)],
    ['pending balance', orDash(account.pendingBalance)],
    ['pending nonce', orDash(account.pendingNonce)],
  ];
  terminal.print(record(colors, account.name === null ? fields : [['name', orDash(account.name)], ...fields]));
  const rows = account.transactions.edges.map(({ node }) => rowOf(node, account.address));
  if (rows.length === 0) return;
  const headings = ['latest transactions', 'status', 'amount', 'with'];
  const drawn = rows.map(([id = '', status = '', ...rest]) => [id, statusText(status, colors), ...rest]);
  terminal.print(`\n${table(colors, headings, drawn, ['amount'])}`);
}

function rowOf(transaction: Shaped<typeof TRANSACTION>, address: string): string[] {
  const isOut = transaction.sender === address;
  const other = isOut ? transaction.recipient : transaction.sender;
  const direction = isOut ? 'to' : 'from';
  return [
    orDash(shortHash(transaction.id)),
    transaction.status,
    `${isOut ? '-' : '+'}${orDash(transaction.amount)}`,
    other === null ? 'mined' : `${direction} ${orDash(other)}`,
  ];
}
