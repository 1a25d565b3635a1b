import type { ResultOf } from '../../client/graphql.ts';
import { NodeSocket, SOCKET_LIMITS } from '../../client/node-socket.ts';
import { MiningPaceQuery, MiningPaceSubscription } from '../../client/operation-documents.ts';
import type { MinedBlock } from '../../client/types.ts';
import { formatAmount } from '../../consensus/amount.ts';
import { isHash } from '../../consensus/hash.ts';
import { parseWholeNumber } from '../../server/settings/option-values.ts';
import { blockHashOf, parseBlockId } from '../asking/block-id.ts';
import { unlessRefused } from '../asking/refusal.ts';
import { CommandError, UsageError } from '../cli-errors.ts';
import { formatDuration, formatHashrate, json, orDash, type ProgressLine, type Terminal } from '../output/output.ts';
import { type CliContext, type ClientFlags, inWords, type NodeSession, withNode } from './client-context.ts';

/** More blocks than this in one command are a typing error. */
const MAX_BLOCKS = 10_000;
/** Interval between two drawings of the progress. */
const REDRAW_MS = 250;

/** Flags of `forklore mine`. */
export interface MineFlags extends ClientFlags {
  readonly to?: string;
  readonly tx?: readonly string[];
  readonly empty?: boolean;
  readonly on?: string;
}

type MiningPace = ResultOf<typeof MiningPaceQuery>['miner'];

/** `forklore mine`: lets the node mine now and shows each block that it finds. */
export async function mine(countText: string | undefined, flags: MineFlags, context: CliContext): Promise<void> {
  const count = countText === undefined ? 1 : parseWholeNumber('COUNT', countText, 1, MAX_BLOCKS);
  const transactions = transactionsOf(flags);
  const on = flags.on === undefined ? undefined : parseBlockId('--on', flags.on);
  await withNode(flags, context, async (session) => {
    const parent = on === undefined ? undefined : await blockHashOf(session.client, on);
    await mineBlocks(count, { to: flags.to, transactions, parent }, flags, context, session);
  });
}

/** What `--tx` and `--empty` choose; undefined: the node chooses. */
function transactionsOf({ tx, empty }: MineFlags): readonly string[] | undefined {
  if (tx !== undefined && empty) throw new UsageError('--tx and --empty exclude each other: give one of them');
  if (empty) return [];
  return tx?.map((text) => {
    const id = text.toLowerCase();
    if (!isHash(id)) throw new UsageError(`--tx must be transaction ids (64 hex digits), not "${text}"`);
    return id;
  });
}

/** The next block to mine, as far as it is chosen. */
interface NextBlock {
  readonly to: string | undefined;
  readonly transactions: readonly string[] | undefined;
  readonly parent: string | undefined;
}

async function mineBlocks(
  count: number,
  first: NextBlock,
  flags: MineFlags,
  context: CliContext,
  session: NodeSession,
): Promise<void> {
  const { transport } = session;
  // Over HTTP first: a node that is not there is explained best there.
  const { miner } = await transport.query(MiningPaceQuery, {});
  const socket = new NodeSocket(transport, { ...SOCKET_LIMITS, isLazy: true });
  const progress = new MiningProgress(context.terminal, count, miner);
  const blocks: MinedBlock[] = [];
  let next = first;
  try {
    if (context.terminal.isInteractive) progress.follow(socket);
    else if (!flags.json) context.terminal.printError(startLine(count, session.node.url, miner));
    while (blocks.length < count) {
      const startMs = progress.begin(blocks.length + 1);
      const block = await mineOne(session, next).catch((error: unknown) => {
        throw stoppedEarly(error, blocks.length, count);
      });
      blocks.push(block);
      next = after(block, first);
      progress.clear();
      if (!flags.json) context.terminal.print(lineOf(block, Date.now() - startMs));
    }
  } finally {
    progress.stop();
    await socket.close();
    // Also where it stopped early: those blocks stay.
    if (flags.json && blocks.length > 0) context.terminal.print(json(blocks.map(printed)));
  }
}

