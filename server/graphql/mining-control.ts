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
/** Transactions that one call of `mine` may name. */
const MAX_NAMED_TRANSACTIONS = 1_000;
const MAX_THREADS = 1_024;
const MIN_INTERVAL_SECONDS = 0.1;
const MAX_INTERVAL_SECONDS = 86_400;
const MS_PER_SECOND = 1_000;

const BlocksMined = builder.objectRef<{ readonly blocks: readonly BlockModel[] }>('BlocksMined').implement({
  description:
    'All requested blocks were mined. They are durable, and those on the active chain are announced to the peers.',
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
    'Mining ended before all requested blocks were mined. The blocks mined until then are durable, and those on the active chain announced to the peers.',
  fields: (t) => ({
    code: t.exposeString('code', {
      description:
        '`time-too-new`: the next block would be further ahead of the clock than the network allows. `no-miner-address`: neither `to` nor `setMining` named a recipient. `shutting-down`: the node stops. With `transactions`: `unknown-transaction`, `not-executable` (in this order on this parent), `block-too-large`. With `parent`: `unknown-block`, `missing-body`, `invalid-parent`, `fork-too-long`. With either: `controls-off`. After `setNextBlockTime`: `time-too-old`, if that time is too early for `parent`.',
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
      'Mines blocks with real proof of work and returns when all are durable. If another node finds a block first, mining continues on top of it. Ends early if the caller disconnects. Blocks that are mined faster than six per second get times ahead of the clock of the node; at the future limit of the network, mining stops with the code `time-too-new`. Needs control of the node, else FORBIDDEN; `transactions` and `parent` need a network with development controls, see `NodeInfo.controls`.',
    args: {
      count: t.arg.int({
        defaultValue: 1,
        description: `Number of blocks, from 1 to ${MAX_MINE_COUNT}; other values are refused with BAD_INPUT.`,
      }),
      to: t.arg.string({
        description:
          'Recipient of the rewards: an address or the name of a development account. Without it, the address set by `setMining`.',
      }),
      transactions: t.arg({
        type: ['Hash'],
        description: `Exactly these transactions are in the first block, in this order, and none in the following ones: an empty list makes empty blocks. They are in the mempool, or in a block that the branch through \`parent\` leaves. At most ${MAX_NAMED_TRANSACTIONS}, none twice. Without it, each block holds those of the mempool that pay the most.`,
      }),
      parent: t.arg({
        type: 'Hash',
        description:
          'The first block is mined on this block, on any branch, and each following one on the block before it. They are on the active chain only if their branch has more work. Without it, the tip at that time.',
      }),
    },
    resolve: async (_, { count: asked, to, transactions: named, parent }, context) => {
      requireControl(context);
      const count = asked ?? 1;
      if (count < 1 || count > MAX_MINE_COUNT) throw badInput('count', `must be from 1 to ${MAX_MINE_COUNT}`);
      const recipient = to == null ? null : parseRecipient(context, 'to', to);
      const transactions = named == null ? null : checkNames(named);
      const { node } = context;
      const reply = await node.request(
        (request) => ({ type: 'mine', request, count, recipient, transactions, parent: parent ?? null }),
        context.signal,
      );
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
        description: `Number of threads, from 1 to ${MAX_THREADS}; more than \`maxThreads\` are reduced to that number.`,
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
        threads: threads == null ? null : Math.min(threads, context.node.info.maxMiningThreads),
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

function checkNames(txids: readonly Hash[]): readonly Hash[] {
  if (txids.length > MAX_NAMED_TRANSACTIONS)
    throw badInput('transactions', `at most ${MAX_NAMED_TRANSACTIONS}, not ${txids.length}`);
  const twice = txids.find((txid, index) => txids.indexOf(txid) !== index);
  if (twice !== undefined) throw badInput('transactions', `${twice} is named twice`);
  return txids;
}

function checkRange(argument: string, value: number | null | undefined, min: number, max: number): void {
  if (value != null && !(value >= min && value <= max)) throw badInput(argument, `must be from ${min} to ${max}`);
}

function minedBlocks(node: NodeContext, hashes: readonly Hash[]): BlockModel[] {
  return hashes.map((hash) => blockByHash(node, hash)).filter((block) => block !== null);
}
