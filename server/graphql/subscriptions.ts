import { quotable } from '../../consensus/quotable.ts';
import type { Notice } from '../../protocol/notices.ts';
import type { LoggedEvent } from '../events/event-log.ts';
import type { NodeContext } from '../node/node-context.ts';
import { builder } from './builder.ts';
import { badInput } from './errors.ts';
import { blockOf, EventKindRef, EventRef, isStreamed, MempoolChangeRef, ReorgRef } from './events.ts';
import { MinerStatusRef } from './miner.ts';
import { findTransaction, type TransactionModel } from './models.ts';
import { SyncRef } from './node-info.ts';
import { PeerRef } from './peer.ts';
import { BlockRef, TransactionRef } from './refs.ts';

builder.subscriptionFields((t) => ({
  events: t.field({
    type: EventRef,
    description:
      'All events in one stream, in order. With a cursor the stream starts after it; a GapEvent says if events are missing. A subscriber that falls too far behind is ended with SLOW_SUBSCRIBER and can subscribe again with its last cursor.',
    args: {
      after: t.arg({
        type: 'Cursor',
        description:
          'Cursor of the last event that was seen; without one, only new events. Text that is no cursor is refused with BAD_INPUT.',
      }),
      kinds: t.arg({
        type: [EventKindRef],
        description: 'Only events of these kinds, gaps and resets; all kinds if omitted or empty.',
      }),
    },
    subscribe: (_, { after, kinds }, { node }) => {
      const stream = node.events.subscribe(after ?? null, node.nowMs(), isStreamed(kinds));
      if (!stream) throw badInput('after', `"${quotable(after ?? '')}" is not a cursor of this API`);
      return stream;
    },
    resolve: (event) => event,
  }),
  blockAdded: t.field({
    type: BlockRef,
    description: 'Every block that is connected to the active chain, in order, after it is durable.',
    subscribe: (_, __, { node }) => newEvents(node, 'block'),
    resolve: ({ notice }, _, { node }) => blockOf(node, notice),
  }),
  mempoolChanged: t.field({
    type: MempoolChangeRef,
    description: 'Transactions as they enter or leave the mempool.',
    subscribe: (_, __, { node }) => newEvents(node, 'mempool'),
    resolve: ({ notice }) => notice,
  }),
  reorged: t.field({
    type: ReorgRef,
    description:
      'Reorganizations, with the disconnected and connected blocks. Published before `blockAdded` of the connected blocks.',
    subscribe: (_, __, { node }) => newEvents(node, 'reorg'),
    resolve: ({ notice }) => notice,
  }),
  transactionStatus: t.field({
    type: TransactionRef,
    description:
      'A transaction with its current status, if it is known, and again at each change of its status. Completes when the status is CONFIRMED or DROPPED.',
    args: {
      id: t.arg({
        type: 'Hash',
        required: true,
        description: 'Transaction id. The node need not know the transaction yet.',
      }),
    },
    subscribe: (_, { id }, { node }) => statusChanges(node, id),
    resolve: (transaction) => transaction,
  }),
  peersChanged: t.field({
    type: [PeerRef],
    description: 'All peers, whenever one connects or disconnects, or its data or the conditions of a link change.',
    subscribe: (_, __, { node }) => newEvents(node, 'peers'),
    resolve: (_, __, { node }) => [...node.view.peers()],
  }),
  minerChanged: t.field({
    type: MinerStatusRef,
    description: 'The miner, whenever it starts, stops or is reconfigured, and twice per second while it works.',
    subscribe: (_, __, { node }) => newEvents(node, 'miner'),
    resolve: (_, __, { node }) => node.view.miner(),
  }),
  syncChanged: t.field({
    type: SyncRef,
    description:
      'The synchronization state, whenever `state` or `waiting.reason` changes. Other fields change without an event.',
    subscribe: (_, __, { node }) => newEvents(node, 'sync'),
    resolve: (_, __, { node }) => node.view.sync(),
  }),
}));

type Stream<T> = AsyncIterableIterator<T, undefined>;

/** An event of one kind. */
type EventOf<K extends Notice['kind']> = LoggedEvent & { readonly notice: Extract<Notice, { kind: K }> };

function newEvents<K extends Notice['kind']>(node: NodeContext, ...kinds: readonly K[]): Stream<EventOf<K>> {
  const wanted: readonly string[] = kinds;
  const stream = node.events.subscribe(null, node.nowMs(), ({ notice }) => wanted.includes(notice.kind));
  if (!stream) throw new Error('a stream without a cursor always starts');
  // Without a cursor there is no gap.
  return stream as Stream<EventOf<K>>;
}

// Not an async generator: its `return` waits for a pending `next`, so a subscription could not end before the next event.

function iterator<R>(source: Stream<unknown>, next: () => Promise<IteratorResult<R, undefined>>): Stream<R> {
  return {
    next,
    return: async () => {
      await source.return?.();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function statusChanges(node: NodeContext, id: string): Stream<TransactionModel> {
  // No other event changes the status of a transaction.
  const stream = newEvents(node, 'block', 'reorg', 'mempool', 'reset');
  let last: string | null = null;
  let isOver = false;
  const look = (): TransactionModel | null => {
    const found = findTransaction(node, id);
    if (!found) return null;
    const status = `${found.status} ${found.block?.entry.record.hash ?? ''}`;
    if (status === last) return null;
    last = status;
    isOver = found.status === 'CONFIRMED' || found.status === 'DROPPED';
    return found;
  };
  return iterator(stream, async () => {
    for (let found = isOver ? null : look(); !isOver || found; found = look()) {
      if (found) return { value: found, done: false };
      const event = await stream.next();
      if (event.done) break;
    }
    await stream.return?.();
    return { value: undefined, done: true };
  });
}
