import type { ResultOf } from '../../client/graphql.ts';
import { MempoolQuery } from '../../client/operation-documents.ts';
import { shortHash } from '../../consensus/hash.ts';
import { parseWholeNumber } from '../../server/settings/option-values.ts';
import { accountText } from '../output/account-text.ts';
import { json, orDash, record } from '../output/output.ts';
import { table } from '../output/table.ts';
import { askNode, type CliContext, type ClientFlags } from './client-context.ts';
import { statusText } from './show-transaction.ts';

const DEFAULT_SHOWN = 20;
/** What the API gives in one page. */
const MAX_SHOWN = 100;

type Mempool = ResultOf<typeof MempoolQuery>['mempool'];

/** `forklore mempool`: what waits to be mined, best fee rate first. */
export async function showMempool(flags: ClientFlags & { limit?: string }, context: CliContext): Promise<void> {
  const first = flags.limit === undefined ? DEFAULT_SHOWN : parseWholeNumber('--limit', flags.limit, 1, MAX_SHOWN);
  await askNode(flags, context, async ({ transport }) => {
    printMempool((await transport.query(MempoolQuery, { first })).mempool, flags, context);
  });
}

function printMempool(mempool: Mempool, flags: ClientFlags, context: CliContext): void {
  const { terminal } = context;
  if (flags.json) return terminal.print(json(mempool));
  const { colors } = terminal;
  const rows = mempool.transactions.edges.map(({ node }) => [
    orDash(shortHash(node.id)),
    statusText(node.status, colors),
    orDash(node.kind.toLowerCase()),
    accountText(node.sender),
    accountText(node.recipient),
    orDash(node.amount),
    orDash(node.fee),
    orDash(node.nonce),
  ]);
  const size = `${mempool.size} (${mempool.bytes} bytes)${rows.length < mempool.size ? `, best ${rows.length} shown` : ''}`;
  terminal.print(
    record(colors, [
      ['transactions', size],
      ['minimum fee', `${orDash(mempool.minimumFeeRate)} per 1,000 bytes or 20,000 gas`],
    ]),
  );
  if (rows.length === 0) return;
  const headings = ['id', 'status', 'kind', 'from', 'to', 'amount', 'fee', 'nonce'];
  terminal.print(`\n${table(colors, headings, rows, ['amount', 'fee', 'nonce'])}`);
}
