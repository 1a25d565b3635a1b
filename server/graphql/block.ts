import { type ResolveCursorConnectionArgs, resolveCursorConnection } from '@pothos/plugin-relay';
import { encodeHeader } from '../../consensus/header.ts';
import { difficultyOf } from '../../consensus/target.ts';
import type { StoredHeader } from '../../protocol/store-writes.ts';
import { builder, DEFAULT_PAGE, MAX_PAGE, pageComplexity } from './builder.ts';
import { badInput } from './errors.ts';
import { BlockModel, blockByHash, blockByHeight, shownAddress, transactionInBlock } from './models.ts';
import { checkPage, pageOfArray } from './pages.ts';
import {
  BlockConnection,
  BlockEdge,
  BlockRef,
  TransactionConnection,
  TransactionEdge,
  TransactionRef,
} from './refs.ts';

const MAX_HEADERS = 2_000;
const DEFAULT_HEADERS = 100;
const MS_PER_SECOND = 1_000;

/** Of a block and of its header. */
const TIME_DESCRIPTION =
  'When the miner says that it was made. It must be later than the median of the eleven before, so blocks that are mined faster than six in a second are ahead of the clock: the tip may be minutes in the future, up to the limit of the network.';

export const BlockHeaderRef = builder.objectRef<StoredHeader>('BlockHeader').implement({
  description: "A block's header: 80 bytes, laid out as Bitcoin's.",
  fields: (t) => ({
    hash: t.field({ type: 'Hash', description: 'Double SHA-256 of the 80 bytes.', resolve: ({ hash }) => hash }),
    height: t.int({ description: 'Blocks between this one and genesis.', resolve: ({ height }) => height }),
    version: t.int({ description: 'Version bits; any value is valid.', resolve: ({ header }) => header.version }),
    prevHash: t.field({
      type: 'Hash',
      description: 'Hash of the block before.',
      resolve: ({ header }) => header.prevHash,
    }),
    merkleRoot: t.field({
      type: 'Hash',
      description: 'Root of the Merkle tree of the transaction ids.',
      resolve: ({ header }) => header.merkleRoot,
    }),
    time: t.field({
      type: 'DateTime',
      description: TIME_DESCRIPTION,
      resolve: ({ header }) => new Date(header.time * MS_PER_SECOND),
    }),
    bits: t.string({
      description: 'Compact form of the target, 8 hex digits.',
      resolve: ({ header }) => header.bits.toString(16).padStart(8, '0'),
    }),
    nonce: t.float({
      description: 'What was searched for: a whole number below 2^32.',
      resolve: ({ header }) => header.nonce,
    }),
    raw: t.field({ type: 'Hex', description: 'The 80 bytes.', resolve: ({ header }) => encodeHeader(header) }),
  }),
});

BlockRef.implement({
  description: 'A block whose body the node has, on the active chain or on another branch.',
  fields: (t) => ({
    hash: t.field({ type: 'Hash', description: 'Identifies the block.', resolve: ({ entry }) => entry.record.hash }),
    height: t.int({ description: 'Blocks between this one and genesis.', resolve: ({ entry }) => entry.record.height }),
    header: t.field({ type: BlockHeaderRef, description: 'Its header.', resolve: ({ entry }) => entry.record }),
    time: t.field({
      type: 'DateTime',
      description: TIME_DESCRIPTION,
      resolve: ({ entry }) => new Date(entry.record.header.time * MS_PER_SECOND),
    }),
    difficulty: t.float({
      description: "How much harder than the network's easiest block; for display only.",
      resolve: ({ entry }, _, { node }) => difficultyOf(entry.record.header.bits, node.view.params.limitBits),
    }),
    totalWork: t.field({
      type: 'BigInt',
      description: 'Expected hashes of this block and all before it: what decides between branches.',
      resolve: ({ entry }) => entry.record.chainWork,
    }),
    size: t.int({ description: 'Bytes of the block.', resolve: ({ entry }) => entry.record.bodyBytes }),
    miner: t.field({
      type: 'Address',
      description: 'Who was paid for it.',
      resolve: (model, _, { node }) => shownAddress(node, model.payout.recipient),
    }),
    reward: t.field({ type: 'Amount', description: 'Subsidy and fees.', resolve: (model) => model.payout.reward }),
    transactionCount: t.int({
      description: 'Transactions, the coinbase included.',
      resolve: ({ entry }) => entry.record.transactionCount,
    }),
    transactions: t.connection(
      {
        type: TransactionRef,
        description: 'Its transactions in order, the coinbase first.',
        complexity: pageComplexity,
        resolve: async (model, args, { node, asker }) => {
          await model.bodyTurn(asker);
          return pageOfArray(model.block.transactions, args, (transaction) =>
            transactionInBlock(node, model, transaction),
          );
        },
      },
      TransactionConnection,
      TransactionEdge,
    ),
    canonical: t.boolean({ description: 'Whether it is on the active chain.', resolve: (model) => model.isCanonical }),
    confirmations: t.int({
      description: '1 for the tip, one more for each block on top; 0 off the active chain.',
      resolve: (model) => model.confirmations,
    }),
    parent: t.field({
      type: BlockRef,
      nullable: true,
      description: 'The block before; null for genesis.',
      resolve: ({ entry }, _, { node }) => entry.parent && blockByHash(node, entry.parent.record.hash),
    }),
    firstSeenAt: t.field({
      type: 'DateTime',
      description: 'When this node first heard of it.',
      resolve: ({ entry }) => new Date(entry.record.firstSeenMs),
    }),
    firstSeenFrom: t.string({
      description: 'The peer that told of it first; `self` if mined here.',
      resolve: ({ entry }) => entry.record.firstSeenFrom,
    }),
  }),
});

