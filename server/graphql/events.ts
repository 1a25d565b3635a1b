import type { Hash } from '../../consensus/hash.ts';
import { quotable } from '../../consensus/quotable.ts';
import { decodeReceipt } from '../../consensus/receipt.ts';
import type { MempoolRemoval, Notice } from '../../protocol/notices.ts';
import { EXPIRY_MS } from '../../protocol/policy.ts';
import {
  type LoggedEvent,
  MAX_CONTRACT_EVENT_BYTES,
  MAX_LOGGED_EVENTS,
  type StreamedEvent,
} from '../events/event-log.ts';
import type { NodeContext } from '../node/node-context.ts';
import { builder } from './builder.ts';
import { badInput, reverted } from './errors.ts';
import { ConditionedLinkRef } from './link-conditions.ts';
import { MinerStatusRef } from './miner.ts';
import { BlockModel, findTransaction } from './models.ts';
import { SyncRef } from './node-info.ts';
import { PeerRef } from './peer.ts';
import { EmittedEventRef } from './receipt.ts';
import { BlockRef, TransactionRef } from './refs.ts';

const DEFAULT_EVENTS = 100;
const MAX_EVENTS = 1_000;
const MS_PER_HOUR = 3_600_000;

const RemovalReasonRef = builder.enumType('RemovalReason', {
  description: 'Why a transaction left the mempool.',
  values: {
    CONFIRMED: { value: 'confirmed', description: 'It was confirmed by a block of the active chain.' },
    REPLACED: {
      value: 'replaced',
      description: 'A transaction with the same sender and nonce and a higher fee replaced it.',
    },
    EXPIRED: {
      value: 'expired',
      description: `It, or a transaction of its sender with an earlier nonce, was not confirmed within ${EXPIRY_MS / MS_PER_HOUR} hours.`,
    },
    EVICTED: { value: 'evicted', description: 'The mempool is full, and other transactions pay a higher fee rate.' },
    CONFLICT: { value: 'conflict', description: 'Another transaction with the same sender and nonce was confirmed.' },
    INVALID: { value: 'invalid', description: 'The balance of its sender no longer covers amount and fee.' },
    OPERATOR: { value: 'operator', description: 'The operator of the node dropped it with `dropTransaction`.' },
  } as const,
});

const MempoolRemovalRef = builder.objectRef<MempoolRemoval>('MempoolRemoval').implement({
  description: 'A transaction that left the mempool, or could not return to it after a reorg.',
  fields: (t) => ({
    id: t.field({ type: 'Hash', description: 'Transaction id.', resolve: ({ txid }) => txid }),
    reason: t.expose('reason', { type: RemovalReasonRef, description: 'Why it left.' }),
  }),
});

export const MempoolChangeRef = builder.objectRef<Extract<Notice, { kind: 'mempool' }>>('MempoolChange').implement({
  description: 'Transactions that entered or left the mempool.',
  fields: (t) => ({
    added: t.field({
      type: ['Hash'],
      description: 'Ids of the transactions that entered.',
      resolve: ({ added }) => [...added],
    }),
    transactions: t.field({
      type: [TransactionRef],
      description:
        'The transactions that entered, with their current status. Those that the node no longer knows are left out.',
      resolve: ({ added }, _, { node }) =>
        added.map((txid) => findTransaction(node, txid)).filter((transaction) => transaction !== null),
    }),
    removed: t.field({
      type: [MempoolRemovalRef],
      description: 'Transactions that left, with reasons.',
      resolve: ({ removed }) => [...removed],
    }),
    size: t.exposeInt('size', { description: 'Number of transactions in the mempool after the change.' }),
  }),
});

