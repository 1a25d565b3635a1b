import { describe, expect, it } from 'vitest';
import { chainBelow } from '../../dashboard/model/block-tree.ts';
import { outcomeOf, standpointsOf } from '../../dashboard/model/outcome.ts';
import type { BlockRecord } from '../../dashboard/model/records.ts';

//  g ── w1 ── w2        won
//    ├─ l1 ── l2 ── l3  nobody stands there any more
//    └─ c1              a node still stands here
const blocks = new Map<string, BlockRecord>(
  [
    ['g', '', 0],
    ['w1', 'g', 1],
    ['w2', 'w1', 2],
    ['l1', 'g', 1],
    ['l2', 'l1', 2],
    ['l3', 'l2', 3],
    ['c1', 'g', 1],
  ].map(([blockHash, prevHash, height]) => [
    blockHash as string,
    { blockHash, prevHash, height, chainWork: 1n, isInvalid: false, body: null } as BlockRecord,
  ]),
);
const below = (tip: string) => chainBelow(tip, (blockHash) => blocks.get(blockHash), 600);
const outcome = (blockHash: string, best: string | null = 'w2', tips = ['w2', 'c1', 'w1']) =>
  outcomeOf(blocks.get(blockHash), standpointsOf(best, tips, below));

describe('what came of a block', () => {
  it('is that it counts, on the chain with the most work', () => {
    expect(outcome('w1')).toEqual({ kind: 'active' });
    expect(outcome('g')).toEqual({ kind: 'active' });
  });

  it('is open while a node stands on its branch', () => {
    expect(outcome('c1')).toEqual({ kind: 'competing' });
  });

  it('is that it lost, to the block of its height on the chain that won', () => {
    expect(outcome('l1')).toEqual({ kind: 'lost', to: 'w1' });
    expect(outcome('l2')).toEqual({ kind: 'lost', to: 'w2' });
  });

  it('is that it lost to the end of that chain, where the chain is shorter', () => {
    expect(outcome('l3')).toEqual({ kind: 'lost', to: 'w2' });
  });

  it('is unknown where the block or the chain is', () => {
    expect(outcome('x')).toEqual({ kind: 'unknown' });
    expect(outcome('l1', null, [])).toEqual({ kind: 'unknown' });
    expect(outcome('l1', 'x', ['x'])).toEqual({ kind: 'unknown' });
  });
});
