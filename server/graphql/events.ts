import type { Hash } from '../../consensus/hash.ts';
import type { MempoolRemoval, Notice } from '../../protocol/notices.ts';
import type { LoggedEvent, StreamedEvent } from '../events/event-log.ts';
import type { NodeContext } from '../node/node-context.ts';
import { builder } from './builder.ts';
import { badInput } from './errors.ts';
import { MinerStatusRef } from './miner.ts';
import { BlockModel, findTransaction } from './models.ts';
import { SyncRef } from './node-info.ts';
import { PeerRef } from './peer.ts';
import { BlockRef, TransactionRef } from './refs.ts';

const DEFAULT_EVENTS = 100;
const MAX_EVENTS = 1_000;

const RemovalReasonRef = builder.enumType('RemovalReason', {
  description: 'Why a transaction left the mempool.',
  values: {
    CONFIRMED: { value: 'confirmed', description: 'It is in a block of the active chain.' },
    REPLACED: { value: 'replaced', description: 'Another with the same sender and nonce took its place.' },
    EXPIRED: { value: 'expired', description: 'It waited too long.' },
    EVICTED: { value: 'evicted', description: 'The mempool is full of others that pay more.' },
    CONFLICT: { value: 'conflict', description: 'Its nonce was used up by another transaction.' },
    INVALID: { value: 'invalid', description: 'Its sender cannot pay for it any more.' },
  } as const,
});

const MempoolRemovalRef = builder.objectRef<MempoolRemoval>('MempoolRemoval').implement({
  description: 'A transaction that left the mempool.',
  fields: (t) => ({
    id: t.field({ type: 'Hash', description: 'The transaction.', resolve: ({ txid }) => txid }),
    reason: t.expose('reason', { type: RemovalReasonRef, description: 'Why.' }),
  }),
});

export const MempoolChangeRef = builder.objectRef<Extract<Notice, { kind: 'mempool' }>>('MempoolChange').implement({
  description: 'What came into the mempool and what left it.',
  fields: (t) => ({
    added: t.field({ type: ['Hash'], description: 'Ids of those that came.', resolve: ({ added }) => [...added] }),
    transactions: t.field({
      type: [TransactionRef],
      description: 'Those that came, as they stand now; without any that the node has forgotten since.',
      resolve: ({ added }, _, { node }) =>
        added.map((txid) => findTransaction(node, txid)).filter((transaction) => transaction !== null),
    }),
    removed: t.field({
      type: [MempoolRemovalRef],
      description: 'Those that left.',
      resolve: ({ removed }) => [...removed],
    }),
    size: t.exposeInt('size', { description: 'How many it holds now.' }),
  }),
});

export const ReorgRef = builder.objectRef<Extract<Notice, { kind: 'reorg' }>>('Reorg').implement({
  description: 'The node moved to another branch.',
  fields: (t) => ({
    commonAncestor: t.field({
      type: 'Hash',
      description: 'The last block of both branches.',
      resolve: (reorg) => reorg.commonAncestor,
    }),
    disconnected: t.field({
      type: ['Hash'],
      description: 'Blocks that were left, tip first.',
      resolve: (reorg) => [...reorg.disconnected],
    }),
    connected: t.field({
      type: ['Hash'],
      description: 'Blocks that were taken up, lowest first.',
      resolve: (reorg) => [...reorg.connected],
    }),
    returnedToMempool: t.field({
      type: ['Hash'],
      description: 'Transactions of the blocks that were left that wait again.',
      resolve: (reorg) => [...reorg.returnedToMempool],
    }),
    dropped: t.field({
      type: ['Hash'],
      description: 'Transactions of the blocks that were left that could not come back.',
      resolve: ({ dropped }) => dropped.map(({ txid }): Hash => txid),
    }),
    droppedReasons: t.field({
      type: [MempoolRemovalRef],
      description: 'The same, with why.',
      resolve: ({ dropped }) => [...dropped],
    }),
    depth: t.int({ description: 'How many blocks were left.', resolve: ({ disconnected }) => disconnected.length }),
  }),
});

export const EventKindRef = builder.enumType('EventKind', {
  description: 'What an event tells of. A gap is told whatever was chosen.',
  values: {
    BLOCK: { value: 'block', description: 'A block was connected to the active chain.' },
    REORG: { value: 'reorg', description: 'The node moved to another branch.' },
    MEMPOOL: { value: 'mempool', description: 'The mempool changed.' },
    PEERS: { value: 'peers', description: 'The peers changed.' },
    MINER: {
      value: 'miner',
      description:
        'The miner started, stopped or was set anew; and how it gets on while it works, which is told but not kept.',
    },
    SYNC: { value: 'sync', description: 'The synchronization state of the node changed.' },
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
      description: 'Keep it to go on from here. An event that is told but not kept has that of the one before.',
    }),
    at: t.field({ type: 'DateTime', description: 'Time at which it happened.', resolve: ({ atMs }) => new Date(atMs) }),
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
  gap: 'GapEvent',
} as const satisfies Record<StreamedEvent['notice']['kind'], string>;

