import { describe, expect, it } from 'vitest';
import type { BlockRecord } from '../../dashboard/model/records.ts';
import { standingOf } from '../../dashboard/model/standing.ts';

//  g ── a1 ── a2 ── a3
//         └── b2 ── b3
const blocks = new Map<string, BlockRecord>(
  [
    ['g', '', 0],
    ['a1', 'g', 1],
    ['a2', 'a1', 2],
    ['a3', 'a2', 3],
    ['b2', 'a1', 2],
    ['b3', 'b2', 3],
  ].map(([blockHash, prevHash, height]) => [
    blockHash as string,
    { blockHash, prevHash, height, chainWork: 1n, isInvalid: false, body: null } as BlockRecord,
  ]),
);
const standing = (...hashes: string[]) =>
  standingOf(
    hashes.map((blockHash) => ({ blockHash, height: blocks.get(blockHash)?.height ?? 9, nodes: 2 })),
    (blockHash) => blocks.get(blockHash),
  );

describe('how nodes stand to each other', () => {
  it('is agreement on one block', () => {
    expect(standing('a3')).toEqual({ kind: 'agree' });
  });

  it('is being late where one chain holds all tips', () => {
    expect(standing('a3', 'a1', 'a2')).toEqual({ kind: 'behind', nodes: 4 });
  });

  it('is a fork where branches part, since the last block of all', () => {
    expect(standing('a3', 'b3')).toEqual({ kind: 'fork', height: 1 });
    expect(standing('a3', 'b2')).toEqual({ kind: 'fork', height: 1 });
    expect(standing('a2', 'b3', 'g')).toEqual({ kind: 'fork', height: 0 });
  });

  it('is a fork of unknown age where the way to it is not known', () => {
    expect(standing('a3', 'x9')).toEqual({ kind: 'fork', height: null });
  });
});
