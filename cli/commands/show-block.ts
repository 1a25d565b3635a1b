import type { Block } from '../../client/types.ts';
import { isHash } from '../../consensus/hash.ts';
import { CommandError, UsageError } from '../cli-errors.ts';
import { type Colors, formatTime, json, orDash, record } from '../output/output.ts';
import { type CliContext, type ClientFlags, withNode } from './client-context.ts';

/** Largest GraphQL `Int`. */
const MAX_HEIGHT = 2 ** 31 - 1;

/** `forklore tip`: the last block of the active chain. */
export async function showTip(flags: ClientFlags, context: CliContext): Promise<void> {
  await withNode(flags, context, async ({ client }) => printBlock(await client.tip(), flags, context));
}

/** `forklore block`: a block of any branch by hash, of the active chain by height, or the tip. */
export async function showBlock(id: string | undefined, flags: ClientFlags, context: CliContext): Promise<void> {
  if (id === undefined) return showTip(flags, context);
  const place = parseBlockId(id);
  await withNode(flags, context, async ({ client }) => {
    const block = await client.block(place);
    if (block === null) {
      const what = typeof place === 'number' ? `at height ${place}` : `with hash ${place}`;
      throw new CommandError(`the node knows no block ${what}`);
    }
    printBlock(block, flags, context);
  });
}

function parseBlockId(text: string): string | number {
  const lower = text.toLowerCase();
  if (isHash(lower)) return lower;
  const height = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (height <= MAX_HEIGHT) return height;
  throw new UsageError(`HASH|HEIGHT must be a block hash (64 hex digits) or a height, not "${text}"`);
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
    ['miner', orDash(block.miner)],
    ['reward', orDash(block.reward)],
    ['transactions', orDash(block.transactionCount)],
    ['size', `${orDash(block.size)} bytes`],
    ['difficulty', orDash(block.difficulty)],
    ['total work', orDash(block.totalWork)],
    ['merkle root', orDash(block.header.merkleRoot)],
    ['header nonce', orDash(block.header.nonce)],
  ];
}
