import { availableParallelism } from 'node:os';
import { AddressError } from '../../consensus/address.ts';
import type { Hash } from '../../consensus/hash.ts';
import { quotableLines } from '../../consensus/quotable.ts';
import type { Reply } from '../../protocol/effects.ts';
import type { BlockIndexView, PeerView } from '../../protocol/node-view.ts';
import type { NodeContext } from '../node/node-context.ts';
import { normalisePeerUrl, PeerUrlError } from '../transport/peer-url.ts';
import { type ApiContext, builder } from './builder.ts';
import { badInput, forbidden } from './errors.ts';
import { MinerStatusRef, MiningModeRef } from './miner.ts';
import { addressOf, BlockModel, blockByHash } from './models.ts';
import { PeerRef } from './peer.ts';
import { BlockRef } from './refs.ts';
import type { OperationFailure } from './submit.ts';

const NEEDS_TOKEN =
  'controlling this node needs its token: send the header Authorization: Bearer … with the content of its token file, ' +
  'whose path the node prints at startup; see --admin-token-file';
/** Blocks that one call of `mine` may ask for. */
const MAX_MINE_COUNT = 1_000;
const MAX_THREADS = 1_024;
const MIN_INTERVAL_SECONDS = 0.1;
const MAX_INTERVAL_SECONDS = 86_400;
const MS_PER_SECOND = 1_000;

const BlocksMined = builder.objectRef<{ readonly blocks: readonly BlockModel[] }>('BlocksMined').implement({
  description: 'All requested blocks were mined. They are durable and announced to the peers.',
  fields: (t) => ({
    blocks: t.field({
      type: [BlockRef],
      description: 'The mined blocks, lowest first.',
      complexity: { field: 1, multiplier: 20 },
      resolve: ({ blocks }) => [...blocks],
    }),
  }),
});

function failureType(name: string, description: string, codes: string) {
  return builder.objectRef<OperationFailure>(name).implement({
    description,
    fields: (t) => ({
      code: t.exposeString('code', { description: codes }),
      message: t.exposeString('message', { description: 'The reason in words, for people. Programs use `code`.' }),
    }),
  });
}

/** Mining that ended before all blocks were mined. */
interface StoppedMining extends OperationFailure {
  readonly mined: readonly BlockModel[];
}

const MiningFailed = builder.objectRef<StoppedMining>('MiningFailed').implement({
  description:
    'Mining ended before all requested blocks were mined. The blocks mined until then are durable and announced to the peers.',
  fields: (t) => ({
    code: t.exposeString('code', {
      description:
        '`time-too-new`: the next block would be further ahead of the clock than the network allows. `no-miner-address`: neither `to` nor `setMining` named a recipient. `shutting-down`: the node stops.',
    }),
    message: t.exposeString('message', {
      description: 'The reason in words, for people, with the number of blocks mined before. Programs use `code`.',
    }),
    blocks: t.field({
      type: [BlockRef],
      description: 'Blocks that were mined before the failure, lowest first; may be empty.',
      complexity: { field: 1, multiplier: 20 },
      resolve: ({ mined }) => [...mined],
    }),
  }),
});
const OperationFailed = failureType(
  'OperationFailed',
  'The operation failed and changed nothing.',
  'For `connectPeer`: `connect-failed`, `refused`, `refused-by-peer`, `self-connection`, `too-many-peers`. For `disconnectPeer`: `unknown-peer`. For `invalidateBlock` and `reconsiderBlock`: `unknown-block`, `genesis-block`. For all: `shutting-down`.',
);

const MineResult = builder.unionType('MineResult', {
  description: 'Result of `mine`.',
  types: [BlocksMined, MiningFailed],
  resolveType: (value) => ('code' in value ? MiningFailed : BlocksMined),
});

const PeerConnected = builder.objectRef<{ readonly peer: PeerView }>('PeerConnected').implement({
  description: 'The peer is connected, and the handshake is complete: it belongs to the same network.',
  fields: (t) => ({ peer: t.expose('peer', { type: PeerRef, description: 'The connected peer.' }) }),
});

const ConnectPeerResult = builder.unionType('ConnectPeerResult', {
  description: 'Result of `connectPeer`.',
  types: [PeerConnected, OperationFailed],
  resolveType: (value) => ('peer' in value ? PeerConnected : OperationFailed),
});

const PeerDisconnected = builder.objectRef<{ readonly id: string }>('PeerDisconnected').implement({
  description: 'The peer is disconnected. Neither side reconnects automatically.',
  fields: (t) => ({ id: t.exposeID('id', { description: 'Id of the closed connection.' }) }),
});

const DisconnectPeerResult = builder.unionType('DisconnectPeerResult', {
  description: 'Result of `disconnectPeer`.',
  types: [PeerDisconnected, OperationFailed],
  resolveType: (value) => ('id' in value ? PeerDisconnected : OperationFailed),
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
  types: [BlockValidityChanged, OperationFailed],
  resolveType: (value) => ('entry' in value ? BlockValidityChanged : OperationFailed),
});