builder.queryFields((t) => ({
  tip: t.field({
    type: BlockRef,
    description: 'The block that the node stands on: the end of the active chain.',
    resolve: (_, __, { node }) => new BlockModel(node, node.view.chain.tip),
  }),
  block: t.field({
    type: BlockRef,
    nullable: true,
    description:
      'A block by its hash (of any branch) or by its height (on the active chain); neither means the tip. Null if unknown.',
    args: {
      hash: t.arg({ type: 'Hash', description: 'Its hash.' }),
      height: t.arg.int({ description: 'Its height on the active chain.' }),
    },
    resolve: (_, { hash, height }, { node }) => {
      if (hash != null && height != null) throw badInput('height', 'give a hash or a height, not both');
      if (hash != null) return blockByHash(node, hash);
      return height != null ? blockByHeight(node, height) : new BlockModel(node, node.view.chain.tip);
    },
  }),
  blocks: t.connection(
    {
      type: BlockRef,
      description: `The active chain, newest first; at most ${MAX_PAGE} a page.`,
      complexity: pageComplexity,
      resolve: (_, args, { node }) => {
        checkPage(args);
        return resolveCursorConnection(
          {
            args,
            defaultSize: DEFAULT_PAGE,
            maxSize: MAX_PAGE,
            toCursor: (block: BlockModel) => String(block.entry.record.height),
          },
          ({ before, after, limit, inverted }: ResolveCursorConnectionArgs) => {
            const tip = node.view.chain.tip.record.height;
            const highest = after === undefined ? tip : Math.min(tip, heightOf('after', after) - 1);
            const lowest = before === undefined ? 0 : Math.max(0, heightOf('before', before) + 1);
            const heights = Array.from({ length: Math.max(0, Math.min(limit, highest - lowest + 1)) }, (_item, i) =>
              inverted ? lowest + i : highest - i,
            );
            return heights.map((height) => blockByHeight(node, height)).filter((block) => block !== null);
          },
        );
      },
    },
    BlockConnection,
    BlockEdge,
  ),
  headers: t.field({
    type: [BlockHeaderRef],
    description: `Headers of the active chain, lowest first; at most ${MAX_HEADERS}.`,
    args: {
      fromHeight: t.arg.int({ required: true, description: 'Height of the first one.' }),
      limit: t.arg.int({
        defaultValue: DEFAULT_HEADERS,
        description: `How many, at most ${MAX_HEADERS}; more is refused.`,
      }),
    },
    // A field of a header takes as long as any other: all ten of two thousand headers are just what may be asked for.
    complexity: ({ limit }) => ({ field: 0, multiplier: Math.max(1, Math.min(limit ?? DEFAULT_HEADERS, MAX_HEADERS)) }),
    resolve: (_, { fromHeight, limit }, { node }) => {
      if (fromHeight < 0) throw badInput('fromHeight', 'must not be negative');
      const count = limit ?? DEFAULT_HEADERS;
      if (count < 0 || count > MAX_HEADERS) throw badInput('limit', `must be from 0 to ${MAX_HEADERS}`);
      const headers: StoredHeader[] = [];
      for (let height = fromHeight; headers.length < count; height++) {
        const block = blockByHeight(node, height);
        if (!block) break;
        headers.push(block.entry.record);
      }
      return headers;
    },
  }),
}));

function heightOf(argument: string, cursor: string): number {
  if (!/^[0-9]{1,9}$/.test(cursor)) throw badInput(argument, 'is no cursor of this list');
  return Number(cursor);
}
