import { describe, expect, it } from 'vitest';
import { readDropReason } from '../../dashboard/model/drop-reason.ts';
import { queueReason } from '../../dashboard/model/waiting.ts';

describe('a queued transaction', () => {
  it('waits for the first nonce that is missing before it', () => {
    expect(queueReason(7n, { nonce: 2n, pendingNonce: 4n })).toEqual({ kind: 'nonce', missing: 4n });
    expect(queueReason(3n, { nonce: 0n, pendingNonce: 0n })).toEqual({ kind: 'nonce', missing: 0n });
  });

  it('without a gap before it waits for room behind sixteen others, else for money', () => {
    expect(queueReason(18n, { nonce: 2n, pendingNonce: 20n })).toEqual({ kind: 'room' });
    expect(queueReason(17n, { nonce: 2n, pendingNonce: 20n })).toEqual({ kind: 'money' });
  });
});

describe('why a node dropped a transaction', () => {
  const other = 'ab'.repeat(32);

  it.each([
    [`replaced: replaced by ${other}`, { code: 'REPLACED', other }],
    [`replaced: ${other} came back from a disconnected block`, { code: 'REPLACED', other }],
    [`conflict: ${other} with the same nonce was confirmed`, { code: 'CONFLICT', other }],
    ["conflict: the account's nonce is 4 already", { code: 'CONFLICT', other: null }],
    ['evicted: the mempool is full', { code: 'EVICTED', other: null }],
    ['expired', { code: 'EXPIRED', other: null }],
    ['Something else altogether', { code: '', other: null }],
  ])('is read from "%s"', (text, reason) => {
    expect(readDropReason(text)).toEqual(reason);
  });
});
