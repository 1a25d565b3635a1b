import type { SyncView, SyncWaiting } from '../../protocol/node-view.ts';
import type { NodeContext, NodeFacts } from '../node/node-context.ts';
import { builder } from './builder.ts';

const MS_PER_SECOND = 1_000;

const SyncState = builder.enumType('SyncState', {
  description: 'Whether a node has the same chain as its network.',
  values: {
    IDLE: { value: 'idle', description: 'No peer is connected that the chain could be compared with.' },
    HEADERS: { value: 'headers', description: 'The node is downloading headers.' },
    BLOCKS: { value: 'blocks', description: 'The node is downloading and connecting blocks.' },
    SYNCED: { value: 'synced', description: 'The tip is that of the best chain known to the peers.' },
    STALLED: {
      value: 'stalled',
      description: 'It knows of more that no peer gives, or that it cannot take yet: `waiting` says what.',
    },
  } as const,
});

const SyncWaitingReason = builder.enumType('SyncWaitingReason', {
  description: 'Why a node cannot extend its chain.',
  values: {
    CLOCK: {
      value: 'clock',
      description: 'The time of a block is further ahead of its clock than the network allows. Is its clock right?',
    },
    BODIES: { value: 'bodies', description: 'The header of the next block is known, and its body has not come.' },
    WORK: { value: 'work', description: 'Peers claim more work than their headers have shown.' },
  } as const,
});

const SyncWaitingRef = builder.objectRef<SyncWaiting>('SyncWaiting').implement({
  description: 'What a node waits for before it can extend its chain.',
  fields: (t) => ({
    reason: t.expose('reason', { type: SyncWaitingReason, description: 'Why the node cannot extend its chain.' }),
    height: t.exposeInt('height', { description: 'Height of the next block; with WORK, the height that is claimed.' }),
    count: t.exposeInt('count', { description: 'Number of known blocks that cannot be connected until then.' }),
    until: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'With CLOCK, when the block can be taken, by the clock of the node; else null.',
      resolve: ({ untilSeconds }) => (untilSeconds === null ? null : new Date(untilSeconds * MS_PER_SECOND)),
    }),
  }),
});

export const SyncRef = builder.objectRef<SyncView>('SyncStatus').implement({
  description: 'The synchronization state of a node.',
  fields: (t) => ({
    state: t.expose('state', { type: SyncState, description: 'What it is doing.' }),
    height: t.exposeInt('height', { description: 'Height of its tip.' }),
    targetHeight: t.exposeInt('targetHeight', {
      description: 'Best height that it knows of. While it asks for headers, the one that peers claim.',
    }),
    waiting: t.expose('waiting', {
      type: SyncWaitingRef,
      nullable: true,
      description: 'What it waits for; null where nothing is known to be missing.',
    }),
  }),
});

const IntegrityMode = builder.enumType('IntegrityMode', {
  description: 'How the stored chain was checked at the start.',
  values: {
    QUICK: { value: 'quick', description: 'The latest blocks, and that tip and state agree.' },
    FULL: { value: 'full', description: 'Everything, replayed from genesis.' },
  } as const,
});

const IntegrityRef = builder.objectRef<NodeFacts['integrity']>('Integrity').implement({
  description: 'Outcome of the check of the stored chain at the start.',
  fields: (t) => ({
    mode: t.expose('mode', { type: IntegrityMode, description: 'How it was checked.' }),
    checkedBlocks: t.exposeInt('checkedBlocks', { description: 'Blocks that were checked.' }),
    ok: t.exposeBoolean('ok', { description: 'True: a node with a damaged store does not start.' }),
  }),
});

const NodeInfoRef = builder.objectRef<NodeContext>('NodeInfo').implement({
  description: 'What a node is.',
  fields: (t) => ({
    name: t.string({ description: 'Its name.', resolve: ({ info }) => info.name }),
    version: t.string({ description: 'Version of the program that it runs.', resolve: ({ info }) => info.version }),
    network: t.string({ description: 'Name of its network.', resolve: ({ view }) => view.params.name }),
    genesisHash: t.field({
      type: 'Hash',
      description: 'Identifies its network.',
      resolve: ({ view }) => view.params.genesis.hash,
    }),
    addressPrefix: t.string({
      description: 'Human-readable part of the bech32m addresses of its network, without the separator 1.',
      resolve: ({ view }) => view.params.addressPrefix,
    }),
    targetSpacingSeconds: t.int({
      description: 'Seconds between two blocks that the difficulty is set for.',
      resolve: ({ view }) => view.params.spacingSeconds,
    }),
    mayControl: t.boolean({
      description: 'Whether whoever asks may control it: mine, connect peers, rule out blocks.',
      resolve: (_, __, { mayControl }) => mayControl,
    }),
    cursor: t.field({
      type: 'Cursor',
      description: 'Where its stream of events stands. Subscribe behind it, and nothing is missed since this answer.',
      resolve: ({ events }) => events.lastCursor,
    }),
    startedAt: t.field({
      type: 'DateTime',
      description: 'When it started.',
      resolve: ({ info }) => new Date(info.startedAtMs),
    }),
    listenUrl: t.string({
      description: 'Where it listens, as it tells its peers.',
      resolve: ({ info }) => info.listenUrl,
    }),
    graphqlUrl: t.string({ description: 'URL of this API.', resolve: ({ info }) => info.graphqlUrl }),
    role: t.string({ description: 'What part it plays.', resolve: ({ info }) => info.role }),
    sync: t.field({ type: SyncRef, description: 'Its synchronization state.', resolve: ({ view }) => view.sync() }),
    integrity: t.field({
      type: IntegrityRef,
      description: 'How its stored chain was checked at the start.',
      resolve: ({ info }) => info.integrity,
    }),
  }),
});

builder.queryFields((t) => ({
  nodeInfo: t.field({ type: NodeInfoRef, description: 'What this node is.', resolve: (_, __, { node }) => node }),
}));
