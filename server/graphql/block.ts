import { type ResolveCursorConnectionArgs, resolveCursorConnection } from '@pothos/plugin-relay';
import { encodeHeader } from '../../consensus/header.ts';
import { quotable } from '../../consensus/quotable.ts';
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
  'Time that the miner put into the header, in whole seconds. It must be later than the median of the previous 11 times, so blocks that are mined faster than six per second get times ahead of the clock: the time of the tip may be minutes in the future, up to the future limit of the network.';

export const BlockHeaderRef = builder.objectRef<StoredHeader>('BlockHeader').implement({
  description: 'A block header: 80 bytes in the layout of a Bitcoin header.',
  fields: (t) => ({
    hash: t.field({
      type: 'Hash',
      description: 'The block hash: double SHA-256 of the 80 bytes. It is at most the target.',
      resolve: ({ hash }) => hash,
    }),
    height: t.int({
      description: 'Number of blocks before this one; 0 for the genesis block.',
      resolve: ({ height }) => height,
    }),
    version: t.int({
      description: 'Version field, a signed 32-bit integer. Consensus accepts any value.',
      resolve: ({ header }) => header.version,
    }),
    prevHash: t.field({
      type: 'Hash',
      description: 'Hash of the previous block; 64 zeros in the genesis block.',
      resolve: ({ header }) => header.prevHash,
    }),
    merkleRoot: t.field({
      type: 'Hash',
      description: 'Root of the Merkle tree of the transaction ids, in block order.',
      resolve: ({ header }) => header.merkleRoot,
    }),
    time: t.field({
      type: 'DateTime',
      description: TIME_DESCRIPTION,
      resolve: ({ header }) => new Date(header.time * MS_PER_SECOND),
    }),
    bits: t.string({
      description: "Target in compact form (Bitcoin's nBits), 8 hex digits.",
      resolve: ({ header }) => header.bits.toString(16).padStart(8, '0'),
    }),
    nonce: t.float({
      description:
        'Header nonce, varied by miners to find a hash that meets the target: an integer from 0 to 2^32 - 1.',
      resolve: ({ header }) => header.nonce,
    }),
    raw: t.field({
      type: 'Hex',
      description: 'The serialized header, 80 bytes.',
      resolve: ({ header }) => encodeHeader(header),
    }),
  }),
});

BlockRef.implement({
  description: 'A block whose body is stored, on the active chain or on another branch.',
  fields: (t) => ({
    hash: t.field({ type: 'Hash', description: 'Hash of the header.', resolve: ({ entry }) => entry.record.hash }),
    height: t.int({
      description: 'Number of blocks before this one; 0 for the genesis block.',
      resolve: ({ entry }) => entry.record.height,
    }),
    header: t.field({
      type: BlockHeaderRef,
      description: 'The header of the block.',
      resolve: ({ entry }) => entry.record,
    }),
    time: t.field({
      type: 'DateTime',
      description: TIME_DESCRIPTION,
      resolve: ({ entry }) => new Date(entry.record.header.time * MS_PER_SECOND),
    }),
    difficulty: t.float({
      description:
        'Expected work relative to the easiest block that the network allows, which has difficulty 1. For display only; consensus uses `header.bits`.',
      resolve: ({ entry }, _, { node }) => difficultyOf(entry.record.header.bits, node.view.params.limitBits),
    }),
    totalWork: t.field({
      type: 'BigInt',
      description:
        'Chain work: expected number of hashes to mine this block and all its ancestors. The branch with the most chain work is the active chain.',
      resolve: ({ entry }) => entry.record.chainWork,
    }),
    size: t.int({
      description: 'Size of the serialized block in bytes, header included.',
      resolve: ({ entry }) => entry.record.bodyBytes,
    }),
    miner: t.field({
      type: 'Address',
      description: 'Recipient of the coinbase.',
      resolve: (model, _, { node }) => shownAddress(node, model.payout.recipient),
    }),
    reward: t.field({
      type: 'Amount',
      description: 'Coins that the coinbase pays: the block subsidy plus all fees.',
      resolve: (model) => model.payout.reward,
    }),
    transactionCount: t.int({
      description: 'Number of transactions in the block, including the coinbase.',
      resolve: ({ entry }) => entry.record.transactionCount,
    }),
    transactions: t.connection(
      {
        type: TransactionRef,
        description: 'Transactions in block order; the coinbase is first.',
        complexity: pageComplexity,
        resolve: async (model, args, { node, requester }) => {
          await model.waitForBody(requester);
          return pageOfArray(model.block.transactions, args, (transaction) =>
            transactionInBlock(node, model, transaction),
          );
        },
      },
      TransactionConnection,
      TransactionEdge,
    ),
    canonical: t.boolean({
      description: 'Whether the block is on the active chain.',
      resolve: (model) => model.isCanonical,
    }),
    confirmations: t.int({
      description:
        'Number of blocks of the active chain from this one to the tip, both included: 1 for the tip, 0 for a block that is not on the active chain.',
      resolve: (model) => model.confirmations,
    }),
    parent: t.field({
      type: BlockRef,
      nullable: true,
      description:
        'The previous block; null for the genesis block, or if the body of the previous block is not stored.',
      resolve: ({ entry }, _, { node }) => entry.parent && blockByHash(node, entry.parent.record.hash),
    }),
    firstSeenAt: t.field({
      type: 'DateTime',
      description: 'Time at which this node first received the header, by its own clock.',
      resolve: ({ entry }) => new Date(entry.record.firstSeenMs),
    }),
    firstSeenFrom: t.string({
      description:
        'URL or address of the peer that sent the header first; `self` if this node mined the block, `genesis` for the genesis block.',
      resolve: ({ entry }) => entry.record.firstSeenFrom,
    }),
  }),
});

builder.queryFields((t) => ({
  tip: t.field({
    type: BlockRef,
    description: 'The last block of the active chain.',
    resolve: (_, __, { node }) => new BlockModel(node, node.view.chain.tip),
  }),
  block: t.field({
    type: BlockRef,
    nullable: true,
    description:
      'A block by its hash, on any branch, or by its height on the active chain; without arguments, the tip. Null if there is no such block or its body is not stored. Both arguments together are refused with BAD_INPUT.',
    args: {
      hash: t.arg({ type: 'Hash', description: 'Block hash.' }),
      height: t.arg.int({ description: 'Height on the active chain; 0 is the genesis block.' }),
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
      description: `Blocks of the active chain, highest first. At most ${MAX_PAGE} per page.`,
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
    description:
      'Consecutive headers of the active chain, lowest first. Ends at the tip; empty if `fromHeight` is above it.',
    args: {
      fromHeight: t.arg.int({ required: true, description: 'Height of the first header, at least 0.' }),
      limit: t.arg.int({
        defaultValue: DEFAULT_HEADERS,
        description: `Maximum number of headers, from 0 to ${MAX_HEADERS}; other values are refused with BAD_INPUT.`,
      }),
    },
    // Fields of headers cost as much as others: the limit allows all ten fields of two thousand headers.
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
  if (!/^[0-9]{1,9}$/.test(cursor)) throw badInput(argument, `"${quotable(cursor)}" is not a cursor of this list`);
  return Number(cursor);
}
