import { MAX_SNAPSHOTS, type Snapshot } from '../node/development-controls.ts';
import { builder } from './builder.ts';
import { NEEDS_CONTROL, refuseControl } from './development-controls.ts';
import { BlockModel } from './models.ts';
import { OperationFailedRef } from './operation-failed.ts';
import { BlockRef } from './refs.ts';

const SnapshotRef = builder.objectRef<Snapshot>('Snapshot').implement({
  description:
    'A state that the node can go back to: its chain, mempool and clock. Snapshots are kept in memory until the node stops.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Id of the snapshot, for `revertToSnapshot` and `GET /snapshots/ID`.' }),
    takenAt: t.field({
      type: 'DateTime',
      description: 'When it was taken or uploaded, by the clock of the node.',
      resolve: ({ takenAtMs }) => new Date(takenAtMs),
    }),
    height: t.int({ description: 'Height of its tip.', resolve: ({ state }) => state.height }),
    tipHash: t.field({ type: 'Hash', description: 'Hash of its tip.', resolve: ({ state }) => state.tipHash }),
    bytes: t.int({ description: 'Size in memory.', resolve: ({ state }) => state.rows.length }),
  }),
});

const SnapshotTaken = builder.objectRef<{ readonly snapshot: Snapshot }>('SnapshotTaken').implement({
  description: 'The present state of the node can be returned to.',
  fields: (t) => ({ snapshot: t.expose('snapshot', { type: SnapshotRef, description: 'The new snapshot.' }) }),
});

const TakeSnapshotResult = builder.unionType('TakeSnapshotResult', {
  description: 'Result of `takeSnapshot`.',
  types: [SnapshotTaken, OperationFailedRef],
  resolveType: (value) => ('snapshot' in value ? SnapshotTaken : OperationFailedRef),
});

const Reverted = builder.objectRef<{ readonly tip: BlockModel }>('Reverted').implement({
  description: 'The node has gone back to the snapshot, which stays usable.',
  fields: (t) => ({ tip: t.expose('tip', { type: BlockRef, description: 'The tip of the snapshot.' }) }),
});

const RevertResult = builder.unionType('RevertResult', {
  description: 'Result of `revertToSnapshot`.',
  types: [Reverted, OperationFailedRef],
  resolveType: (value) => ('tip' in value ? Reverted : OperationFailedRef),
});

const SnapshotDropped = builder.objectRef<{ readonly id: string }>('SnapshotDropped').implement({
  description: 'The node keeps the snapshot no longer. Its state is as it was.',
  fields: (t) => ({ id: t.exposeID('id', { description: 'Id of the snapshot.' }) }),
});

const DropSnapshotResult = builder.unionType('DropSnapshotResult', {
  description: 'Result of `dropSnapshot`.',
  types: [SnapshotDropped, OperationFailedRef],
  resolveType: (value) => ('id' in value ? SnapshotDropped : OperationFailedRef),
});

builder.queryFields((t) => ({
  snapshots: t.field({
    type: [SnapshotRef],
    description: `Snapshots that the node can go back to, oldest first; at most ${MAX_SNAPSHOTS}.`,
    resolve: (_, __, { node }) => [...node.controls.snapshots],
  }),
}));

builder.mutationFields((t) => ({
  takeSnapshot: t.field({
    type: TakeSnapshotResult,
    description: `Keeps the present state of the node, so that it can go back to it any number of times: the whole chain, the mempool and the wall clock. ${NEEDS_CONTROL}`,
    resolve: (_, __, context) => {
      const refusal = refuseControl(context);
      if (refusal) return refusal;
      const outcome = context.node.controls.takeSnapshot();
      return outcome.ok ? { snapshot: outcome.value } : outcome;
    },
  }),
  revertToSnapshot: t.field({
    type: RevertResult,
    description: `Takes the node back to a snapshot: chain, mempool and wall clock. Subscribers get a ResetEvent. Requests that wait, such as \`mine\`, fail with \`reverted\`. The settings of the miner stay. A node with peers, which would fetch again what it gave up, refuses with \`has-peers\`; afterwards the node dials nobody by itself until it is restarted. ${NEEDS_CONTROL}`,
    args: { id: t.arg.id({ required: true, description: 'Id of a snapshot of this node.' }) },
    resolve: (_, { id }, context) => {
      const refusal = refuseControl(context);
      if (refusal) return refusal;
      const { node } = context;
      const outcome = node.controls.revertTo(String(id));
      return outcome.ok ? { tip: new BlockModel(node, node.view.chain.tip) } : outcome;
    },
  }),
  dropSnapshot: t.field({
    type: DropSnapshotResult,
    description: `Gives the memory of a snapshot back. The others stay usable. ${NEEDS_CONTROL}`,
    args: { id: t.arg.id({ required: true, description: 'Id of a snapshot of this node.' }) },
    resolve: (_, { id }, context) => {
      const refusal = refuseControl(context);
      if (refusal) return refusal;
      const outcome = context.node.controls.dropSnapshot(String(id));
      return outcome.ok ? { id: outcome.value } : outcome;
    },
  }),
}));