export const ReorgRef = builder.objectRef<Extract<Notice, { kind: 'reorg' }>>('Reorg').implement({
  description:
    'A reorganization: the node disconnected blocks of its active chain and connected another branch with more work.',
  fields: (t) => ({
    commonAncestor: t.field({
      type: 'Hash',
      description: 'Fork point: the last block that both branches have in common.',
      resolve: (reorg) => reorg.commonAncestor,
    }),
    disconnected: t.field({
      type: ['Hash'],
      description: 'Hashes of the disconnected blocks, highest first.',
      resolve: (reorg) => [...reorg.disconnected],
    }),
    connected: t.field({
      type: ['Hash'],
      description: 'Hashes of the connected blocks, lowest first.',
      resolve: (reorg) => [...reorg.connected],
    }),
    returnedToMempool: t.field({
      type: ['Hash'],
      description: 'Ids of transactions of the disconnected blocks that are in the mempool again.',
      resolve: (reorg) => [...reorg.returnedToMempool],
    }),
    dropped: t.field({
      type: ['Hash'],
      description:
        'Ids of transactions of the disconnected blocks that are neither confirmed by the new branch nor in the mempool.',
      resolve: ({ dropped }) => dropped.map(({ txid }): Hash => txid),
    }),
    droppedReasons: t.field({
      type: [MempoolRemovalRef],
      description: 'The transactions in `dropped`, with reasons.',
      resolve: ({ dropped }) => [...dropped],
    }),
    depth: t.int({ description: 'Number of disconnected blocks.', resolve: ({ disconnected }) => disconnected.length }),
  }),
});

export const EventKindRef = builder.enumType('EventKind', {
  description: 'Kind of an event. Gaps have no kind: a stream always delivers them.',
  values: {
    BLOCK: { value: 'block', description: 'A block was connected to the active chain.' },
    REORG: { value: 'reorg', description: 'The active chain was reorganized to another branch.' },
    MEMPOOL: { value: 'mempool', description: 'Transactions entered or left the mempool.' },
    PEERS: {
      value: 'peers',
      description: 'A peer connected or disconnected, or its data or the conditions of a link changed.',
    },
    MINER: {
      value: 'miner',
      description:
        'The miner started, stopped or was reconfigured. While it works, its progress is reported twice per second; progress reports are not stored.',
    },
    SYNC: { value: 'sync', description: 'The synchronization state of the node changed.' },
    CONTRACT: {
      value: 'contract',
      description: 'Contracts emitted events in a transaction that was confirmed, or a reorg took them back.',
    },
    RESET: {
      value: 'reset',
      description: 'The node went back to a snapshot. Streams deliver it always, as they do gaps.',
    },
  } as const,
});

type EventOf<K extends StreamedEvent['notice']['kind']> = StreamedEvent & {
  readonly notice: Extract<StreamedEvent['notice'], { kind: K }>;
};

export const EventRef = builder.interfaceRef<StreamedEvent>('Event').implement({
  description: 'Something that happened to the node.',
  fields: (t) => ({
    cursor: t.expose('cursor', {
      type: 'Cursor',
      description:
        'Position in the stream. Subscribe with it to continue after this event. An event that is not stored has the cursor of the stored event before it.',
    }),
    at: t.field({
      type: 'DateTime',
      description: 'Time of the event, by the clock of the node.',
      resolve: ({ atMs }) => new Date(atMs),
    }),
  }),
  resolveType: ({ notice }) => EVENT_TYPES[notice.kind],
});

const EVENT_TYPES = {
  block: 'BlockEvent',
  reorg: 'ReorgEvent',
  mempool: 'MempoolEvent',
  peers: 'PeersEvent',
  miner: 'MinerEvent',
  sync: 'SyncEvent',
  contract: 'ContractEvent',
  reset: 'ResetEvent',
  gap: 'GapEvent',
} as const satisfies Record<StreamedEvent['notice']['kind'], string>;

builder.objectType(builder.objectRef<EventOf<'block'>>('BlockEvent'), {
  description:
    'A block was connected to the active chain. A ContractEvent for each of its transactions in which contracts emitted events follows.',
  interfaces: [EventRef],
  fields: (t) => ({
    block: t.field({
      type: BlockRef,
      description: 'The connected block. If a reorg has disconnected it since, `canonical` says so.',
      resolve: ({ notice }, _, { node }) => blockOf(node, notice),
    }),
  }),
});

