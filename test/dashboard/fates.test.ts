import { describe, expect, it } from 'vitest';
import { fatesOf, type MinedBlock } from '../../dashboard/model/fates.ts';

const mined = (blockHash: string, ...txids: string[]): MinedBlock => ({
  blockHash,
  transactions: [
    { txid: `coinbase of ${blockHash}`, isCoinbase: true },
    ...txids.map((txid) => ({ txid, isCoinbase: false })),
  ],
});

describe('the fates of transactions in a reorg', () => {
  //  fork ── a1 (kept, back) ── a2 (gone, odd)    left
  //       └─ b1 (kept) ── b2 ── b3                taken up
  const fates = fatesOf(
    { returned: ['back'], dropped: [{ id: 'gone', reason: 'CONFLICT' }] },
    [mined('a1', 'kept', 'back'), mined('a2', 'gone', 'odd')],
    [mined('b1', 'kept'), mined('b2'), mined('b3')],
  );
  const fateOf = (txid: string) => fates.find((item) => item.txid === txid);

  it.each([
    ['kept', { kind: 'confirmed', blockHash: 'b1' }],
    ['back', { kind: 'returned' }],
    ['gone', { kind: 'dropped', reason: 'CONFLICT' }],
    ['odd', { kind: 'unknown' }],
    ['coinbase of a1', { kind: 'void' }],
  ])('%s is told as it is', (txid, fate) => {
    expect(fateOf(txid)?.fate).toEqual(fate);
  });

  it('are those of the branch that was left, block by block', () => {
    expect(fates.map(({ from }) => from)).toEqual(['a1', 'a1', 'a1', 'a2', 'a2', 'a2']);
  });
});