builder.mutationFields((t) => ({
  mine: t.field({
    type: MineResult,
    description:
      'Mines blocks with real proof of work and returns when all are durable. If another node finds a block first, mining continues on top of it. Ends early if the caller disconnects. Blocks that are mined faster than six per second get times ahead of the clock of the node; at the future limit of the network, mining stops with the code `time-too-new`. Needs control of the node, else FORBIDDEN.',
    args: {
      count: t.arg.int({
        defaultValue: 1,
        description: `Number of blocks, from 1 to ${MAX_MINE_COUNT}; other values are refused with BAD_INPUT.`,
      }),
      to: t.arg.string({
        description:
          'Recipient of the rewards: an address or the name of a development account. Without it, the address set by `setMining`.',
      }),
    },
    resolve: async (_, { count: asked, to }, context) => {
      requireControl(context);
      const count = asked ?? 1;
      if (count < 1 || count > MAX_MINE_COUNT) throw badInput('count', `must be from 1 to ${MAX_MINE_COUNT}`);
      const recipient = to == null ? null : parseRecipient(context, 'to', to);
      const { node } = context;
      const reply = await node.request((request) => ({ type: 'mine', request, count, recipient }), context.signal);
      if (!reply.ok) return { ...failureOf(reply), mined: minedBlocks(node, reply.blockHashes ?? []) };
      return { blocks: minedBlocks(node, reply.value.kind === 'mined' ? reply.value.blockHashes : []) };
    },
  }),
  setMining: t.field({
    type: MinerStatusRef,
    description:
      'Changes the settings of the miner; omitted settings are unchanged. Invalid values are refused with BAD_INPUT. Settings are lost at a restart. Needs control of the node, else FORBIDDEN.',
    args: {
      mode: t.arg({
        type: MiningModeRef,
        required: true,
        description: 'When the node mines without a call of `mine`.',
      }),
      threads: t.arg.int({
        description: `Number of threads, from 1 to ${MAX_THREADS}; more than the available cores are reduced to that number.`,
      }),
      intervalSeconds: t.arg.float({
        description: `Seconds between blocks in mode INTERVAL, from ${MIN_INTERVAL_SECONDS} to ${MAX_INTERVAL_SECONDS}.`,
      }),
      hashrateLimit: t.arg.float({
        description: 'Limit of all threads together, in hashes per second; 0 removes the limit.',
      }),
      address: t.arg.string({
        description: 'Default recipient of the rewards: an address or the name of a development account.',
      }),
    },
    resolve: async (_, { mode, threads, intervalSeconds, hashrateLimit, address }, context) => {
      requireControl(context);
      checkRange('threads', threads, 1, MAX_THREADS);
      checkRange('intervalSeconds', intervalSeconds, MIN_INTERVAL_SECONDS, MAX_INTERVAL_SECONDS);
      checkRange('hashrateLimit', hashrateLimit, 0, Number.MAX_SAFE_INTEGER);
      const recipient = address == null ? null : parseRecipient(context, 'address', address);
      const reply = await context.node.request((request) => ({
        type: 'set-mining',
        request,
        mode,
        threads: threads == null ? null : Math.min(threads, availableParallelism()),
        intervalMs: intervalSeconds == null ? null : intervalSeconds * MS_PER_SECOND,
        hashrateLimit: hashrateLimit ?? null,
        recipient,
      }));
      if (!reply.ok) throw badInput('address', reply.message);
      return context.node.view.miner();
    },
  }),
}));

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

function requireControl({ mayControl }: ApiContext): void {
  if (!mayControl) throw forbidden(NEEDS_TOKEN);
}

function parseRecipient({ node }: ApiContext, argument: string, text: string): string {
  try {
    return addressOf(node, text);
  } catch (error) {
    if (error instanceof AddressError) throw badInput(argument, error.message);
    throw error;
  }
}

function parsePeerUrl(text: string): string {
  try {
    return normalisePeerUrl(text);
  } catch (error) {
    if (error instanceof PeerUrlError) throw badInput('url', error.message);
    throw error;
  }
}

function checkRange(argument: string, value: number | null | undefined, min: number, max: number): void {
  if (value != null && !(value >= min && value <= max)) throw badInput(argument, `must be from ${min} to ${max}`);
}

function minedBlocks(node: NodeContext, hashes: readonly Hash[]): BlockModel[] {
  return hashes.map((hash) => blockByHash(node, hash)).filter((block) => block !== null);
}

function failureOf(reply: Extract<Reply, { ok: false }>): OperationFailure {
  // A peer's own words may be in it.
  return { code: reply.code, message: quotableLines(reply.message) };
}
