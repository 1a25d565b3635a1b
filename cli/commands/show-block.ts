import type { ResultOf } from '../../client/graphql.ts';
import type { NodeTransport } from '../../client/node-transport.ts';
import { BlockSummaryQuery, BlockTransactionsQuery, TipQuery } from '../../client/operation-documents.ts';
import { shortHash } from '../../consensus/hash.ts';
import { parseBlockId, unknownBlock } from '../asking/block-id.ts';
import { executedText } from '../contract/executed-text.ts';
import { accountText } from '../output/account-text.ts';
import { blockFields, type ShownBlock } from '../output/block-fields.ts';
import { json, orDash, record, type Terminal } from '../output/output.ts';
import { table } from '../output/table.ts';
import { askNode, type CliContext, type ClientFlags } from './client-context.ts';

/** Transactions that are listed; the API gives no more in a page. */
const MAX_LISTED = 100;

type Listed = NonNullable<ResultOf<typeof BlockTransactionsQuery>['block']>['transactions']['edges'][number]['node'];

/** `forklore block`: a block of any branch by hash, of the active chain by height, or the tip, with its transactions. */
export async function showBlock(id: string | undefined, flags: ClientFlags, context: CliContext): Promise<void> {
  const { terminal } = context;
  const place = id === undefined ? undefined : parseBlockId('HASH|HEIGHT', id);
  await askNode(flags, context, async ({ transport }) => {
    const block = await blockAt(place, transport);
    const answer = await transport.query(BlockTransactionsQuery, { hash: block.hash, first: MAX_LISTED });
    const transactions = answer.block?.transactions.edges.map(({ node }) => node) ?? [];
    if (flags.json) return terminal.print(json({ ...block, transactions }));
    terminal.print(record(terminal.colors, blockFields(block, terminal.colors)));
    printTransactions(block, transactions, terminal);
  });
}

async function blockAt(place: string | number | undefined, transport: NodeTransport): Promise<ShownBlock> {
  if (place === undefined) return (await transport.query(TipQuery, {})).tip;
  const variables = typeof place === 'number' ? { height: place } : { hash: place };
  const { block } = await transport.query(BlockSummaryQuery, variables);
  if (block === null) throw unknownBlock(place);
  return block;
}

function printTransactions(block: ShownBlock, listed: readonly Listed[], { colors, print }: Terminal): void {
  const rows = listed.map((transaction) => [
    orDash(shortHash(transaction.id)),
    executedText(transaction),
    accountText(transaction.sender),
    accountText(transaction.recipient),
    orDash(transaction.amount),
  ]);
  if (rows.length > 0) print(`\n${table(colors, ['id', 'what', 'from', 'to', 'amount'], rows, ['amount'])}`);
  const more = block.transactionCount - rows.length;
  if (more > 0) print(`… and ${more} more`);
}
