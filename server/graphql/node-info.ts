import type { SyncView, SyncWaiting } from '../../protocol/node-view.ts';
import type { NodeContext, NodeFacts } from '../node/node-context.ts';
import { builder } from './builder.ts';
import { ConditionedLinkRef } from './link-conditions.ts';

const MS_PER_SECOND = 1_000;

const SyncState = builder.enumType('SyncState', {
  description: 'Progress of a node in downloading the best chain of its network.',
  values: {
    IDLE: { value: 'idle', description: 'No peer is connected, so nothing can be downloaded or compared.' },
    HEADERS: { value: 'headers', description: 'The node is downloading headers.' },
    BLOCKS: { value: 'blocks', description: 'The node is downloading and connecting blocks.' },
    SYNCED: { value: 'synced', description: 'The tip is that of the best chain that is known to the connected peers.' },
    STALLED: {
      value: 'stalled',
      description:
        'The node knows of more blocks, but no peer delivers them or they are not acceptable yet. `waiting` says which.',
    },
  } as const,
});

const SyncWaitingReason = builder.enumType('SyncWaitingReason', {
  description: 'Why a node cannot extend its chain.',
  values: {
    CLOCK: {
      value: 'clock',
      description:
        'The time of a block is further ahead of the clock of the node than the network allows. Check that clock.',
    },
    BODIES: {
      value: 'bodies',
      description: 'The header of the next block is known, but its body was not received yet.',
    },
    WORK: { value: 'work', description: 'Peers claim more chain work than the headers they have sent prove.' },
  } as const,
});

const SyncWaitingRef = builder.objectRef<SyncWaiting>('SyncWaiting').implement({
  description: 'What a node waits for before it can extend its chain.',
  fields: (t) => ({
    reason: t.expose('reason', { type: SyncWaitingReason, description: 'Why the node cannot extend its chain.' }),
    height: t.exposeInt('height', {
      description: 'Height of the next missing block. With WORK, the height that peers claim.',
    }),
    count: t.exposeInt('count', {
      description:
        'Number of blocks that cannot be connected until then. With WORK, claimed blocks beyond the best known header.',
    }),
    until: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'With CLOCK, the time by the clock of the node at which the block becomes acceptable; otherwise null.',
      resolve: ({ untilSeconds }) => (untilSeconds === null ? null : new Date(untilSeconds * MS_PER_SECOND)),
    }),
  }),
});

export const SyncRef = builder.objectRef<SyncView>('SyncStatus').implement({
  description: 'The synchronization state of a node.',
  fields: (t) => ({
    state: t.expose('state', { type: SyncState, description: 'What the node is doing.' }),
    height: t.exposeInt('height', { description: 'Height of the tip.' }),
    targetHeight: t.exposeInt('targetHeight', {
      description:
        'Best known height: of the headers, or higher if peers claim more work or headers wait for the clock. At least `height`.',
    }),
    waiting: t.expose('waiting', {
      type: SyncWaitingRef,
      nullable: true,
      description: 'What the node waits for; null if nothing is known to be missing.',
    }),
  }),
});

const IntegrityMode = builder.enumType('IntegrityMode', {
  description: 'Extent of the check of the stored chain at startup.',
  values: {
    QUICK: { value: 'quick', description: 'The latest blocks, and that tip and state match.' },
    FULL: { value: 'full', description: 'All blocks, replayed from genesis.' },
  } as const,
});

const IntegrityRef = builder.objectRef<NodeFacts['integrity']>('Integrity').implement({
  description: 'Result of the check of the stored chain at startup.',
  fields: (t) => ({
    mode: t.expose('mode', { type: IntegrityMode, description: 'Extent of the check.' }),
    checkedBlocks: t.exposeInt('checkedBlocks', { description: 'Number of blocks checked.' }),
    ok: t.exposeBoolean('ok', { description: 'Always true: a node with a damaged data folder does not start.' }),
  }),
});

const NodeInfoRef = builder.objectRef<NodeContext>('NodeInfo').implement({
  description: 'Identity, addresses and settings of a node.',
  fields: (t) => ({
    name: t.string({ description: 'Name of the node, as its operator chose it.', resolve: ({ info }) => info.name }),
    version: t.string({ description: 'Version of Forklore that the node runs.', resolve: ({ info }) => info.version }),
    network: t.string({ description: 'Name of the network.', resolve: ({ view }) => view.params.name }),
    genesisHash: t.field({
      type: 'Hash',
      description: 'Hash of the genesis block. It identifies the network: nodes with another one are not peers.',
      resolve: ({ view }) => view.params.genesis.hash,
    }),
    addressPrefix: t.string({
      description:
        'Human-readable part of the bech32m addresses of the network, without the separator 1, such as lore.',
      resolve: ({ view }) => view.params.addressPrefix,
    }),
    targetSpacingSeconds: t.int({
      description: 'Average time between blocks that the difficulty adjustment aims at, in seconds.',
      resolve: ({ view }) => view.params.spacingSeconds,
    }),
    mayControl: t.boolean({
      description:
        'Whether the caller of this query may control the node: mine, connect peers, invalidate blocks. It may if it is the local user or sends the token of the node.',
      resolve: (_, __, { mayControl }) => mayControl,
    }),
    controls: t.boolean({
      description:
        'Whether the network has development controls: mutations that set the clock, take the node back to a snapshot, choose what is mined and drop a pending transaction. Without them they answer with the code `controls-off`.',
      resolve: ({ view }) => view.params.controls,
    }),
    weather: t.field({
      type: [ConditionedLinkRef],
      description:
        'The links of this node that have conditions, connected or not; empty: messages leave as they would anyway. Whoever shows this node should show plainly that it is not.',
      resolve: ({ weather }) => [...weather.links],
    }),
    now: t.field({
      type: 'DateTime',
      description: 'The wall clock of the node, as the development controls have moved it.',
      resolve: ({ nowMs }) => new Date(nowMs()),
    }),
    cursor: t.field({
      type: 'Cursor',
      description:
        'Cursor of the latest stored event. A subscription to `events` after it misses nothing that happens after this answer.',
      resolve: ({ events }) => events.lastCursor,
    }),
    startedAt: t.field({
      type: 'DateTime',
      description: 'Time at which the node started.',
      resolve: ({ info }) => new Date(info.startedAtMs),
    }),
    listenUrl: t.string({
      description: 'URL at which peers can reach the node, as it announces it to them.',
      resolve: ({ info }) => info.listenUrl,
    }),
    graphqlUrl: t.string({ description: 'URL of the API of this node.', resolve: ({ info }) => info.graphqlUrl }),
    role: t.string({ description: 'Role of the node; currently always `node`.', resolve: ({ info }) => info.role }),
    sync: t.field({
      type: SyncRef,
      description: 'Synchronization state of the node.',
      resolve: ({ view }) => view.sync(),
    }),
    integrity: t.field({
      type: IntegrityRef,
      description: 'Result of the check of the stored chain at startup.',
      resolve: ({ info }) => info.integrity,
    }),
  }),
});

builder.queryFields((t) => ({
  nodeInfo: t.field({
    type: NodeInfoRef,
    description: 'Identity, addresses and settings of this node.',
    resolve: (_, __, { node }) => node,
  }),
}));
