import { availableParallelism } from 'node:os';
import { requiredBits } from '../../consensus/difficulty.ts';
import { bitsToTarget, difficultyOf, expectedHashes } from '../../consensus/target.ts';
import type { Template } from '../../protocol/mining-job.ts';
import type { MinerView, NodeView } from '../../protocol/node-view.ts';
import { builder, MAX_PAGE } from './builder.ts';
import { shownAddress } from './models.ts';
import { TransactionRef } from './refs.ts';

const MS_PER_SECOND = 1_000;
const TARGET_HEX_DIGITS = 64;

export const MiningModeRef = builder.enumType('MiningMode', {
  description: 'When a node mines by itself.',
  values: {
    OFF: { value: 'off', description: 'Only when `mine` is called.' },
    CONTINUOUS: { value: 'continuous', description: 'Continuously.' },
    ON_TRANSACTION: { value: 'on-transaction', description: 'Whenever a transaction waits.' },
    INTERVAL: { value: 'interval', description: 'One block every `intervalSeconds` seconds.' },
  } as const,
});

export const MinerStatusRef = builder.objectRef<MinerView>('MinerStatus').implement({
  description: 'What the miner does. It works in threads of low priority, so that the node stays responsive.',
  fields: (t) => ({
    mode: t.expose('mode', { type: MiningModeRef, description: 'When it mines by itself.' }),
    working: t.exposeBoolean('working', { description: 'Whether it is searching now.' }),
    blocksRequested: t.exposeInt('blocksRequested', {
      description: 'Number of blocks that calls of `mine` still wait for.',
    }),
    threads: t.exposeInt('threads', { description: 'Threads that it may use.' }),
    maxThreads: t.int({
      description: 'Threads that it can be given: cores of its machine.',
      resolve: () => availableParallelism(),
    }),
    intervalSeconds: t.float({
      description: 'Seconds between blocks in mode INTERVAL.',
      resolve: ({ intervalMs }) => intervalMs / MS_PER_SECOND,
    }),
    hashrate: t.float({
      description: 'Hashes per second over the last seconds.',
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
      description: 'Hashes since the node started.',
      resolve: (_, __, { node }) => BigInt(Math.round(node.hashesDone())),
    }),
    difficulty: t.float({
      description: "Of the next block: how much harder than the network's easiest.",
      resolve: (_, __, { node }) => difficultyOf(nextBits(node.view), node.view.params.limitBits),
    }),
    target: t.string({
      description: 'Of the next block: what its hash must not exceed, 64 hex digits.',
      resolve: (_, __, { node }) => bitsToTarget(nextBits(node.view)).toString(16).padStart(TARGET_HEX_DIGITS, '0'),
    }),
    expectedHashes: t.field({
      type: 'BigInt',
      description: 'Hashes that the next block takes on average.',
      resolve: (_, __, { node }) => expectedHashes(nextBits(node.view)),
    }),
    expectedSeconds: t.float({
      nullable: true,
      description: 'Time that the next block takes on average at the present hash rate; null while there is none.',
      resolve: (_, __, { node }) => {
        const hashrate = node.hashrate();
        return hashrate > 0 ? Number(expectedHashes(nextBits(node.view))) / hashrate : null;
      },
    }),
    address: t.field({
      type: 'Address',
      nullable: true,
      description: 'Who is paid; null where nobody was named.',
      resolve: ({ recipient }, _, { node }) => recipient && shownAddress(node, recipient),
    }),
  }),
});

const BlockTemplateRef = builder.objectRef<Template>('BlockTemplate').implement({
  description: 'The block that would be mined now.',
  fields: (t) => ({
    height: t.exposeInt('height', { description: 'Its height.' }),
    prevHash: t.expose('prevHash', { type: 'Hash', description: 'The block that it builds on.' }),
    bits: t.string({
      description: 'Compact form of the target.',
      resolve: ({ header }) => header.bits.toString(16).padStart(8, '0'),
    }),
    time: t.field({
      type: 'DateTime',
      description: 'Its time.',
      resolve: ({ header }) => new Date(header.time * MS_PER_SECOND),
    }),
    reward: t.field({ type: 'Amount', description: 'Subsidy and fees.', resolve: ({ coinbase }) => coinbase.reward }),
    fees: t.expose('fees', { type: 'Amount', description: 'Fees of its transactions.' }),
    transactionCount: t.int({
      description: 'Transactions, the coinbase included.',
      resolve: ({ transfers }) => transfers.length + 1,
    }),
    transactions: t.field({
      type: [TransactionRef],
      description: `The first of its transfers, in order; at most ${MAX_PAGE}.`,
      complexity: { field: 1, multiplier: MAX_PAGE },
      resolve: ({ transfers }) =>
        transfers
          .slice(0, MAX_PAGE)
          .map((transaction) => ({ transaction, status: 'PENDING' as const, statusReason: null, block: null })),
    }),
  }),
});

builder.queryFields((t) => ({
  miner: t.field({
    type: MinerStatusRef,
    description: 'What the miner does.',
    resolve: (_, __, { node }) => node.view.miner(),
  }),
  blockTemplate: t.field({
    type: BlockTemplateRef,
    description: 'What would be mined now.',
    resolve: (_, __, { node }) => node.view.template(Math.floor(node.nowMs() / MS_PER_SECOND)),
  }),
}));

function nextBits({ chain, params }: NodeView): number {
  return requiredBits(chain.tip.record, params);
}
