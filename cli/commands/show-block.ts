import { isHash } from '../../consensus/hash.ts';
import { OR_NULL, type Shape, type Shaped } from '../asking/answer-shape.ts';
import { CommandError, UsageError } from '../cli-errors.ts';
import { type Colors, formatTime, json, orDash, record } from '../output/output.ts';
import { type CliContext, type ClientFlags, openSession } from './client-context.ts';

const BLOCK_FIELDS = `
  hash height time difficulty totalWork size miner reward transactionCount canonical confirmations
  header { version prevHash merkleRoot time bits nonce }`;
const TIP_QUERY = `{ tip { ${BLOCK_FIELDS} } }`;
const BLOCK_QUERY = `query ($hash: Hash, $height: Int) { block(hash: $hash, height: $height) { ${BLOCK_FIELDS} } }`;

/** Largest GraphQL `Int`. */
const MAX_HEIGHT = 2 ** 31 - 1;

const BLOCK = {
  hash: 'text',
  height: 'number',
  time: 'text',
  difficulty: 'number',
  totalWork: 'text',
  size: 'number',
  miner: 'text',
  reward: 'text',
  transactionCount: 'number',
  canonical: 'boolean',
  confirmations: 'number',
  header: { prevHash: 'text', merkleRoot: 'text', nonce: 'number' },
} as const satisfies Shape;
type BlockData = Shaped<typeof BLOCK>;

/** `forklore tip`: the last block of the active chain. */
export async function showTip(flags: ClientFlags, context: CliContext): Promise<void> {
  const { tip } = await openSession(flags, context).query(TIP_QUERY, { tip: BLOCK });
  printBlock(tip, flags, context);
}

/** `forklore block`: a block of any branch by hash, of the active chain by height, or the tip. */
export async function showBlock(id: string | undefined, flags: ClientFlags, context: CliContext): Promise<void> {
  if (id === undefined) return showTip(flags, context);
  const variables = parseBlockId(id);
  const { query } = openSession(flags, context);
  const { block } = await query(BLOCK_QUERY, { block: { ...OR_NULL, ...BLOCK } }, variables);
  if (block === null) {
    const what = variables.hash === undefined ? `at height ${variables.height}` : `with hash ${variables.hash}`;
    throw new CommandError(`the node knows no block ${what}`);
  }
  printBlock(block, flags, context);
}

function parseBlockId(text: string): { hash?: string; height?: number } {
  const lower = text.toLowerCase();
  if (isHash(lower)) return { hash: lower };
  const height = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (height <= MAX_HEIGHT) return { height };
  throw new UsageError(`HASH|HEIGHT must be a block hash (64 hex digits) or a height, not "${text}"`);
}

function printBlock(block: BlockData, flags: ClientFlags, { terminal }: CliContext): void {
  terminal.print(flags.json ? json(block) : record(terminal.colors, fieldsOf(block, terminal.colors)));
}

function fieldsOf(block: BlockData, colors: Colors): [string, string][] {
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
