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
import type { Failure } from './submit.ts';

const NEEDS_TOKEN =
  'controlling this node needs its token: send the header Authorization: Bearer … with the content of its token file, ' +
  'which the node names at its start; see --admin-token-file';
/** Blocks that one call of `mine` may ask for. */
const MAX_MINE_COUNT = 1_000;
const MAX_THREADS = 1_024;
const MAX_INTERVAL_SECONDS = 86_400;
const MS_PER_SECOND = 1_000;

const BlocksMined = builder.objectRef<{ readonly blocks: readonly BlockModel[] }>('BlocksMined').implement({
  description: 'The blocks are durable, and announced to the peers.',
  fields: (t) => ({
    blocks: t.field({
      type: [BlockRef],
      description: 'In the order in which they were mined.',
      complexity: { field: 1, multiplier: 20 },
      resolve: ({ blocks }) => [...blocks],
    }),
  }),
});

function failureType(name: string, description: string) {
  return builder.objectRef<Failure>(name).implement({
    description,
    fields: (t) => ({
      code: t.exposeString('code', { description: 'What went wrong, in kebab-case.' }),
      message: t.exposeString('message', { description: 'The reason, in a sentence.' }),
    }),
  });
}

/** Mining that ended before all blocks were mined. */
interface StoppedMining extends Failure {
  readonly mined: readonly BlockModel[];
}

const MiningFailed = builder.objectRef<StoppedMining>('MiningFailed').implement({
  description: 'No more blocks are mined for this call. Those that were are durable, and announced to the peers.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'What went wrong, in kebab-case.' }),
    message: t.exposeString('message', { description: 'The reason, in a sentence; with how many were mined before.' }),
    blocks: t.field({
      type: [BlockRef],
      description: 'What was mined before, in this order; empty when nothing was.',
      complexity: { field: 1, multiplier: 20 },
      resolve: ({ mined }) => [...mined],
    }),
  }),
});
const OperationFailed = failureType('OperationFailed', 'What was asked for could not be done; nothing changed.');

const MineResult = builder.unionType('MineResult', {
  description: 'Result of mining.',
  types: [BlocksMined, MiningFailed],
  resolveType: (value) => ('code' in value ? MiningFailed : BlocksMined),
});

const PeerConnected = builder.objectRef<{ readonly peer: PeerView }>('PeerConnected').implement({
  description: 'The peer is connected, and of the same network.',
  fields: (t) => ({ peer: t.expose('peer', { type: PeerRef, description: 'The connection.' }) }),
});

const ConnectPeerResult = builder.unionType('ConnectPeerResult', {
  description: 'Result of connecting to a peer.',
  types: [PeerConnected, OperationFailed],
  resolveType: (value) => ('peer' in value ? PeerConnected : OperationFailed),
});

const PeerDisconnected = builder.objectRef<{ readonly id: string }>('PeerDisconnected').implement({
  description: 'The peer is disconnected; neither side connects again by itself.',
  fields: (t) => ({ id: t.exposeID('id', { description: 'The connection that was.' }) }),
});

const DisconnectPeerResult = builder.unionType('DisconnectPeerResult', {
  description: 'Result of disconnecting a peer.',
  types: [PeerDisconnected, OperationFailed],
  resolveType: (value) => ('id' in value ? PeerDisconnected : OperationFailed),
});

const BlockValidityChanged = builder.objectRef<{ readonly entry: BlockIndexView }>('BlockValidityChanged').implement({
  description: 'The block counts as told, and the node stands on the best branch that this leaves.',
  fields: (t) => ({
    block: t.field({
      type: BlockRef,
      nullable: true,
      description: 'The block; null while its body is missing.',
      resolve: ({ entry }, _, { node }) => blockByHash(node, entry.record.hash),
    }),
    tip: t.field({
      type: BlockRef,
      description: 'Where the node stands now.',
      resolve: (_, __, { node }) => new BlockModel(node, node.view.chain.tip),
    }),
  }),
});

const BlockValidityResult = builder.unionType('BlockValidityResult', {
  description: 'Result of overriding the validity of a block.',
  types: [BlockValidityChanged, OperationFailed],
  resolveType: (value) => ('entry' in value ? BlockValidityChanged : OperationFailed),
});

