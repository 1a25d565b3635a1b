import type { ResultOf } from '../../client/graphql.ts';
import { TemplateQuery } from '../../client/operation-documents.ts';
import { shortHash } from '../../consensus/hash.ts';
import { accountText } from '../output/account-text.ts';
import { formatTime, json, orDash, record } from '../output/output.ts';
import { table } from '../output/table.ts';
import { type CliContext, type ClientFlags, withNode } from './client-context.ts';

type Template = ResultOf<typeof TemplateQuery>['blockTemplate'];

/** `forklore template`: the block that the node would mine now. */
export async function showTemplate(flags: ClientFlags, context: CliContext): Promise<void> {
  await withNode(flags, context, async ({ transport }) => {
    printTemplate((await transport.query(TemplateQuery, {})).blockTemplate, flags, context);
  });
}

function printTemplate(template: Template, flags: ClientFlags, { terminal }: CliContext): void {
  if (flags.json) return terminal.print(json(template));
  const { colors } = terminal;
  terminal.print(
    record(colors, [
      ['height', colors.bold(orDash(template.height))],
      ['parent', orDash(template.prevHash)],
      ['time', formatTime(template.time, Date.now())],
      ['bits', orDash(template.bits)],
      ['reward', orDash(template.reward)],
      ['of it fees', orDash(template.fees)],
      ['transactions', orDash(template.transactionCount)],
    ]),
  );
  if (template.transactions.length === 0) return;
  const rows = template.transactions.map((transfer) => [
    orDash(shortHash(transfer.id)),
    accountText(transfer.sender),
    accountText(transfer.recipient),
    orDash(transfer.amount),
    orDash(transfer.fee),
    orDash(transfer.nonce),
  ]);
  const headings = ['id', 'from', 'to', 'amount', 'fee', 'nonce'];
  terminal.print(`\n${table(colors, headings, rows, ['amount', 'fee', 'nonce'])}`);
}
