import { describe, expect, it } from 'vitest';
import { HEADER_BYTES } from '../../consensus/header.ts';
import { feeRateOf, MAX_READY_PER_ACCOUNT, projectBlocks, RESERVED_BYTES } from '../../dashboard/model/next-blocks.ts';
import type { TransactionRecord } from '../../dashboard/model/records.ts';
import * as policy from '../../protocol/policy.ts';

function transaction(txid: string, fee: string, overrides: Partial<TransactionRecord> = {}): TransactionRecord {
  return {
    txid,
    sender: txid,
    recipient: 'r',
    amount: '1',
    fee,
    nonce: 0n,
    memo: null,
    run: null,
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

  it('have as many of one account as a node has ready, and go on with the others in the block after', () => {
    const count = MAX_READY_PER_ACCOUNT + 4;
    // In any order: queued for room is what is behind the ready ones.
    const many = Array.from({ length: count }, (_, nonce) =>
      transaction(`n${nonce}`, '0.001', {
        sender: 'a',
        nonce: BigInt(nonce),
        isQueued: nonce >= MAX_READY_PER_ACCOUNT,
      }),
    ).reverse();
    const [first, second, third] = idsOf([...many, transaction('other', '0.0001')]);
    expect(first).toEqual([...Array.from({ length: MAX_READY_PER_ACCOUNT }, (_, nonce) => `n${nonce}`), 'other']);
    expect(second).toEqual(['n16', 'n17', 'n18', 'n19']);
    expect(third).toBeUndefined();
    // The same where the page has not been told which of them wait.
    const untold = many.map((each) => ({ ...each, isQueued: false }));
    expect(idsOf(untold).map((ids) => ids.length)).toEqual([MAX_READY_PER_ACCOUNT, 4]);
  });

  it('leave out what is behind a gap, or behind one that waits for money', () => {
    const at = (nonce: bigint, isQueued = false) => transaction(`n${nonce}`, '0.1', { sender: 'a', nonce, isQueued });
    expect(idsOf([at(0n), at(1n), at(3n, true), at(4n, true)])).toEqual([['n0', 'n1']]);
    expect(idsOf([at(0n), at(1n, true), at(2n)])).toEqual([['n0']]);
  });

  it('are made by the limits of the node', () => {
    expect(MAX_READY_PER_ACCOUNT).toBe(policy.MAX_READY_PER_ACCOUNT);
    expect(RESERVED_BYTES).toBe(HEADER_BYTES + 4 + 256);
  });

  it('count their bytes and fees', () => {
    const [block] = projectBlocks([transaction('a', '0.5'), transaction('b', '0.25')], 1);
    expect(block?.fees).toBe(75_000_000n);
    expect(block?.sizeBytes).toBeGreaterThan(400);
  });
});
