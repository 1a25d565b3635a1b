import { setTimeout as sleep } from 'node:timers/promises';
import { ClientError } from '../../client/client-error.ts';
import type { NodeClient } from '../../client/node-client.ts';
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
/** Time between two questions to a node that is not there yet. */
const RETRY_MS = 250;

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

/** A wait; without a limit where `timeoutMs` is Infinity. */
type Wait = (client: NodeClient, timeoutMs: number) => Promise<Found>;

/**
 * `forklore wait`: returns when the node has what is waited for; the node itself need not be there yet. Throws `CommandError` at
 * the time limit.
 */
export async function wait(flags: WaitFlags, context: CliContext): Promise<void> {
  const waitedFor = waitOf(flags);
  const timeoutMs = flags.timeout === undefined ? Number.POSITIVE_INFINITY : parseTimeout(flags.timeout);
  await withNode(flags, context, async ({ client, node }) => {
    const sayWaiting = () => context.terminal.printError(`waiting for a node at ${node.url}`);
    const found = await onceItAnswers((leftMs) => waitedFor(client, leftMs), timeoutMs, sayWaiting).catch(
      (error: unknown) => {
        const isLate = error instanceof ClientError && error.code === 'timeout';
        throw isLate ? new CommandError(printable(error.message)) : error;
      },
    );
    context.terminal.print(flags.json ? json(found.data) : found.line);
  });
}

/**
 * What `ask` gives, which is asked again while nobody answers at the URL: the node may only be starting. Throws as `ask` does:
 * for what answers and is no node at once, and for nobody at the time limit.
 */
async function onceItAnswers(
  ask: (leftMs: number) => Promise<Found>,
  timeoutMs: number,
  onFirstFailure: () => void,
): Promise<Found> {
  const endMs = performance.now() + timeoutMs;
  for (let leftMs = timeoutMs, failures = 1; ; failures++) {
    try {
      return await ask(leftMs);
    } catch (error) {
      if (!(error instanceof ClientError && error.kind === 'unreachable')) throw error;
      if (failures === 1) onFirstFailure();
      await sleep(RETRY_MS);
      leftMs = endMs - performance.now();
      // A shorter attempt would fail for its own time limit, which says less.
      if (leftMs < RETRY_MS) throw error;
    }
  }
}

function waitOf({ height, tx, confirmations, peers }: WaitFlags): Wait {
  const given = [height, tx, peers].filter((flag) => flag !== undefined);
  if (given.length !== 1) throw new UsageError('give one of --height NUMBER, --tx ID and --peers NUMBER');
  if (confirmations !== undefined && tx === undefined) throw new UsageError('--confirmations goes with --tx ID');
  if (height !== undefined) return heightOf(parseWholeNumber('--height', height, 0, MAX_COUNT));
  if (peers !== undefined) return peersOf(parseWholeNumber('--peers', peers, 1, MAX_COUNT));
  const count = confirmations === undefined ? 1 : parseWholeNumber('--confirmations', confirmations, 1, MAX_COUNT);
  return transactionOf(String(tx).toLowerCase(), count);
}

function heightOf(wanted: number): Wait {
  return async (client, timeoutMs) => {
    const { hash, height } = await client.waitForHeight(wanted, { timeoutMs });
    return { line: `the tip is at height ${orDash(height)}, ${orDash(hash)}`, data: { height, hash } };
  };
}

/** Peers count whose handshake is complete. */
function peersOf(count: number): Wait {
  return async (client, timeoutMs) => {
    const peers = await client.waitForPeers(count, { timeoutMs });
    const data = peers.map(({ id, url }) => ({ id, url }));
    return { line: `${peers.length} peer${peers.length === 1 ? '' : 's'} connected`, data };
  };
}

/** It need not be known yet: another node may be about to relay it. */
function transactionOf(id: string, wanted: number): Wait {
  if (!isHash(id)) throw new UsageError(`--tx must be a transaction id (64 hex digits), not "${id}"`);
  return async (client, timeoutMs) => {
    const { block, confirmations } = await client.waitForTransaction(id, { confirmations: wanted, timeoutMs });
    const times = confirmations === 1 ? 'once' : `${orDash(confirmations)} times`;
    return {
      line: `confirmed ${times} in block ${orDash(block.hash)} at height ${orDash(block.height)}`,
      data: { id, block, confirmations },
    };
  };
}

/** @returns milliseconds */
function parseTimeout(text: string): number {
  const seconds = parseNumber(TIMEOUT_SECONDS, text);
  if (seconds !== null) return seconds * MS_PER_SECOND;
  throw new UsageError(`--timeout must be ${describeRange(TIMEOUT_SECONDS)} (seconds), not "${text}"`);
}
