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
  description: 'What is known of a branch.',
  values: {
    ACTIVE: { description: 'The node stands on it.' },
    VALID_FORK: { description: 'Was connected once, and is valid, but another branch has more work.' },
    VALID_HEADERS: { description: 'All its blocks are here but were never connected.' },
    HEADERS_ONLY: { description: 'Bodies of it are missing.' },
    INVALID: { description: 'A block of it breaks a rule, or was ruled out by `invalidateBlock`.' },
  } as const,
});

type Status = 'ACTIVE' | 'VALID_FORK' | 'VALID_HEADERS' | 'HEADERS_ONLY' | 'INVALID';

const ChainTipRef = builder
  .objectRef<{ readonly entry: BlockIndexView; readonly status: Status; readonly branchLength: number }>('ChainTip')
  .implement({
    description: 'The end of a branch.',
    fields: (t) => ({
      hash: t.field({ type: 'Hash', description: 'Its last block.', resolve: ({ entry }) => entry.record.hash }),
      height: t.int({ description: 'Height of its last block.', resolve: ({ entry }) => entry.record.height }),
      branchLength: t.exposeInt('branchLength', {
        description: 'Blocks since it left the active chain; 0 for the tip.',
      }),
      status: t.expose('status', { type: ChainTipStatus, description: 'What is known of it.' }),
      totalWork: t.field({
        type: 'BigInt',
        description: 'Expected hashes of all its blocks.',
        resolve: ({ entry }) => entry.record.chainWork,
      }),
    }),
  });

const BlockTreeNodeRef = builder.objectRef<BlockIndexView>('BlockTreeNode').implement({
  description: 'A known block of any branch, with body or without.',
  fields: (t) => ({
    hash: t.field({ type: 'Hash', description: 'Identifies it.', resolve: ({ record }) => record.hash }),
    parentHash: t.field({
      type: 'Hash',
      description: 'The block before.',
      resolve: ({ record }) => record.header.prevHash,
    }),
    height: t.int({ description: 'Its height.', resolve: ({ record }) => record.height }),
    header: t.field({
      type: BlockHeaderRef,
      description: 'Its header: whoever hashes it need not take the rest on trust.',
      resolve: ({ record }) => record,
    }),
    status: t.field({
      type: ChainTipStatus,
      description: 'What is known of the branch up to here.',
      resolve: (entry, _, { node }) => statusOf(node.view.chain, entry),
    }),
    canonical: t.boolean({
      description: 'Whether it is on the active chain.',
      resolve: (entry, _, { node }) => node.view.chain.isActive(entry),
    }),
    invalidReason: t.string({
      nullable: true,
      description: 'The rule that it breaks, if it breaks one.',
      resolve: ({ record }) => record.invalidReason,
    }),
    totalWork: t.field({ type: 'BigInt', description: 'Work up to here.', resolve: ({ record }) => record.chainWork }),
    firstSeenAt: t.field({
      type: 'DateTime',
      description: 'When this node first heard of it.',
      resolve: ({ record }) => new Date(record.firstSeenMs),
    }),
    firstSeenFrom: t.string({ description: 'Who told of it first.', resolve: ({ record }) => record.firstSeenFrom }),
    block: t.field({
      type: BlockRef,
      nullable: true,
      description: 'The whole block; null while its body is missing.',
      resolve: (entry, _, { node }) => (entry.record.bodyBytes > 0 ? new BlockModel(node, entry) : null),
    }),
  }),
});

builder.queryFields((t) => ({
  chainTips: t.field({
    type: [ChainTipRef],
    description: 'The ends of all known branches, most work first.',
    resolve: (_, __, { node }) => {
      const { chain } = node.view;
      const ends = new Set([chain.tip, ...chain.leaves()]);
      return [...ends]
        .sort((a, b) =>
          a.record.chainWork > b.record.chainWork ? -1 : a.record.chainWork < b.record.chainWork ? 1 : 0,
        )
        .slice(0, MAX_CHAIN_TIPS)
        .map((entry) => ({ entry, status: statusOf(chain, entry, true), branchLength: branchLength(chain, entry) }));
    },
  }),
  blockTree: t.field({
    type: [BlockTreeNodeRef],
    description: 'Every known block of the last heights, all branches, highest first.',
    args: {
      depth: t.arg.int({
        defaultValue: DEFAULT_DEPTH,
        description: `How many heights, at most ${MAX_DEPTH}; more is refused.`,
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
