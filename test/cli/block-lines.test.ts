import { expect, it } from 'vitest';
import { BlockLines } from '../../cli/output/block-lines.ts';

it.each([
  [0, 0, '0 transfers'],
  [1, 1, '1 transfer, 1 deploy or call'],
  [2, 3, '2 transfers, 3 deploys or calls'],
])('tells of %i transfers and %i transactions for contracts', (transfers, contractTransactions, words) => {
  const message = {
    type: 'block',
    blockHash: 'ab'.repeat(32),
    height: 7,
    transfers,
    contractTransactions,
    tag: 'x',
  } as const;
  expect(new BlockLines().line({ name: 'node', message }, 0)).toMatch(
    new RegExp(`block 7 {2}…abababab {2}by x, ${words}$`),
  );
});