/** Where no progress is drawn, a log should still say what is being waited for. */
function startLine(count: number, url: string, { expectedSeconds }: MiningPace): string {
  const pace = expectedSeconds === null ? '' : `, about ${formatDuration(expectedSeconds)}`;
  return count === 1 ? `mining a block at ${url}${pace}` : `mining ${count} blocks at ${url}${pace}${pace && ' each'}`;
}

/** An error that says how many blocks there are when others were still to come. */
function stoppedEarly(error: unknown, mined: number, asked: number): unknown {
  if (!(error instanceof CommandError) || mined === 0) return error;
  return new CommandError(`mined ${mined} of ${asked} blocks, then stopped: ${error.message}`);
}

/** As the API counts several blocks: chosen transactions are in the first one, and a chosen parent begins a branch. */
function after(block: MinedBlock, { to, transactions, parent }: NextBlock): NextBlock {
  return { to, transactions: transactions && [], parent: parent && block.hash };
}

/** One block at a time, so that each is shown when it is found. */
async function mineOne({ client, node }: NodeSession, { to, transactions, parent }: NextBlock): Promise<MinedBlock> {
  const operation = client.mine({
    ...(to === undefined ? {} : { to }),
    ...(transactions === undefined ? {} : { transactions }),
    ...(parent === undefined ? {} : { parent }),
  });
  const [block] = await unlessRefused('mining failed', operation).catch((error: unknown) => {
    throw inWords(node, error);
  });
  if (block === undefined) throw new CommandError('mining failed: the node gives no block');
  return block;
}

/** As the API gives it. */
function printed(block: MinedBlock): object {
  return { ...block, reward: formatAmount(block.reward) };
}

function lineOf(block: MinedBlock, elapsedMs: number): string {
  const transactions = `${block.transactionCount} transaction${block.transactionCount === 1 ? '' : 's'}`;
  const took = `in ${formatDuration(elapsedMs / 1000)}`;
  return `${orDash(block.height)}  ${orDash(block.hash)}  ${transactions}, reward ${formatAmount(block.reward)}, ${took}`;
}

/** The line below the blocks found so far: which block is being mined, how fast, and how long it should take. */
class MiningProgress {
  readonly #line: ProgressLine;
  readonly #count: number;
  readonly #timer;
  #miner: MiningPace;
  #block = 1;
  #startMs = Date.now();

  constructor(terminal: Terminal, count: number, miner: MiningPace) {
    this.#line = terminal.progressLine();
    this.#count = count;
    this.#miner = miner;
    this.#timer = setInterval(() => this.#draw(), REDRAW_MS);
  }

  /** Returns when the block was begun. */
  begin(block: number): number {
    this.#block = block;
    this.#startMs = Date.now();
    this.#draw();
    return this.#startMs;
  }

  /** Keeps the speed current for as long as the socket lives. */
  follow(socket: NodeSocket): void {
    // Only decoration: where it fails, the mining itself says why.
    const ignore = () => {};
    socket.subscribe(
      MiningPaceSubscription,
      {},
      {
        next: ({ minerChanged }) => {
          this.#miner = minerChanged;
          this.#draw();
        },
        error: ignore,
        complete: ignore,
      },
    );
  }

  clear(): void {
    this.#line.clear();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#line.clear();
  }

  #draw(): void {
    const { hashrate, expectedSeconds } = this.#miner;
    const parts = [this.#count === 1 ? 'mining' : `mining block ${this.#block} of ${this.#count}`];
    if (hashrate > 0) parts.push(formatHashrate(hashrate));
    if (expectedSeconds !== null) parts.push(`expected ${formatDuration(expectedSeconds)}`);
    parts.push(`${formatDuration((Date.now() - this.#startMs) / 1000)} so far`);
    this.#line.update(parts.join(' · '));
  }
}
