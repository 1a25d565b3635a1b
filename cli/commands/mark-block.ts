import { BranchesQuery } from '../../client/operation-documents.ts';
import type { BlockPlace } from '../../client/types.ts';
import { printable } from '../../consensus/quotable.ts';
import { blockHashOf, parseBlockId } from '../asking/block-id.ts';
import { unlessRefused } from '../asking/refusal.ts';
import { CommandError } from '../cli-errors.ts';
import { json, orDash } from '../output/output.ts';
import { type CliContext, type ClientFlags, type NodeSession, withNode } from './client-context.ts';

/** Heights below the highest known one at which a marked block is found; more is refused by the API. */
const SEARCHED_HEIGHTS = 1_000;

/** `forklore invalidate`: marks a block, and all that build on it, as invalid on the node. */
export async function invalidateBlock(text: string, flags: ClientFlags, context: CliContext): Promise<void> {
  const id = parseBlockId('BLOCK', text);
  await withNode(flags, context, async ({ client }) => {
    const hash = await blockHashOf(client, id);
    const tip = await unlessRefused('cannot invalidate the block', client.invalidateBlock(hash));
    printChange('invalidated', { hash, tip }, flags, context);
  });
}

/** `forklore reconsider`: takes such a mark back. */
export async function reconsiderBlock(text: string, flags: ClientFlags, context: CliContext): Promise<void> {
  const id = parseBlockId('BLOCK', text);
  await withNode(flags, context, async (session) => {
    const hash = typeof id === 'string' ? id : await markedHashAt(session, id);
    const tip = await unlessRefused('cannot reconsider the block', session.client.reconsiderBlock(hash));
    printChange('reconsidered', { hash, tip }, flags, context);
  });
}

/** The block of the active chain is never marked, so that a height means the only one there that is. */
async function markedHashAt({ transport }: NodeSession, height: number): Promise<string> {
  const { blockTree } = await transport.query(BranchesQuery, { depth: SEARCHED_HEIGHTS });
  const marked = blockTree.filter((block) => block.height === height && block.status === 'INVALID');
  const [block] = marked;
  if (block === undefined) throw new CommandError(`the node knows no invalid block at height ${height}`);
  if (marked.length === 1) return block.hash;
  const hashes = marked.map(({ hash }) => printable(hash)).join(', ');
  throw new CommandError(`several blocks at height ${height} are invalid; name one by its hash: ${hashes}`);
}

function printChange(
  done: string,
  { hash, tip }: { hash: string; tip: BlockPlace },
  flags: ClientFlags,
  { terminal }: CliContext,
): void {
  if (flags.json) return terminal.print(json({ hash, tip }));
  terminal.print(`${done} ${hash}\nthe tip is now at height ${orDash(tip.height)}, ${orDash(tip.hash)}`);
}