builder.objectType(builder.objectRef<EventOf<'reorg'>>('ReorgEvent'), {
  description:
    'The active chain was reorganized to another branch. What contracts emitted in disconnected blocks follows, with `takenBack`, the latest first; then a BlockEvent for each connected block.',
  interfaces: [EventRef],
  fields: (t) => ({
    reorg: t.field({
      type: ReorgRef,
      description: 'The blocks and transactions that it changed.',
      resolve: ({ notice }) => notice,
    }),
  }),
});

builder.objectType(builder.objectRef<EventOf<'mempool'>>('MempoolEvent'), {
  description: 'Transactions entered or left the mempool.',
  interfaces: [EventRef],
  fields: (t) => ({
    change: t.field({
      type: MempoolChangeRef,
      description: 'The transactions that entered or left.',
      resolve: ({ notice }) => notice,
    }),
  }),
});

builder.objectType(builder.objectRef<EventOf<'peers'>>('PeersEvent'), {
  description: 'A peer connected or disconnected, or its data or the conditions of a link changed.',
  interfaces: [EventRef],
  fields: (t) => ({
    peers: t.field({
      type: [PeerRef],
      description: 'All peers when the event is read, not when it happened.',
      resolve: (_, __, { node }) => [...node.view.peers()],
    }),
    weather: t.field({
      type: [ConditionedLinkRef],
      description: 'All links that have conditions when the event is read, as in `NodeInfo.weather`.',
      resolve: (_, __, { node }) => [...node.weather.links],
    }),
  }),
});

builder.objectType(builder.objectRef<EventOf<'miner'>>('MinerEvent'), {
  description: 'The miner started, stopped or was reconfigured, or reports its progress.',
  interfaces: [EventRef],
  fields: (t) => ({
    miner: t.field({
      type: MinerStatusRef,
      description: 'The miner when the event is read, not when it happened.',
      resolve: (_, __, { node }) => node.view.miner(),
    }),
  }),
});

builder.objectType(builder.objectRef<EventOf<'sync'>>('SyncEvent'), {
  description: 'The synchronization state of the node changed.',
  interfaces: [EventRef],
  fields: (t) => ({
    sync: t.field({
      type: SyncRef,
      description: 'The state when the event is read, not when it happened.',
      resolve: (_, __, { node }) => node.view.sync(),
    }),
  }),
});

builder.objectType(builder.objectRef<EventOf<'contract'>>('ContractEvent'), {
  description:
    'What contracts emitted in one transaction of the active chain. It is told again with `takenBack` when a reorg disconnects its block: whatever was derived from these events is void. The transaction may be confirmed again, in another block and with other events.',
  interfaces: [EventRef],
  fields: (t) => ({
    takenBack: t.boolean({
      description: 'Whether its block was disconnected, and the events are void; false: it was connected.',
      resolve: ({ notice }) => notice.takenBack,
    }),
    transaction: t.field({
      type: 'Hash',
      description: 'Id of the transaction.',
      resolve: ({ notice }) => notice.txid,
    }),
    blockHash: t.field({ type: 'Hash', description: 'Its block.', resolve: ({ notice }) => notice.blockHash }),
    blockHeight: t.int({ description: 'Height of its block.', resolve: ({ notice }) => notice.height }),
    events: t.field({
      type: [EmittedEventRef],
      description: 'The events, in the order in which they were emitted; never none.',
      resolve: ({ notice }) => [...decodeReceipt(notice.receipt).events],
    }),
  }),
});

builder.objectType(builder.objectRef<EventOf<'reset'>>('ResetEvent'), {
  description:
    'The node went back to a snapshot: query its state again. Events before it are void and are not stored any more; every earlier cursor continues with this event.',
  interfaces: [EventRef],
  fields: (t) => ({
    tip: t.field({
      type: BlockRef,
      description: 'The tip when the event is read.',
      resolve: (_, __, { node }) => new BlockModel(node, node.view.chain.tip),
    }),
  }),
});

