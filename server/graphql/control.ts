import type { BlockIndexView, PeerView } from '../../protocol/node-view.ts';
import { normalisePeerUrl, PeerUrlError } from '../transport/peer-url.ts';
import { type ApiContext, builder } from './builder.ts';
import { badInput } from './errors.ts';
import { BlockModel, blockByHash } from './models.ts';
import { failureOf, OperationFailedRef } from './operation-failed.ts';
import { PeerRef } from './peer.ts';
import { BlockRef } from './refs.ts';
import { requireControl } from './require-control.ts';
import type { OperationFailure } from './submit.ts';

const PeerConnected = builder.objectRef<{ readonly peer: PeerView }>('PeerConnected').implement({
  description: 'The peer is connected, and the handshake is complete: it belongs to the same network.',
  fields: (t) => ({ peer: t.expose('peer', { type: PeerRef, description: 'The connected peer.' }) }),
});

const ConnectPeerResult = builder.unionType('ConnectPeerResult', {
  description: 'Result of `connectPeer`.',
  types: [PeerConnected, OperationFailedRef],
  resolveType: (value) => ('peer' in value ? PeerConnected : OperationFailedRef),
});

const PeerDisconnected = builder.objectRef<{ readonly id: string }>('PeerDisconnected').implement({
  description: 'The peer is disconnected. Neither side reconnects automatically.',
  fields: (t) => ({ id: t.exposeID('id', { description: 'Id of the closed connection.' }) }),
});

const DisconnectPeerResult = builder.unionType('DisconnectPeerResult', {
  description: 'Result of `disconnectPeer`.',
  types: [PeerDisconnected, OperationFailedRef],
  resolveType: (value) => ('id' in value ? PeerDisconnected : OperationFailedRef),
});

const BlockValidityChanged = builder.objectRef<{ readonly entry: BlockIndexView }>('BlockValidityChanged').implement({
  description:
    'The mark of the block was changed, and the node has moved to the branch with the most work that is now valid.',
  fields: (t) => ({
    block: t.field({
      type: BlockRef,
      nullable: true,
      description: 'The block; null if its body is not stored.',
      resolve: ({ entry }, _, { node }) => blockByHash(node, entry.record.hash),
    }),
    tip: t.field({
      type: BlockRef,
      description: 'The tip after the change.',
      resolve: (_, __, { node }) => new BlockModel(node, node.view.chain.tip),
    }),
  }),
});

const BlockValidityResult = builder.unionType('BlockValidityResult', {
  description: 'Result of `invalidateBlock` and `reconsiderBlock`.',
  types: [BlockValidityChanged, OperationFailedRef],
  resolveType: (value) => ('entry' in value ? BlockValidityChanged : OperationFailedRef),
});

builder.mutationFields((t) => ({
  connectPeer: t.field({
    type: ConnectPeerResult,
    description:
      'Connects to a node and returns when the handshake is complete; returns the existing connection if there is one. Works for discouraged peers, and beyond the usual number of outbound connections. Needs control of the node, else FORBIDDEN.',
    args: {
      url: t.arg.string({
        required: true,
        description: 'URL of the node, such as http://127.0.0.1:5001. Anything else is refused with BAD_INPUT.',
      }),
    },
    resolve: async (_, { url: text }, context) => {
      requireControl(context);
      const url = parsePeerUrl(text);
      const reply = await context.node.request((request) => ({ type: 'connect-peer', request, url }));
      if (!reply.ok) return failureOf(reply);
      const id = reply.value.kind === 'connected' ? reply.value.peer : null;
      const peer = context.node.view.peers().find((candidate) => candidate.id === id);
      return peer ? { peer } : { code: 'connect-failed', message: `${url}: the connection was lost at once` };
    },
  }),
  disconnectPeer: t.field({
    type: DisconnectPeerResult,
    description:
      'Disconnects a peer. Neither side reconnects automatically until an operator connects them again or one of them restarts. Needs control of the node, else FORBIDDEN.',
    args: { id: t.arg.id({ required: true, description: 'Id of the connection, from `Peer.id`.' }) },
    resolve: async (_, { id }, context) => {
      requireControl(context);
      const peer = String(id);
      const reply = await context.node.request((request) => ({ type: 'disconnect-peer', request, peer }));
      return reply.ok ? { id: peer } : failureOf(reply);
    },
  }),
  invalidateBlock: t.field({
    type: BlockValidityResult,
    description:
      'Marks a block and all its descendants as invalid on this node, whatever the consensus rules say, for example to force a reorg. Survives restarts; undone by `reconsiderBlock`. Needs control of the node, else FORBIDDEN.',
    args: { hash: t.arg({ type: 'Hash', required: true, description: 'Block hash, on any branch.' }) },
    resolve: (_, { hash }, context) => changeValidity(context, 'invalidate-block', hash),
  }),
  reconsiderBlock: t.field({
    type: BlockValidityResult,
    description:
      'Undoes `invalidateBlock`: the block, its ancestors and its descendants are no longer marked invalid, for whatever reason, and are validated again. Needs control of the node, else FORBIDDEN.',
    args: { hash: t.arg({ type: 'Hash', required: true, description: 'Block hash, on any branch.' }) },
    resolve: (_, { hash }, context) => changeValidity(context, 'reconsider-block', hash),
  }),
}));

async function changeValidity(
  context: ApiContext,
  type: 'invalidate-block' | 'reconsider-block',
  blockHash: string,
): Promise<{ entry: BlockIndexView } | OperationFailure> {
  requireControl(context);
  const reply = await context.node.request((request) => ({ type, request, blockHash }));
  if (!reply.ok) return failureOf(reply);
  const entry = context.node.view.chain.get(blockHash);
  return entry ? { entry } : { code: 'unknown-block', message: `no block ${blockHash} is known` };
}

function parsePeerUrl(text: string): string {
  try {
    return normalisePeerUrl(text);
  } catch (error) {
    if (error instanceof PeerUrlError) throw badInput('url', error.message);
    throw error;
  }
}
