import { succeeded } from '../../client/client-error.ts';
import type { ResultOf } from '../../client/graphql.ts';
import type { NodeClient } from '../../client/node-client.ts';
import { NodeSocket, SOCKET_LIMITS } from '../../client/node-socket.ts';
import { MineBatchMutation, MiningPaceQuery, MiningPaceSubscription } from '../../client/operation-documents.ts';
import { minedBlockOf } from '../../client/typed-answers.ts';
import type { MinedBlock } from '../../client/types.ts';
import { formatAmount } from '../../consensus/amount.ts';
import { isHash } from '../../consensus/hash.ts';
import { parseWholeNumber } from '../../server/settings/option-values.ts';
import { parseBlockId, unknownBlock } from '../asking/block-id.ts';
import { unlessRefused } from '../asking/refusal.ts';
import { CommandError, UsageError } from '../cli-errors.ts';
import { formatDuration, formatHashrate, json, orDash, type ProgressLine, type Terminal } from '../output/output.ts';
import { type CliContext, type ClientFlags, inWords, type NodeSession, withNode } from './client-context.ts';

/** More blocks than this in one command are a typing error. */
const MAX_BLOCKS = 10_000;
/** Up to so many blocks are shown each; more are summed up. */
const MAX_SHOWN_BLOCKS = 20;
/** How long the node should be busy with one request: in between, progress is shown. */
const BATCH_MS = 500;
/** Blocks of one request; the API allows no more than 1,000. */
const MAX_BATCH = 250;
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

/** `forklore mine`: lets the node mine now and shows the blocks that it finds. */
export async function mine(countText: string | undefined, flags: MineFlags, context: CliContext): Promise<void> {
  const count = countText === undefined ? 1 : parseWholeNumber('COUNT', countText, 1, MAX_BLOCKS);
  const transactions = transactionsOf(flags);
  const on = flags.on === undefined ? undefined : parseBlockId('--on', flags.on);
  await withNode(flags, context, async (session) => {
    // Before anything is said of mining: these are the mistakes that people make.
    if (flags.to !== undefined) await session.client.account(flags.to);
    const parent = on === undefined ? undefined : await hashOfKnown(session.client, on);
    await mineBlocks(count, { to: flags.to, transactions, parent }, flags, context, session);
  });
}

async function hashOfKnown(client: NodeClient, id: string | number): Promise<string> {
  const block = await client.block(id);
  if (block === null) throw unknownBlock(id);
  return block.hash;
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
  const shown = new ShownBlocks(count, flags, context.terminal);
  let next = first;
  let batch = 1;
  try {
    if (context.terminal.isInteractive) progress.follow(socket);
    else if (!flags.json) context.terminal.printError(startLine(count, session.node.url, miner));
    while (shown.blocks.length < count) {
      const startMs = progress.begin(shown.blocks.length + 1);
      const asked = Math.min(batch, count - shown.blocks.length);
      const blocks = await mineBatch(session, socket, asked, next).catch((error: unknown) => {
        throw stoppedEarly(error, shown.blocks.length, count);
      });
      const elapsedMs = Date.now() - startMs;
      next = after(blocks, first);
      batch = blocks.length < asked ? 1 : batchAfter(blocks.length, elapsedMs);
      progress.clear();
      shown.add(blocks, elapsedMs);
    }
  } finally {
    progress.stop();
    await socket.close();
    // Also where it stopped early: those blocks stay.
    shown.end();
  }
  const last = shown.blocks.at(-1);
  if (first.parent !== undefined && last && !flags.json)
    await tellOfBranch(last.hash, session.client, context.terminal);
}

/** As many blocks as take {@link BATCH_MS}; slowly at first, since a block may be found by luck. */
function batchAfter(blocks: number, elapsedMs: number): number {
  const fitting = Math.floor((blocks * BATCH_MS) / Math.max(1, elapsedMs));
  return Math.max(1, Math.min(fitting, 2 * blocks, MAX_BATCH));
}

/** Blocks on a chosen parent need not be those that the node goes on with. */
async function tellOfBranch(hash: string, client: NodeClient, terminal: Terminal): Promise<void> {
  const [last, tip] = await Promise.all([client.block(hash), client.tip()]);
  if (last === null || last.canonical) return;
  const work = tip.totalWork > last.totalWork ? 'more work' : 'as much work';
  terminal.print(`on a branch: the active chain has ${work}`);
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
function after(blocks: readonly MinedBlock[], { to, transactions, parent }: NextBlock): NextBlock {
  return { to, transactions: transactions && [], parent: parent && blocks.at(-1)?.hash };
}

/**
 * Mines up to `count` blocks, at least one. Where the node stopped after some, those are the result: the next request hears
 * why, if the reason still holds.
 */
async function mineBatch(
  { node }: NodeSession,
  socket: NodeSocket,
  count: number,
  { to, transactions, parent }: NextBlock,
): Promise<MinedBlock[]> {
  // What is not chosen is left out: nodes without development controls refuse the rest.
  const chosen = { ...(transactions && { transactions: [...transactions] }), ...(parent && { parent }) };
  const blocksOf = async () => {
    const { mine } = await socket.run(MineBatchMutation, { count, to: to ?? null, ...chosen });
    return 'blocks' in mine && mine.blocks.length > 0 ? mine.blocks : succeeded(mine).blocks;
  };
  const blocks = await unlessRefused('mining failed', blocksOf()).catch((error: unknown) => {
    throw inWords(node, error);
  });
  if (blocks.length === 0) throw new CommandError('mining failed: the node gives no block');
  return blocks.map(minedBlockOf);
}

/** The blocks found so far, and how they are shown: each, or all in one line, or as JSON. */
class ShownBlocks {
  readonly blocks: MinedBlock[] = [];
  readonly #count: number;
  readonly #isJson: boolean;
  readonly #terminal: Terminal;
  readonly #startMs = Date.now();

  constructor(count: number, { json: isJson = false }: ClientFlags, terminal: Terminal) {
    this.#count = count;
    this.#isJson = isJson;
    this.#terminal = terminal;
  }

  /** @param elapsedMs how long the node took for all of these */
  add(blocks: readonly MinedBlock[], elapsedMs: number): void {
    this.blocks.push(...blocks);
    if (this.#isJson || this.#count > MAX_SHOWN_BLOCKS) return;
    for (const block of blocks) this.#terminal.print(lineOf(block, elapsedMs / blocks.length));
  }

  end(): void {
    const [first] = this.blocks;
    const last = this.blocks.at(-1);
    if (!first || !last) return;
    if (this.#isJson) return this.#terminal.print(json(this.blocks.map(printed)));
    if (this.#count <= MAX_SHOWN_BLOCKS) return;
    const heights = `${orDash(first.height)} to ${orDash(last.height)}`;
    const took = formatDuration((Date.now() - this.#startMs) / 1000);
    this.#terminal.print(
      `${this.blocks.length} blocks, heights ${heights}, in ${took}; the last is ${orDash(last.hash)}`,
    );
  }
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
