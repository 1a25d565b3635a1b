import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chainBelow, placeBlocks, tipsOf } from '../../dashboard/model/block-tree.ts';
import type { BlockRecord } from '../../dashboard/model/records.ts';

function block(blockHash: string, prevHash: string, height: number, work: number, isInvalid = false): BlockRecord {
  return { blockHash, prevHash, height, chainWork: BigInt(work), isInvalid, body: null };
}

const lanesOf = (blocks: readonly BlockRecord[]) =>
  Object.fromEntries(placeBlocks(blocks).placed.map(({ block: { blockHash }, lane }) => [blockHash, lane]));

describe('the block tree', () => {
  //  g ── a1 ── a2
  //    └─ b1 ── b2 ── b3   more work
  const fork = [
    block('g', '', 0, 1),
    block('a1', 'g', 1, 2),
    block('a2', 'a1', 2, 3),
    block('b1', 'g', 1, 2),
    block('b2', 'b1', 2, 3),
    block('b3', 'b2', 3, 4),
  ];

  it('draws the branch with the most work straight, and the other beside it', () => {
    expect(lanesOf(fork)).toEqual({ g: 0, b1: 0, b2: 0, b3: 0, a1: 1, a2: 1 });
  });

  it('lets the branch that gets more work take the straight lane', () => {
    const overtaken = [...fork, block('a3', 'a2', 3, 4), block('a4', 'a3', 4, 5)];
    expect(lanesOf(overtaken)).toMatchObject({ g: 0, a4: 0, b1: 1, b3: 1 });
  });

  it('never draws what is invalid straight, whatever work it claims', () => {
    const withInvalid = [...fork, block('x4', 'a2', 3, 99, true)];
    expect(lanesOf(withInvalid)).toMatchObject({ b3: 0, x4: 1 });
    expect(tipsOf(new Map(withInvalid.map((item) => [item.blockHash, item]))).at(-1)?.blockHash).toBe('x4');
  });

  it('uses a lane again where two short forks are far from each other', () => {
    //  g ─ 1 ─ 2 ─ 3 ─ 4 ─ 5 ─ 6
    //    └ x1            └ x5
    const main = Array.from({ length: 7 }, (_, height) => block(`m${height}`, `m${height - 1}`, height, height + 1));
    const tree = placeBlocks([...main, block('x1', 'm0', 1, 2), block('x5', 'm4', 5, 6)]);
    expect(tree.lanes).toBe(2);
    expect(tree.byHash.get('x1')?.lane).toBe(1);
    expect(tree.byHash.get('x5')?.lane).toBe(1);
  });

  it('is nothing where there are no blocks', () => {
    expect(placeBlocks([])).toMatchObject({ placed: [], lanes: 0 });
  });

  it('puts no two blocks on one place, whatever the tree', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 60 }), (parents) => {
        const blocks = [block('0', '', 0, 1)];
        for (const [index, pick] of parents.entries()) {
          const parent = blocks[pick % blocks.length] as BlockRecord;
          blocks.push(block(String(index + 1), parent.blockHash, parent.height + 1, Number(parent.chainWork) + 1));
        }
        const places = placeBlocks(blocks).placed.map(({ block: { height }, lane }) => `${height} ${lane}`);
        expect(new Set(places).size).toBe(blocks.length);
      }),
    );
  });

  it('walks down from a tip as far as it is told to', () => {
    const known = new Map(fork.map((item) => [item.blockHash, item]));
    const walked = chainBelow('b3', (hash) => known.get(hash), 3).map(({ blockHash }) => blockHash);
    expect(walked).toEqual(['b3', 'b2', 'b1']);
    expect(chainBelow('?', (hash) => known.get(hash), 3)).toEqual([]);
  });
});
