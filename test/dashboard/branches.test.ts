import { describe, expect, it } from 'vitest';
import { letterAt, NO_BRANCHES, nameBranches } from '../../dashboard/model/branches.ts';
import type { BlockRecord } from '../../dashboard/model/records.ts';

//  g ── 1 ── a2 ── a3 ── a4 ── d5
//       │    │           └──── e5 ── e6
//       │    └──── c3
//       └─── b2 ── b3
const blocks = new Map<string, BlockRecord>(
  [
    ['g', '', 0],
    ['1', 'g', 1],
    ['a2', '1', 2],
    ['a3', 'a2', 3],
    ['a4', 'a3', 4],
    ['d5', 'a4', 5],
    ['e5', 'a4', 5],
    ['e6', 'e5', 6],
    ['c3', 'a2', 3],
    ['b2', '1', 2],
    ['b3', 'b2', 3],
  ].map(([blockHash, prevHash, height]) => [
    blockHash as string,
    { blockHash, prevHash, height, chainWork: BigInt(height as number), isInvalid: false, body: null } as BlockRecord,
  ]),
);

/** The branches of each of these tips after the other, as `letter tip`. */
function steps(...tips: (readonly string[])[]): string[][] {
  let before = NO_BRANCHES;
  return tips.map((standing) => {
    const named = nameBranches(standing, before, (blockHash) => blocks.get(blockHash));
    if (named.list.length > 0) before = named;
    return named.list.map(({ letter, tip }) => `${letter} ${tip}`);
  });
}

describe('the branches of a fork', () => {
  it('have letters only while nodes disagree, not while some are late', () => {
    expect(steps(['a3'], ['a3', '1', 'a2'], [])).toEqual([[], [], []]);
    expect(steps(['a3', 'b2', '1'])).toEqual([['A a3', 'B b2']]);
  });

  it('begin with the one that has the most work', () => {
    expect(steps(['b2', 'a3'])).toEqual([['A a3', 'B b2']]);
  });

  it('have the letters of the sides of a cut that stand on them', () => {
    const sideOf = (tip: string): string | null => (tip === 'b3' ? 'A' : 'B');
    const named = nameBranches(['a4', 'b3'], NO_BRANCHES, (blockHash) => blocks.get(blockHash), sideOf);
    expect(named.list.map(({ letter, tip }) => `${letter} ${tip}`)).toEqual(['A b3', 'B a4']);
  });

  it('keep their letters while they grow, overtake each other, and while others come and go', () => {
    expect(steps(['a3', 'b2'], ['a3', 'b3'], ['a2', 'b3'], ['a2', 'b3', 'c3'])).toEqual([
      ['A a3', 'B b2'],
      ['A a3', 'B b3'],
      ['A a2', 'B b3'],
      ['A c3', 'B b3'],
    ]);
    expect(steps(['a3', 'b2'], ['a3', 'c3', 'b2'], ['c3', 'b2'])).toEqual([
      ['A a3', 'B b2'],
      ['A a3', 'B b2', 'C c3'],
      ['B b2', 'C c3'],
    ]);
  });

  it('keep them while a node on its way from one to the other stands where both begin', () => {
    expect(steps(['a2', 'b3'], ['1', 'b3'], ['a2', 'b3']).at(-1)).toEqual(['A b3', 'B a2']);
  });

  it('begin with A again in the next fork', () => {
    expect(steps(['b3', 'a2'], ['a3', 'a4'], ['d5', 'e6'])).toEqual([['A b3', 'B a2'], [], ['A e6', 'B d5']]);
  });

  it('colour the blocks that each has alone, as differently as can be', () => {
    const { list, byBlock } = nameBranches(['a3', 'b3', '1'], NO_BRANCHES, (blockHash) => blocks.get(blockHash));
    expect([...byBlock].map(([blockHash, { letter }]) => `${blockHash} ${letter}`)).toEqual([
      'a3 A',
      'a2 A',
      'b3 B',
      'b2 B',
    ]);
    const hues = list.map(({ hue }) => hue);
    const apart = Math.abs((hues[0] ?? 0) - (hues[1] ?? 0));
    expect(Math.min(apart, 360 - apart)).toBeGreaterThanOrEqual(160);
  });

  it('are told apart even where nothing is known of a tip but its hash', () => {
    expect(steps(['a3', 'x9'])).toEqual([['A a3', 'B x9']]);
  });

  it('do not run out of letters', () => {
    expect([0, 25, 26, 51, 52].map(letterAt)).toEqual(['A', 'Z', 'AA', 'AZ', 'BA']);
  });
});