builder.objectType(builder.objectRef<EventOf<'gap'>>('GapEvent'), {
  description:
    'Events are missing at this position: they are no longer stored, or the node has restarted. Query current state again.',
  interfaces: [EventRef],
  fields: (t) => ({
    missed: t.int({
      nullable: true,
      description: 'Number of missed events; null if unknown.',
      resolve: ({ notice }) => notice.missed,
    }),
  }),
});

builder.queryFields((t) => ({
  events: t.field({
    type: [EventRef],
    description:
      'Stored events after a cursor, oldest first; without a cursor, from the oldest. The same events as in the subscription `events`, starting with a GapEvent if some are missing. `first` limits the answer; continue with the last cursor.',
    args: {
      after: t.arg({
        type: 'Cursor',
        description: 'Cursor of the last event that was seen. Text that is no cursor is refused with BAD_INPUT.',
      }),
      first: t.arg.int({
        defaultValue: DEFAULT_EVENTS,
        description: `Maximum number of events, from 0 to ${MAX_EVENTS}; other values are refused with BAD_INPUT.`,
      }),
    },
    complexity: ({ first }) => ({ field: 1, multiplier: Math.max(1, Math.min(first ?? DEFAULT_EVENTS, MAX_EVENTS)) }),
    resolve: (_, { after, first }, { node }) => {
      const limit = first ?? DEFAULT_EVENTS;
      if (limit < 0 || limit > MAX_EVENTS) throw badInput('first', `must be from 0 to ${MAX_EVENTS}`);
      const events = node.events.since(after ?? null, limit, node.nowMs());
      if (!events) throw badInput('after', `"${quotable(after ?? '')}" is not a cursor of this API`);
      return events;
    },
  }),
  latestEvents: t.field({
    type: [EventRef],
    description: `The most recent stored events, oldest first. A node stores its last ${MAX_LOGGED_EVENTS} events, in memory; those of contracts do not count, and are stored up to ${MAX_CONTRACT_EVENT_BYTES / 2 ** 20} MiB.`,
    args: {
      count: t.arg.int({
        defaultValue: DEFAULT_EVENTS,
        description: `Maximum number of events, from 0 to ${MAX_EVENTS}; other values are refused with BAD_INPUT.`,
      }),
      kinds: t.arg({ type: [EventKindRef], description: 'Only events of these kinds; all kinds if omitted or empty.' }),
    },
    complexity: ({ count }) => ({ field: 1, multiplier: Math.max(1, Math.min(count ?? DEFAULT_EVENTS, MAX_EVENTS)) }),
    resolve: (_, { count, kinds }, { node }) => {
      const limit = count ?? DEFAULT_EVENTS;
      if (limit < 0 || limit > MAX_EVENTS) throw badInput('count', `must be from 0 to ${MAX_EVENTS}`);
      return node.events.latest(limit, isOfKind(kinds));
    },
  }),
}));

/** A filter for events of these kinds; without kinds, it accepts all. */
export function isOfKind(kinds: readonly string[] | null | undefined): (event: LoggedEvent) => boolean {
  const wanted = new Set(kinds ?? []);
  return ({ notice }) => wanted.size === 0 || wanted.has(notice.kind);
}

/** As {@link isOfKind}, for a stream: that earlier events are void is told whatever was asked for. */
export function isStreamed(kinds: readonly string[] | null | undefined): (event: LoggedEvent) => boolean {
  const isWanted = isOfKind(kinds);
  return (event) => event.notice.kind === 'reset' || isWanted(event);
}

/** Blocks of published notices, each decoded once for all subscribers. */
const published = new WeakMap<Notice, BlockModel>();

/** The block of a notice. */
export function blockOf(node: NodeContext, notice: Extract<Notice, { kind: 'block' }>): BlockModel {
  let model = published.get(notice);
  if (!model) {
    const entry = node.view.chain.get(notice.blockHash);
    if (!entry && node.controls.reverts > 0) throw reverted();
    if (!entry) throw new Error(`published block ${notice.blockHash} is not in the index`);
    model = new BlockModel(node, entry);
    published.set(notice, model);
  }
  return model;
}
