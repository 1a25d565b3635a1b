import { describe, expect, it } from 'vitest';
import { chooseNonce, MAX_QUEUED_PER_ACCOUNT, REPLACEMENT_PERCENT } from '../../dashboard/model/nonce-choice.ts';
import type { TransactionRecord } from '../../dashboard/model/records.ts';
import * as policy from '../../protocol/policy.ts';

const pendingAt = (nonce: bigint, fee: string): TransactionRecord => ({
  txid: `n${nonce}`,
  sender: 's',
  recipient: 'r',
  amount: '2',
  fee,
  nonce,
  memo: null,
  run: null,
  sizeBytes: 200,
  isQueued: false,
});
/** Three are confirmed, 3 and 4 are pending, and so is 6. */
const account = { nonce: 3n, pendingNonce: 5n };
const pending = [pendingAt(3n, '0.00000015'), pendingAt(4n, '0.001'), pendingAt(6n, '0.001')];
const choose = (text: string) => chooseNonce(text, account, pending);

describe('the nonce of a transfer', () => {
  it('is the next one where none is typed', () => {
    expect(choose('')).toEqual({ kind: 'next' });
    expect(choose(' 5 ')).toEqual({ kind: 'free', nonce: 5n });
    expect(chooseNonce('9', null, [])).toEqual({ kind: 'next' });
  });

  it('that a pending one has replaces it, for a fee that is a tenth higher, rounded up', () => {
    expect(choose('4')).toMatchObject({ kind: 'replaces', nonce: 4n, leastFee: 110_000n, freed: 200_100_000n });
    expect(choose('3')).toMatchObject({ kind: 'replaces', leastFee: 17n, replaced: { txid: 'n3' } });
    expect(choose('6')).toMatchObject({ kind: 'replaces', replaced: { txid: 'n6' } });
  });

  it('further ahead waits for the one that is missing', () => {
    expect(choose('7')).toEqual({ kind: 'ahead', nonce: 7n, missing: 5n });
    expect(choose('82')).toEqual({ kind: 'ahead', nonce: 82n, missing: 5n });
  });

  it.each([
    ['2', 'used'],
    ['83', 'too-far'],
    ['-1', 'not-a-number'],
    ['1.5', 'not-a-number'],
    ['five', 'not-a-number'],
  ])('is not %s: %s', (text, problem) => {
    expect(choose(text)).toEqual({ kind: 'wrong', problem });
  });

  it('is judged by the limits of the node', () => {
    expect(MAX_QUEUED_PER_ACCOUNT).toBe(policy.MAX_QUEUED_PER_ACCOUNT);
    expect(REPLACEMENT_PERCENT).toBe(policy.REPLACEMENT_PERCENT);
  });
});
