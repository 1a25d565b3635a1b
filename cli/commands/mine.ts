import { printable } from '../../consensus/quotable.ts';
import { hasShape, type Shape, type Shaped } from '../asking/answer-shape.ts';
import { type NodeSocket, openNodeSocket } from '../asking/node-socket.ts';
import { CommandError } from '../cli-errors.ts';
import { formatDuration, formatHashrate, json, orDash, type ProgressLine, type Terminal } from '../output/output.ts';
import { parseWholeNumber } from '../settings/option-values.ts';
import { type CliContext, type ClientFlags, openSession } from './client-context.ts';

const MINER_FIELDS = 'hashrate expectedSeconds';
const MINER_QUERY = `{ miner { ${MINER_FIELDS} } }`;
const MINER_SUBSCRIPTION = `subscription { minerChanged { ${MINER_FIELDS} } }`;
/** One block at a time, so that each is shown when it is found. */
const MINE_MUTATION = `mutation ($to: String) {
  mine(count: 1, to: $to) {
    __typename
    ... on BlocksMined { blocks { hash height reward miner transactionCount } }
    ... on MiningFailed { code message }
  }
}`;

/** More blocks than this in one command are a typing error. */
const MAX_BLOCKS = 10_000;
/** How often the progress is drawn anew. */
const REDRAW_MS = 250;

/** Flags of `forklore mine`. */
export interface MineFlags extends ClientFlags {
  readonly to?: string;
}

const MINER = { hashrate: 'number', expectedSeconds: 'number?' } as const satisfies Shape;
type MinerData = Shaped<typeof MINER>;

const MINED_BLOCK = {
  hash: 'text',
  height: 'number',
  reward: 'text',
  miner: 'text',
  transactionCount: 'number',
} as const satisfies Shape;
type MinedBlock = Shaped<typeof MINED_BLOCK>;

const ANSWERED = { mine: { __typename: 'text' } } as const satisfies Shape;
const MINED = { blocks: [MINED_BLOCK] } as const satisfies Shape;
const FAILED = { code: 'text', message: 'text' } as const satisfies Shape;

/** `forklore mine`: lets the node mine now and shows each block that it finds. */
export async function mine(countText: string | undefined, flags: MineFlags, context: CliContext): Promise<void> {
  const count = countText === undefined ? 1 : parseWholeNumber('COUNT', countText, 1, MAX_BLOCKS);
  const session = openSession(flags, context);
  // Over HTTP first: a node that is not there is explained best there.
  const { miner } = await session.query(MINER_QUERY, { miner: MINER });
  const socket = openNodeSocket(session.address);
  const progress = new MiningProgress(context.terminal, count, miner);
  const blocks: MinedBlock[] = [];
  try {
    if (context.terminal.isInteractive) progress.follow(socket);
    while (blocks.length < count) {
      const startMs = progress.begin(blocks.length + 1);
      const block = await mineOne(socket, flags.to).catch((error: unknown) => {
        throw stoppedEarly(error, blocks.length, count);
      });
      blocks.push(block);
      progress.clear();
      if (!flags.json) context.terminal.print(lineOf(block, Date.now() - startMs));
    }
  } finally {
    progress.stop();
    await socket.close();
    // Also where it stopped early: those blocks stay.
    if (flags.json && blocks.length > 0) context.terminal.print(json(blocks));
  }
}

/** An error that says how many blocks there are when others were still to come. */
function stoppedEarly(error: unknown, mined: number, asked: number): unknown {
  if (!(error instanceof CommandError) || mined === 0) return error;
  return new CommandError(`mined ${mined} of ${asked} blocks, then stopped: ${error.message}`);
}

async function mineOne(socket: NodeSocket, to: string | undefined): Promise<MinedBlock> {
  const { mine: result } = await socket.run(MINE_MUTATION, ANSWERED, { to: to ?? null });
  if (hasShape(result, FAILED)) {
    throw new CommandError(`mining failed: ${printable(result.message)} (${printable(result.code)})`);
  }
  const [block] = hasShape(result, MINED) ? result.blocks : [];
  if (block === undefined) throw new CommandError('mining failed: the node gives no block');
  return block;
}

function lineOf(block: MinedBlock, elapsedMs: number): string {
  const transactions = `${block.transactionCount} transaction${block.transactionCount === 1 ? '' : 's'}`;
  const took = `in ${formatDuration(elapsedMs / 1000)}`;
  return `${orDash(block.height)}  ${orDash(block.hash)}  ${transactions}, reward ${orDash(block.reward)}, ${took}`;
}

/** The line below the blocks found so far: which block is being mined, how fast, and how long it should take. */
class MiningProgress {
  readonly #line: ProgressLine;
  readonly #count: number;
  readonly #timer;
  #miner: MinerData;
  #block = 1;
  #startMs = Date.now();

  constructor(terminal: Terminal, count: number, miner: MinerData) {
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
    const watch = async () => {
      for await (const { minerChanged } of socket.stream(MINER_SUBSCRIPTION, { minerChanged: MINER })) {
        this.#miner = minerChanged;
        this.#draw();
      }
    };
    // Only decoration: where it fails, the mining itself says why.
    watch().catch(() => {});
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
