import { withinLimits } from './call-limits.ts';
import { ClientError } from './client-error.ts';
import type { CallOptions } from './client-options.ts';
import type { NodeTransport } from './node-transport.ts';
import { PeersQuery, PlaceQuery, TransactionSummaryQuery } from './operation-documents.ts';
import { transactionOf, typedAnswer } from './typed-answers.ts';
import type { BlockPlace, ConfirmedTransaction, Peer } from './types.ts';
import { type Wanted, waitUntil } from './wait-until.ts';
import type { NodeUpdate } from './watch-node.ts';

/** Longest wait where the caller names no limit. */
const WAIT_LIMIT_MS = 60_000;
const MS_PER_SECOND = 1_000;

/** Resolves with a tip of at least this height. Throws {@link ClientError}. */
export async function waitForHeight(
  transport: NodeTransport,
  height: number,
  options: CallOptions,
): Promise<BlockPlace> {
  let seen = 'no tip was seen';
  return await within(transport, options, {
    missing: `the tip did not reach height ${height}`,
    seen: () => seen,
    mayCome: isOfTheChain,
    look: async (signal) => {
      const { tip } = await transport.query(PlaceQuery, {}, { signal });
      seen = `it is at height ${tip.height}`;
      return tip.height >= height ? tip : null;
    },
  });
}

/**
 * Resolves with the peers that have shaken hands once there are at least this many; or with all peers, once this holds of
 * them. Throws {@link ClientError}.
 */
export async function waitForPeers(
  transport: NodeTransport,
  wanted: number | ((peers: readonly Peer[]) => boolean),
  options: CallOptions,
): Promise<readonly Peer[]> {
  let seen = 'no peers were seen';
  const isCount = typeof wanted !== 'function';
  return await within(transport, options, {
    missing: `the node did not get ${isCount ? plural(wanted, 'peer') : 'the peers that are waited for'}`,
    seen: () => seen,
    mayCome: isOfPeers,
    look: async (signal) => {
      const answer = await transport.query(PeersQuery, {}, { signal });
      const ready = ({ state }: Peer) => !isCount || state === 'READY';
      const peers = typedAnswer(transport.url, answer, (data) => data.peers.filter(ready));
      seen = `it has ${plural(peers.length, 'peer')}`;
      return (isCount ? peers.length >= wanted : wanted(peers)) ? peers : null;
    },
  });
}

/**
 * Resolves when a transaction is in a block and has this many confirmations; the node need not know it yet. Throws
 * {@link ClientError}, of the kind `dropped` where the node has dropped it.
 */
export async function waitForTransaction(
  transport: NodeTransport,
  id: string,
  { confirmations = 1, ...options }: CallOptions & { readonly confirmations?: number | undefined },
): Promise<ConfirmedTransaction> {
  let seen = 'the node knows no such transaction';
  return await within(transport, options, {
    missing: `transaction ${id} did not get ${plural(confirmations, 'confirmation')}`,
    seen: () => seen,
    mayCome: (update) => isOfTransaction(update, id),
    look: async (signal) => {
      const answer = await transport.query(TransactionSummaryQuery, { id }, { signal });
      if (answer.transaction === null) return null;
      const transaction = typedAnswer(transport.url, answer.transaction, transactionOf);
      const { status, statusReason, block } = transaction;
      if (status === 'DROPPED') {
        throw new ClientError('dropped', `the transaction was dropped: ${statusReason ?? 'no reason given'}`);
      }
      const times = block === null ? '' : ` with ${plural(transaction.confirmations, 'confirmation')}`;
      seen = `it is ${status}${times}`;
      return block !== null && transaction.confirmations >= confirmations ? { ...transaction, block } : null;
    },
  });
}

/** Something to wait for, with the words for a wait that takes too long. */
interface Wait<Found> extends Wanted<Found> {
  /** What has not come then. */
  readonly missing: string;
  /** What there was at the last look. */
  seen(): string;
}

function within<Found>(
  transport: NodeTransport,
  { signal, timeoutMs = WAIT_LIMIT_MS }: CallOptions,
  wait: Wait<Found>,
): Promise<Found> {
  const timedOut = () =>
    new ClientError('timeout', `${wait.missing} within ${timeoutMs / MS_PER_SECOND} s: ${wait.seen()}`, {
      code: 'timeout',
      limit: timeoutMs,
    });
  const limits = { signal, closed: transport.closed, timeoutMs, timedOut };
  return withinLimits(limits, (ending) => waitUntil(transport, wait, ending));
}

function isOfTheChain(update: NodeUpdate): boolean {
  if (update.kind === 'tip') return true;
  const { __typename } = update.event;
  return __typename !== 'PeersEvent' && __typename !== 'MinerEvent' && __typename !== 'SyncEvent';
}

function isOfTransaction(update: NodeUpdate, id: string): boolean {
  if (update.kind === 'tip' || update.event.__typename !== 'MempoolEvent') return isOfTheChain(update);
  const { added, removed } = update.event.change;
  return added.includes(id) || removed.some((transaction) => transaction.id === id);
}

function isOfPeers(update: NodeUpdate): boolean {
  if (update.kind === 'tip') return true;
  return update.event.__typename === 'PeersEvent' || update.event.__typename === 'GapEvent';
}

function plural(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}
