import { availableParallelism } from 'node:os';
import { AddressError } from '../../consensus/address.ts';
import type { Hash } from '../../consensus/hash.ts';
import type { NodeContext } from '../node/node-context.ts';
import { type ApiContext, builder } from './builder.ts';
import { badInput } from './errors.ts';
import { MinerStatusRef, MiningModeRef } from './miner.ts';
import { addressOf, type BlockModel, blockByHash } from './models.ts';
import { failureOf } from './operation-failed.ts';
import { BlockRef } from './refs.ts';
import { requireControl } from './require-control.ts';
import type { OperationFailure } from './submit.ts';

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
const MineResult = builder.unionType('MineResult', {
  description: 'Result of `mine`.',
  types: [BlocksMined, MiningFailed],
  resolveType: (value) => ('code' in value ? MiningFailed : BlocksMined),
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

function parseRecipient({ node }: ApiContext, argument: string, text: string): string {
  try {
    return addressOf(node, text);
  } catch (error) {
    if (error instanceof AddressError) throw badInput(argument, error.message);
    throw error;
  }
}

function checkRange(argument: string, value: number | null | undefined, min: number, max: number): void {
  if (value != null && !(value >= min && value <= max)) throw badInput(argument, `must be from ${min} to ${max}`);
}

function minedBlocks(node: NodeContext, hashes: readonly Hash[]): BlockModel[] {
  return hashes.map((hash) => blockByHash(node, hash)).filter((block) => block !== null);
}