builder.objectType(builder.objectRef<EventOf<'block'>>('BlockEvent'), {
  description: 'A block was connected to the active chain.',
  interfaces: [EventRef],
  fields: (t) => ({
    block: t.field({
      type: BlockRef,
      description: 'The block.',
      resolve: ({ notice }, _, { node }) => blockOf(node, notice),
    }),
  }),
});

builder.objectType(builder.objectRef<EventOf<'reorg'>>('ReorgEvent'), {
  description: 'The node moved to another branch; the blocks that it took up follow as events of their own.',
  interfaces: [EventRef],
  fields: (t) => ({
    reorg: t.field({ type: ReorgRef, description: 'What changed.', resolve: ({ notice }) => notice }),
  }),
});

builder.objectType(builder.objectRef<EventOf<'mempool'>>('MempoolEvent'), {
  description: 'The mempool changed.',
  interfaces: [EventRef],
  fields: (t) => ({
    change: t.field({ type: MempoolChangeRef, description: 'What changed.', resolve: ({ notice }) => notice }),
  }),
});

builder.objectType(builder.objectRef<EventOf<'peers'>>('PeersEvent'), {
  description: 'A peer came, went, or told something new.',
  interfaces: [EventRef],
  fields: (t) => ({
    peers: t.field({
      type: [PeerRef],
      description: 'The peers now.',
      resolve: (_, __, { node }) => [...node.view.peers()],
    }),
  }),
});

builder.objectType(builder.objectRef<EventOf<'miner'>>('MinerEvent'), {
  description: 'The miner started, stopped or was reconfigured.',
  interfaces: [EventRef],
  fields: (t) => ({
    miner: t.field({
      type: MinerStatusRef,
      description: 'The miner now.',
      resolve: (_, __, { node }) => node.view.miner(),
    }),
  }),
});

builder.objectType(builder.objectRef<EventOf<'sync'>>('SyncEvent'), {
  description: 'The synchronization state of the node changed.',
  interfaces: [EventRef],
  fields: (t) => ({
    sync: t.field({ type: SyncRef, description: 'How it stands now.', resolve: (_, __, { node }) => node.view.sync() }),
  }),
});

builder.objectType(builder.objectRef<EventOf<'gap'>>('GapEvent'), {
  description:
    'Events are missing here: they are not kept any more, or happened before the node was started anew. Query what you show.',
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
      'What happened after a cursor, oldest first; without one, all that is kept. The same events as the subscription streams.',
    args: {
      after: t.arg({ type: 'Cursor', description: 'The last cursor that was seen.' }),
      first: t.arg.int({
        defaultValue: DEFAULT_EVENTS,
        description: `How many, at most ${MAX_EVENTS}; more is refused.`,
      }),
    },
    complexity: ({ first }) => ({ field: 1, multiplier: Math.max(1, Math.min(first ?? DEFAULT_EVENTS, MAX_EVENTS)) }),
    resolve: (_, { after, first }, { node }) => {
      const limit = first ?? DEFAULT_EVENTS;
      if (limit < 0 || limit > MAX_EVENTS) throw badInput('first', `must be from 0 to ${MAX_EVENTS}`);
      const events = node.events.since(after ?? null, limit, node.nowMs());
      if (!events) throw badInput('after', 'is no cursor of this API');
      return events;
    },
  }),
  latestEvents: t.field({
    type: [EventRef],
    description: 'The latest of the events that are kept, oldest first.',
    args: {
      count: t.arg.int({
        defaultValue: DEFAULT_EVENTS,
        description: `How many, at most ${MAX_EVENTS}; more is refused.`,
      }),
      kinds: t.arg({ type: [EventKindRef], description: 'Only events of these kinds.' }),
    },
    complexity: ({ count }) => ({ field: 1, multiplier: Math.max(1, Math.min(count ?? DEFAULT_EVENTS, MAX_EVENTS)) }),
    resolve: (_, { count, kinds }, { node }) => {
      const limit = count ?? DEFAULT_EVENTS;
      if (limit < 0 || limit > MAX_EVENTS) throw badInput('count', `must be from 0 to ${MAX_EVENTS}`);
      return node.events.latest(limit, isOfKind(kinds));
    },
  }),
}));

/** What chooses events of these kinds, or all where none are named. */
export function isOfKind(kinds: readonly string[] | null | undefined): (event: LoggedEvent) => boolean {
  const wanted = new Set(kinds ?? []);
  return ({ notice }) => wanted.size === 0 || wanted.has(notice.kind);
}

/** Blocks of published notices, each decoded once for all who watch. */
const published = new WeakMap<Notice, BlockModel>();

/** The block that a notice tells of. */
export function blockOf(node: NodeContext, notice: Extract<Notice, { kind: 'block' }>): BlockModel {
  let model = published.get(notice);
  if (!model) {
    const entry = node.view.chain.get(notice.blockHash);
    if (!entry) throw new Error(`published block ${notice.blockHash} is not in the index`);
    model = new BlockModel(node, entry);
    published.set(notice, model);
  }
  return model;
}
