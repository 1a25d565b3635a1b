import { TipQuery } from '../../client/operation-documents.ts';
import { blockFields } from '../output/block-fields.ts';
import { json, record } from '../output/output.ts';
import { askNode, type CliContext, type ClientFlags } from './client-context.ts';

/** `forklore tip`: the last block of the active chain. */
export async function showTip(flags: ClientFlags, context: CliContext): Promise<void> {
  const { terminal } = context;
  await askNode(flags, context, async ({ transport }) => {
    const { tip } = await transport.query(TipQuery, {});
    terminal.print(flags.json ? json(tip) : record(terminal.colors, blockFields(tip, terminal.colors)));
  });
}