builder.mutationFields((t) => ({
  mine: t.field({
    type: MineResult,
    description:
      "Mines now, with real work. Where somebody else finds a block first, it goes on on top of that one. Blocks that are mined faster than six in a second get times ahead of the node's clock: the tip may be minutes in the future, and at the network's future limit mining stops with the code `time-too-new`.",
    args: {
      count: t.arg.int({
        defaultValue: 1,
        description: `How many blocks, at most ${MAX_MINE_COUNT}; more is refused.`,
      }),
      to: t.arg.string({ description: "Who is paid: an address or a development account's name." }),
    },
    resolve: async (_, { count: asked, to }, context) => {
      requireControl(context);
      const count = asked ?? 1;
      if (count < 1 || count > MAX_MINE_COUNT) throw badInput('count', `must be from 1 to ${MAX_MINE_COUNT}`);
      const recipient = to == null ? null : recipientOf(context, 'to', to);
      const { node } = context;
      const reply = await node.request((request) => ({ type: 'mine', request, count, recipient }), context.signal);
      if (!reply.ok) return { ...failureOf(reply), mined: minedBlocks(node, reply.blockHashes ?? []) };
      return { blocks: minedBlocks(node, reply.value.kind === 'mined' ? reply.value.blockHashes : []) };
    },
  }),
  setMining: t.field({
    type: MinerStatusRef,
    description: 'Sets when and how the node mines by itself. What is not named stays as it was.',
    args: {
      mode: t.arg({ type: MiningModeRef, required: true, description: 'When the node mines by itself.' }),
      threads: t.arg.int({ description: 'Threads to use; at most as many as the machine has cores.' }),
      intervalSeconds: t.arg.float({ description: 'Seconds between blocks in mode INTERVAL.' }),
      hashrateLimit: t.arg.float({ description: 'Limit in hashes per second; 0 removes the limit.' }),
      address: t.arg.string({ description: "Who is paid: an address or a development account's name." }),
    },
    resolve: async (_, { mode, threads, intervalSeconds, hashrateLimit, address }, context) => {
      requireControl(context);
      inRange('threads', threads, 1, MAX_THREADS);
      inRange('intervalSeconds', intervalSeconds, 0.1, MAX_INTERVAL_SECONDS);
      inRange('hashrateLimit', hashrateLimit, 0, Number.MAX_SAFE_INTEGER);
      const recipient = address == null ? null : recipientOf(context, 'address', address);
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
    description: 'Connects to a node, and waits until the two have agreed that they are of one network.',
    args: { url: t.arg.string({ required: true, description: 'Such as http://127.0.0.1:5001.' }) },
    resolve: async (_, { url: text }, context) => {
      requireControl(context);
      const url = peerUrl(text);
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
      'Disconnects a peer. Neither side connects again by itself, until somebody connects the two or one of them restarts.',
    args: { id: t.arg.id({ required: true, description: 'Of the connection, from `peers`.' }) },
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
      'Treats a block and all that build on it as invalid: an honest way to force a reorg. Survives a restart.',
    args: { hash: t.arg({ type: 'Hash', required: true, description: 'The block.' }) },
    resolve: (_, { hash }, context) => changeValidity(context, 'invalidate-block', hash),
  }),
  reconsiderBlock: t.field({
    type: BlockValidityResult,
    description: 'Takes `invalidateBlock` back: the block, its ancestors and descendants are validated again.',
    args: { hash: t.arg({ type: 'Hash', required: true, description: 'The block.' }) },
    resolve: (_, { hash }, context) => changeValidity(context, 'reconsider-block', hash),
  }),
}));

async function changeValidity(
  context: ApiContext,
  type: 'invalidate-block' | 'reconsider-block',
  blockHash: string,
): Promise<{ entry: BlockIndexView } | Failure> {
  requireControl(context);
  const reply = await context.node.request((request) => ({ type, request, blockHash }));
  if (!reply.ok) return failureOf(reply);
  const entry = context.node.view.chain.get(blockHash);
  return entry ? { entry } : { code: 'unknown-block', message: `no block ${blockHash} is known` };
}

function requireControl({ mayControl }: ApiContext): void {
  if (!mayControl) throw forbidden(NEEDS_TOKEN);
}

function recipientOf({ node }: ApiContext, argument: string, text: string): string {
  try {
    return addressOf(node, text);
  } catch (error) {
    if (error instanceof AddressError) throw badInput(argument, error.message);
    throw error;
  }
}

function peerUrl(text: string): string {
  try {
    return normalisePeerUrl(text);
  } catch (error) {
    if (error instanceof PeerUrlError) throw badInput('url', error.message);
    throw error;
  }
}

function inRange(argument: string, value: number | null | undefined, least: number, most: number): void {
  if (value != null && !(value >= least && value <= most)) throw badInput(argument, `must be from ${least} to ${most}`);
}

function minedBlocks(node: NodeContext, hashes: readonly Hash[]): BlockModel[] {
  return hashes.map((hash) => blockByHash(node, hash)).filter((block) => block !== null);
}

function failureOf(reply: Extract<Reply, { ok: false }>): Failure {
  // A peer's own words may be in it.
  return { code: reply.code, message: quotableLines(reply.message) };
}
