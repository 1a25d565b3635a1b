import type { BlockIndexView, ChainView } from '../../protocol/node-view.ts';
import { BlockHeaderRef } from './block.ts';
import { builder } from './builder.ts';
import { badInput } from './errors.ts';
import { BlockModel } from './models.ts';
import { BlockRef } from './refs.ts';

const DEFAULT_DEPTH = 20;
const MAX_DEPTH = 1_000;
/** Branch ends that are listed; those with the most work come first. */
const MAX_CHAIN_TIPS = 100;

const ChainTipStatus = builder.enumType('ChainTipStatus', {
  description: 'Validation status of a branch.',
  values: {
    ACTIVE: { description: 'On the active chain.' },
    VALID_FORK: { description: 'Fully valid and was part of the active chain earlier; another branch is active now.' },
    VALID_HEADERS: {
      description:
        'All block bodies are stored, but at least one block was never connected, so the branch is not fully validated.',
    },
    HEADERS_ONLY: { description: 'The headers are valid, but at least one block body is not stored.' },
    INVALID: { description: 'At least one block breaks a consensus rule, or was marked invalid by `invalidateBlock`.' },
  } as const,
});

type Status = 'ACTIVE' | 'VALID_FORK' | 'VALID_HEADERS' | 'HEADERS_ONLY' | 'INVALID';

const ChainTipRef = builder
  .objectRef<{ readonly entry: BlockIndexView; readonly status: Status; readonly branchLength: number }>('ChainTip')
  .implement({
    description: 'The last block of a branch: a block without known descendants, or the tip.',
    fields: (t) => ({
      hash: t.field({
        type: 'Hash',
        description: 'Hash of the last block.',
        resolve: ({ entry }) => entry.record.hash,
      }),
      height: t.int({ description: 'Height of the last block.', resolve: ({ entry }) => entry.record.height }),
      branchLength: t.exposeInt('branchLength', {
        description:
          'Number of blocks of the branch above its fork point with the active chain; 0 for blocks of the active chain.',
      }),
      status: t.expose('status', { type: ChainTipStatus, description: 'Validation status of the branch.' }),
      totalWork: t.field({
        type: 'BigInt',
        description: 'Chain work: expected number of hashes to mine all blocks from genesis to this one.',
        resolve: ({ entry }) => entry.record.chainWork,
      }),
    }),
  });

const BlockTreeNodeRef = builder.objectRef<BlockIndexView>('BlockTreeNode').implement({
  description: 'A known block on any branch. Its body need not be stored.',
  fields: (t) => ({
    hash: t.field({ type: 'Hash', description: 'Block hash.', resolve: ({ record }) => record.hash }),
    parentHash: t.field({
      type: 'Hash',
      description: 'Hash of the previous block; 64 zeros for the genesis block.',
      resolve: ({ record }) => record.header.prevHash,
    }),
    height: t.int({ description: 'Height of the block.', resolve: ({ record }) => record.height }),
    header: t.field({
      type: BlockHeaderRef,
      description: 'The header. Clients can hash it to verify the block hash and its proof of work themselves.',
      resolve: ({ record }) => record,
    }),
    status: t.field({
      type: ChainTipStatus,
      description: 'Validation status of the branch that ends with this block.',
      resolve: (entry, _, { node }) => statusOf(node.view.chain, entry),
    }),
    canonical: t.boolean({
      description: 'Whether the block is on the active chain.',
      resolve: (entry, _, { node }) => node.view.chain.isActive(entry),
    }),
    invalidReason: t.string({
      nullable: true,
      description:
        'Code of the consensus rule that the block breaks, such as `bad-signature`; null if it is not known to break one.',
      resolve: ({ record }) => record.invalidReason,
    }),
    totalWork: t.field({
      type: 'BigInt',
      description: 'Chain work: expected number of hashes to mine this block and all its ancestors.',
      resolve: ({ record }) => record.chainWork,
    }),
    firstSeenAt: t.field({
      type: 'DateTime',
      description: 'Time at which this node first received the header, by its own clock.',
      resolve: ({ record }) => new Date(record.firstSeenMs),
    }),
    firstSeenFrom: t.string({
      description:
        'URL or address of the peer that sent the header first; `self` if this node mined the block, `genesis` for the genesis block.',
      resolve: ({ record }) => record.firstSeenFrom,
    }),
    block: t.field({
      type: BlockRef,
      nullable: true,
      description: 'The block with its transactions; null if its body is not stored.',
      resolve: (entry, _, { node }) => (entry.record.bodyBytes > 0 ? new BlockModel(node, entry) : null),
    }),
  }),
});

builder.queryFields((t) => ({
  chainTips: t.field({
    type: [ChainTipRef],
    description: `The last blocks of all known branches, most chain work first. At most ${MAX_CHAIN_TIPS}; branches with less work are left out.`,
    resolve: (_, __, { node }) => {
      const { chain } = node.view;
      const ends = new Set([chain.tip, ...chain.leaves()]);
      return [...ends]
        .sort(({ record: a }, { record: b }) => Number(b.chainWork > a.chainWork) - Number(b.chainWork < a.chainWork))
        .slice(0, MAX_CHAIN_TIPS)
        .map((entry) => ({ entry, status: statusOf(chain, entry, true), branchLength: branchLength(chain, entry) }));
    },
  }),
  blockTree: t.field({
    type: [BlockTreeNodeRef],
    description:
      'All known blocks, of all branches, at the highest known heights, highest first. Blocks without a stored body are included.',
    args: {
      depth: t.arg.int({
        defaultValue: DEFAULT_DEPTH,
        description: `Number of heights, from 1 to ${MAX_DEPTH}; other values are refused with BAD_INPUT.`,
      }),
    },
    complexity: ({ depth }) => ({ field: 1, multiplier: Math.max(1, Math.min(depth ?? DEFAULT_DEPTH, MAX_DEPTH) / 2) }),
    resolve: (_, { depth }, { node }) => {
      const heights = depth ?? DEFAULT_DEPTH;
      if (heights < 1 || heights > MAX_DEPTH) throw badInput('depth', `must be from 1 to ${MAX_DEPTH}`);
      const { chain } = node.view;
      const top = chain.maxHeight;
      const levels = Array.from({ length: Math.min(heights, top + 1) }, (_level, i) => chain.atHeight(top - i));
      return levels.flat();
    },
  }),
}));

function statusOf(chain: ChainView, entry: BlockIndexView, isEnd = false): Status {
  if (isEnd ? entry === chain.tip : chain.isActive(entry)) return 'ACTIVE';
  let isConnectedOnce = true;
  for (let walk: BlockIndexView | null = entry; walk && !chain.isActive(walk); walk = walk.parent) {
    const { validity } = walk.record;
    if (validity === 'invalid' || validity === 'operator-invalid') return 'INVALID';
    isConnectedOnce &&= validity === 'valid';
  }
  if (entry.record.arrival === 0) return 'HEADERS_ONLY';
  return isConnectedOnce ? 'VALID_FORK' : 'VALID_HEADERS';
}

function branchLength(chain: ChainView, entry: BlockIndexView): number {
  let length = 0;
  for (let walk: BlockIndexView | null = entry; walk && !chain.isActive(walk); walk = walk.parent) length++;
  return length;
}
