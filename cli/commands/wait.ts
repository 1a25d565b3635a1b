import { setTimeout as delay } from 'node:timers/promises';
import type { NodeClient, NodeEvents } from '../../client/types.ts';
import { isHash } from '../../consensus/hash.ts';
import { describeRange, numbers, parseNumber } from '../../consensus/number-range.ts';
import { printable } from '../../consensus/quotable.ts';
import { parseWholeNumber } from '../../server/settings/option-values.ts';
import { CommandError, UsageError } from '../cli-errors.ts';
import { json, orDash } from '../output/output.ts';
import { type CliContext, type ClientFlags, withNode } from './client-context.ts';

/** Largest GraphQL `Int`. */
const MAX_COUNT = 2 ** 31 - 1;
/** Time limits, up to a day. */
const TIMEOUT_SECONDS = numbers(0, 86_400);
const MS_PER_SECOND = 1_000;

/** Flags of `forklore wait`. */
export interface WaitFlags extends ClientFlags {
  readonly height?: string;
  readonly tx?: string;
  readonly confirmations?: string;
  readonly peers?: string;
  readonly timeout?: string;
}

/** What there is when something waited for has come. */
interface Found {
  readonly line: string;
  readonly data: object;
}

/** Something to wait for. */
interface Wanted {
  /** What has not happened at the time limit: `the tip did not reach height 12`. */
  readonly missing: string;
  /** Null while it is not there. Throws `CommandError` where it cannot come any more. */
  look(client: NodeClient): Promise<Found | null>;
}

/** `forklore wait`: returns when the node has what is waited for. Throws `CommandError` at the time limit. */
export async function wait(flags: WaitFlags, context: CliContext): Promise<void> {
  const wanted = wantedBy(flags);
  const timeoutSeconds = flags.timeout === undefined ? null : parseTimeout(flags.timeout);
  await withNode(flags, context, async ({ client }) => {
    const found = await untilFound(client, wanted, timeoutSeconds);
    context.terminal.print(flags.json ? json(found.data) : found.line);
  });
}

async function untilFound(client: NodeClient, wanted: Wanted, timeoutSeconds: number | null): Promise<Found> {
  // Over HTTP first: a node that is not there is explained best there. What happens after it is not missed.
  const { cursor } = await client.nodeInfo();
  const events = client.events({ after: cursor });
  const over = new AbortController();
  const limit = timeoutSeconds === null ? [] : [delay(timeoutSeconds * MS_PER_SECOND, null, { signal: over.signal })];
  try {
    const found = await Promise.race([lookAtEach(events, () => wanted.look(client)), ...limit]);
    if (found === null) throw new CommandError(`${wanted.missing} within ${timeoutSeconds} s`);
    return found;
  } finally {
    over.abort();
    await events.return();
  }
}

/** Looks now and after each event. Null when the events have ended. */
async function lookAtEach(events: NodeEvents, look: () => Promise<Found | null>): Promise<Found | null> {
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if ((await events.next()).done) return null;
  }
}

function wantedBy({ height, tx, confirmations, peers }: WaitFlags): Wanted {
  const given = [height, tx, peers].filter((flag) => flag !== undefined);
  if (given.length !== 1) throw new UsageError('give one of --height NUMBER, --tx ID and --peers NUMBER');
  if (confirmations !== undefined && tx === undefined) throw new UsageError('--confirmations goes with --tx ID');
  if (height !== undefined) return heightOf(parseWholeNumber('--height', height, 0, MAX_COUNT));
  if (peers !== undefined) return peersOf(parseWholeNumber('--peers', peers, 1, MAX_COUNT));
  const count = confirmations === undefined ? 1 : parseWholeNumber('--confirmations', confirmations, 1, MAX_COUNT);
  return transactionOf(String(tx).toLowerCase(), count);
}

function heightOf(height: number): Wanted {
  return {
    missing: `the tip did not reach height ${height}`,
    look: async (client) => {
      const { hash, height: reached } = await client.tip();
      if (reached < height) return null;
      return { line: `the tip is at height ${reached}, ${orDash(hash)}`, data: { height: reached, hash } };
    },
  };
}

/** Peers count whose handshake is complete. */
function peersOf(count: number): Wanted {
  return {
    missing: `the node did not get ${count} peer${count === 1 ? '' : 's'}`,
    look: async (client) => {
      const peers = (await client.peers()).filter(({ state }) => state === 'READY');
      if (peers.length < count) return null;
      const data = peers.map(({ id, url }) => ({ id, url }));
      return { line: `${peers.length} peer${peers.length === 1 ? '' : 's'} connected`, data };
    },
  };
}

/** It need not be known yet: another node may be about to relay it. */
function transactionOf(txid: string, count: number): Wanted {
  if (!isHash(txid)) throw new UsageError(`--tx must be a transaction id (64 hex digits), not "${txid}"`);
  return {
    missing: `the transaction did not get ${count} confirmation${count === 1 ? '' : 's'}`,
    look: async (client) => {
      const transaction = await client.transaction(txid);
      if (transaction?.status === 'DROPPED') {
        const reason = printable(transaction.statusReason ?? 'no reason given');
        throw new CommandError(`the transaction was dropped: ${reason}`);
      }
      if (transaction === null || transaction.block === null || transaction.confirmations < count) return null;
      const { block, confirmations } = transaction;
      const times = confirmations === 1 ? 'once' : `${orDash(confirmations)} times`;
      return {
        line: `confirmed ${times} in block ${orDash(block.hash)} at height ${orDash(block.height)}`,
        data: { id: txid, block, confirmations },
      };
    },
  };
}

function parseTimeout(text: string): number {
  const seconds = parseNumber(TIMEOUT_SECONDS, text);
  if (seconds !== null) return seconds;
  throw new UsageError(`--timeout must be ${describeRange(TIMEOUT_SECONDS)} (seconds), not "${text}"`);
}
