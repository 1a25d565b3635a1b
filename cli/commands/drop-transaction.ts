import { isHash } from '../../consensus/hash.ts';
import { unlessRefused } from '../asking/refusal.ts';
import { UsageError } from '../cli-errors.ts';
import { json } from '../output/output.ts';
import { type CliContext, type ClientFlags, withNode } from './client-context.ts';

/** `forklore drop`: takes a transaction out of the node's mempool. */
export async function dropTransaction(text: string, flags: ClientFlags, context: CliContext): Promise<void> {
  const id = text.toLowerCase();
  if (!isHash(id)) throw new UsageError(`ID must be a transaction id (64 hex digits), not "${text}"`);
  await withNode(flags, context, async ({ client }) => {
    await unlessRefused('cannot drop the transaction', client.dropTransaction(id));
    context.terminal.print(flags.json ? json({ id }) : `dropped ${id}`);
  });
}
