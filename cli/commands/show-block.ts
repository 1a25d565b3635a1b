import type { ResultOf } from '../../client/graphql.ts';
import { BlockSummaryQuery, TipQuery } from '../../client/operation-documents.ts';
import { parseBlockId, unknownBlock } from '../asking/block-id.ts';
import { accountText } from '../output/account-text.ts';
import { type Colors, formatTime, json, orDash, record } from '../output/output.ts';
import { askNode, type CliContext, type ClientFlags } from './client-context.ts';

type Block = ResultOf<typeof TipQuery>['tip'];

/** `forklore tip`: the last block of the active chain. */
export async function showTip(flags: ClientFlags, context: CliContext): Promise<void> {
  await askNode(flags, context, async ({ transport }) => {
    printBlock((await transport.query(TipQuery, {})).tip, flags, context);
  });
}

/** `forklore block`: a block of any branch by hash, of the active chain by height, or the tip. */
export async function showBlock(id: string | undefined, flags: ClientFlags, context: CliContext): Promise<void> {
  if (id === undefined) return showTip(flags, context);
  const place = parseBlockId('HASH|HEIGHT', id);
  await askNode(flags, context, async ({ transport }) => {
    const variables = typeof place === 'number' ? { height: place } : { hash: place };
    const { block } = await transport.query(BlockSummaryQuery, variables);
    if (block === null) throw unknownBlock(place);
    printBlock(block, flags, context);
  });
}

function printBlock(block: Block, flags: ClientFlags, { terminal }: CliContext): void {
  terminal.print(flags.json ? json(block) : record(terminal.colors, fieldsOf(block, terminal.colors)));
}

function fieldsOf(block: Block, colors: Colors): [string, string][] {
  const place = block.canonical
    ? `${colors.green('active chain')}, ${block.confirmations} confirmation${block.confirmations === 1 ? '' : 's'}`
    : colors.yellow('side branch');
  return [
    ['height', colors.bold(orDash(block.height))],
    ['hash', orDash(block.hash)],
    ['parent', orDash(block.header.prevHash)],
    ['place', place],
    ['time', formatTime(block.time, Date.now())],
    ['miner', accountText(block.miner)],
    ['reward', orDash(block.reward)],
    ['transactions', orDash(block.transactionCount)],
    ...(block.gasUsed ? [['gas used', orDash(block.gasUsed)] as [string, string]] : []),
    ['size', `${orDash(block.size)} bytes`],
    ['difficulty', orDash(block.difficulty)],
    ['total work', orDash(block.totalWork)],
    ['merkle root', orDash(block.header.merkleRoot)],
    ['header nonce', orDash(block.header.nonce)],
  ];
}
