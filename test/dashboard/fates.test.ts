import { describe, expect, it } from 'vitest';
import { fatesOf, forecastFates, type MinedBlock, type MinedTransaction } from '../../dashboard/model/fates.ts';

/** A transfer by its id, such as `x:Alice/3`, which is of Alice with nonce 3; one without a sender is a coinbase. */
function transaction(txid: string): MinedTransaction {
  const [, sender = null, nonce = '0'] = /:(\w+)\/(\d+)$/.exec(txid) ?? [];
  return { txid, sender, recipient: 'Bob', amount: '1', nonce: sender === null ? null : BigInt(nonce), run: null };
}

const mined = (blockHash: string, ...txids: string[]): MinedBlock => ({
  blockHash,
  transactions: [`coinbase of ${blockHash}`, ...txids].map(transaction),
});

describe('the fates of transactions in a reorg', () => {
  //  fork ── a1 (kept, back) ── a2 (gone, odd)    left
  //       └─ b1 (kept) ── b2 ── b3                taken up
  const fates = fatesOf(
    { returned: ['back:A/1'], dropped: [{ id: 'gone:B/0', reason: 'CONFLICT' }] },
    [mined('a1', 'kept:A/0', 'back:A/1'), mined('a2', 'gone:B/0', 'odd:A/2')],
    [mined('b1', 'kept:A/0'), mined('b2'), mined('b3', 'instead:B/0')],
  );
  const fateOf = (txid: string) => fates.find((item) => item.transaction.txid === txid);

  it.each([
    ['kept:A/0', { kind: 'confirmed', blockHash: 'b1' }],
    ['back:A/1', { kind: 'returned' }],
    [
      'gone:B/0',
      { kind: 'dropped', reason: 'CONFLICT', rival: { transaction: transaction('instead:B/0'), blockHash: 'b3' } },
    ],
    ['odd:A/2', { kind: 'unknown' }],
    ['coinbase of a1', { kind: 'void' }],
  ])('%s is told as it is', (txid, fate) => {
    expect(fateOf(txid)?.fate).toEqual(fate);
  });

  it('are those of the branch that was left, block by block', () => {
    expect(fates.map(({ from }) => from)).toEqual(['a1', 'a1', 'a1', 'a2', 'a2', 'a2']);
  });

  it('are foretold: what is on both branches stays, whose nonce is used is dropped, and all else waits again', () => {
    const foretold = forecastFates(
      [mined('a1', 'kept:A/0', 'back:A/1'), mined('a2', 'gone:B/0')],
      [mined('b1', 'kept:A/0'), mined('b2', 'instead:B/0')],
    );
    expect(foretold.map(({ transaction: { txid }, fate }) => `${txid} ${fate.kind}`)).toEqual([
      'coinbase of a1 void',
      'kept:A/0 confirmed',
      'back:A/1 returned',
      'coinbase of a2 void',
      'gone:B/0 dropped',
    ]);
  });
});
