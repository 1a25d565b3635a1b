import { describe, expect, it } from 'vitest';
import { feeRateOf, projectBlocks } from '../../dashboard/model/next-blocks.ts';
import type { TransactionRecord } from '../../dashboard/model/records.ts';

function transaction(txid: string, fee: string, overrides: Partial<TransactionRecord> = {}): TransactionRecord {
  return {
    txid,
    sender: txid,
    recipient: 'r',
    amount: '1',
    fee,
    nonce: 0n,
    memo: null,
    sizeBytes: 200,
    isQueued: false,
    ...overrides,
  };
}

const idsOf = (pending: readonly TransactionRecord[], limit = 3) =>
  projectBlocks(pending, limit).map(({ transactions }) => transactions.map(({ transaction: { txid } }) => txid));

describe('the next blocks', () => {
  it('begin with those that pay most for each byte', () => {
    const pending = [
      transaction('low', '0.00001'),
      transaction('high', '0.00004'),
      transaction('big', '0.00005', { sizeBytes: 400 }),
    ];
    expect(idsOf(pending)).toEqual([['high', 'big', 'low']]);
    expect(feeRateOf(pending[0] as TransactionRecord)).toBe(5_000);
  });

  it('keep the order of nonces, so that a poor one holds back a rich one behind it', () => {
    const pending = [
      transaction('rich', '0.0009', { sender: 'a', nonce: 1n }),
      transaction('poor', '0.00001', { sender: 'a', nonce: 0n }),
      transaction('other', '0.00002'),
    ];
    expect(idsOf(pending)).toEqual([['other', 'poor', 'rich']]);
  });

  it('leave out what waits for an earlier nonce', () => {
    expect(idsOf([transaction('q', '1', { isQueued: true }), transaction('a', '0.1')])).toEqual([['a']]);
    expect(projectBlocks([], 3)).toEqual([]);
  });

  it('are filled one after the other, and an account that does not fit waits as a whole', () => {
    const big = { sizeBytes: 600_000 };
    const pending = [
      transaction('a', '0.9', big),
      transaction('b0', '0.8', { ...big, sender: 'b', nonce: 0n }),
      transaction('b1', '0.0001', { sender: 'b', nonce: 1n }),
      transaction('c', '0.00001'),
    ];
    expect(idsOf(pending)).toEqual([
      ['a', 'c'],
      ['b0', 'b1'],
    ]);
    expect(projectBlocks(pending, 1)).toHaveLength(1);
  });

  it('count their bytes and fees', () => {
    const [block] = projectBlocks([transaction('a', '0.5'), transaction('b', '0.25')], 1);
    expect(block?.fees).toBe(75_000_000n);
    expect(block?.sizeBytes).toBeGreaterThan(400);
  });
});
