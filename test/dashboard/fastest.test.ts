import { expect, it } from 'vitest';
import { fastestOf } from '../../dashboard/model/fastest.ts';

type Nodes = Parameters<typeof fastestOf>[0];

const capped = (hashrateLimit: number, hashrate = hashrateLimit) => ({ miner: { hashrate, hashrateLimit } });
const free = (hashrate: number) => ({ miner: { hashrate, hashrateLimit: null } });
const unknown = { miner: null };

it.each<readonly [string, Nodes, number]>([
  ['of none: none', [], -1],
  ['one without a cap before any cap', [capped(9_000), free(10), capped(5_000)], 1],
  ['of those without a cap the one that was the fastest', [free(10), free(0), free(30)], 2],
  ['of those with a cap the one that may do most', [capped(100), capped(300, 50), capped(200)], 1],
  ['of equals the first', [unknown, free(0), free(0)], 1],
  ['one that has told nothing only where there is no other', [unknown, capped(1)], 1],
])('the fastest node is %s', (_, nodes, index) => {
  expect(fastestOf(nodes)).toBe(nodes[index] ?? null);
});
