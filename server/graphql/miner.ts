import { requiredBits } from '../../consensus/difficulty.ts';
import { bitsToTarget, difficultyOf, expectedHashes } from '../../consensus/target.ts';
import type { Template } from '../../protocol/mining-job.ts';
import type { MinerView, NodeView } from '../../protocol/node-view.ts';
import { builder, MAX_PAGE } from './builder.ts';
import { shownAddress } from './models.ts';
import { TransactionRef } from './refs.ts';
import { StratumRef } from './stratum.ts';

const MS_PER_SECOND = 1_000;
const TARGET_HEX_DIGITS = 64;
/** What a template counts in an operation: one that pays thousands of accounts takes some tenths of a second. */
const TEMPLATE_COMPLEXITY = 5_000;

export const MiningModeRef = builder.enumType('MiningMode', {
  description: 'When a node mines without a call of `mine`.',
  values: {
    OFF: { value: 'off', description: 'Never; only calls of `mine` start mining.' },
    CONTINUOUS: { value: 'continuous', description: 'Always.' },
    ON_TRANSACTION: { value: 'on-transaction', description: 'While the mempool has PENDING transactions.' },
    INTERVAL: { value: 'interval', description: 'One block per interval of `intervalSeconds` seconds.' },
  } as const,
});

export const MinerStatusRef = builder.objectRef<MinerView>('MinerStatus').implement({
  description:
    'Settings and state of the miner. Continuous mining runs in threads of the lowest priority, so that the node and the machine stay responsive.',
  fields: (t) => ({
    mode: t.expose('mode', { type: MiningModeRef, description: 'When the node mines without a call of `mine`.' }),
    working: t.exposeBoolean('working', { description: 'Whether it is searching for a block now.' }),
    blocksRequested: t.exposeInt('blocksRequested', {
      description: 'Number of blocks that calls of `mine` still wait for.',
    }),
    threads: t.exposeInt('threads', { description: 'Number of threads that it may use.' }),
    maxThreads: t.int({
      description:
        'Maximum for `threads`: the number of processor cores that are available to the node; 1 with `--deterministic`.',
      resolve: (_, __, { node }) => node.info.maxMiningThreads,
    }),
    intervalSeconds: t.float({
      description: 'Seconds between blocks in mode INTERVAL; kept, but unused, in other modes.',
      resolve: ({ intervalMs }) => intervalMs / MS_PER_SECOND,
    }),
    hashrate: t.float({
      description: 'Hashes per second, measured over the last 2 seconds; 0 while it is not mining.',
      resolve: (_, __, { node }) => node.hashrate(),
    }),
    threadHashrates: t.floatList({
      description:
        'Hashes per second of each thread that is mining now; under a low limit that may be fewer than `threads`.',
      resolve: (_, __, { node }) => [...node.threadHashrates()],
    }),
    hashrateLimit: t.float({
      nullable: true,
      description: 'Limit in hashes per second; null if there is none.',
      resolve: ({ hashrateLimit }) => hashrateLimit || null,
    }),
    hashesDone: t.field({
      type: 'BigInt',
      description: 'Number of hashes computed since the node started.',
      resolve: (_, __, { node }) => BigInt(Math.round(node.hashesDone())),
    }),
    difficulty: t.float({
      description:
        'Difficulty of the next block: expected work relative to the easiest block that the network allows, which has difficulty 1. For display only.',
      resolve: (_, __, { node }) => difficultyOf(nextBits(node.view), node.view.params.limitBits),
    }),
    target: t.string({
      description: 'Target of the next block, 64 hex digits: its hash must not be greater.',
      resolve: (_, __, { node }) => bitsToTarget(nextBits(node.view)).toString(16).padStart(TARGET_HEX_DIGITS, '0'),
    }),
    expectedHashes: t.field({
      type: 'BigInt',
      description: 'Number of hashes that the next block takes on average.',
      resolve: (_, __, { node }) => expectedHashes(nextBits(node.view)),
    }),
    expectedSeconds: t.float({
      nullable: true,
      description:
        'Seconds that the next block takes this miner on average at its current hash rate; null while the hash rate is 0.',
      resolve: (_, __, { node }) => {
        const hashrate = node.hashrate();
        return hashrate > 0 ? Number(expectedHashes(nextBits(node.view))) / hashrate : null;
      },
    }),
    stratum: t.field({
      type: StratumRef,
      nullable: true,
      description: 'Mining programs outside of the node; null if none can connect. They mine whatever `mode` says.',
      resolve: (_, __, { node }) => node.stratum(),
    }),
    address: t.field({
      type: 'Address',
      nullable: true,
      description:
        'Default recipient of mined blocks; null if none was set and the network has no development accounts.',
      resolve: ({ recipient }, _, { node }) => recipient && shownAddress(node, recipient),
    }),
  }),
});

const BlockTemplateRef = builder.objectRef<Template>('BlockTemplate').implement({
  description: 'The candidate for the next block, as this node would mine it now.',
  fields: (t) => ({
    height: t.exposeInt('height', { description: 'Height of the block.' }),
    prevHash: t.expose('prevHash', { type: 'Hash', description: 'Hash of the previous block: the tip.' }),
    bits: t.string({
      description: "Target in compact form (Bitcoin's nBits), 8 hex digits.",
      resolve: ({ header }) => header.bits.toString(16).padStart(8, '0'),
    }),
    time: t.field({
      type: 'DateTime',
      description: 'Time in the header, in whole seconds. It may be ahead of the clock; see `Block.time`.',
      resolve: ({ header }) => new Date(header.time * MS_PER_SECOND),
    }),
    reward: t.field({
      type: 'Amount',
      description: 'Coins that the coinbase pays: the block subsidy plus `fees`.',
      resolve: ({ coinbase }) => coinbase.reward,
    }),
    fees: t.expose('fees', { type: 'Amount', description: 'Sum of the fees of all its transactions, in coins.' }),
    transactionCount: t.int({
      description: 'Number of transactions, including the coinbase.',
      resolve: ({ transactions }) => transactions.length + 1,
    }),
    transactions: t.field({
      type: [TransactionRef],
      description: `Its transactions in block order, at most the first ${MAX_PAGE}. The coinbase is not included.`,
      complexity: { field: 1, multiplier: MAX_PAGE },
      resolve: ({ transactions }) =>
        transactions
          .slice(0, MAX_PAGE)
          .map((transaction) => ({ transaction, status: 'PENDING' as const, statusReason: null, block: null })),
    }),
  }),
});

builder.queryFields((t) => ({
  miner: t.field({
    type: MinerStatusRef,
    description: 'Settings and state of the miner.',
    resolve: (_, __, { node }) => node.view.miner(),
  }),
  blockTemplate: t.field({
    type: BlockTemplateRef,
    description: 'The candidate for the next block, as this node would mine it now.',
    complexity: TEMPLATE_COMPLEXITY,
    resolve: (_, __, { node }) => node.view.template(Math.floor(node.nowMs() / MS_PER_SECOND)),
  }),
}));

function nextBits({ chain, params }: NodeView): number {
  return requiredBits(chain.tip.record, params);
}
