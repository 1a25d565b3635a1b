import { describe, expect, it } from 'vitest';
import { formatAddress } from '../../consensus/address.ts';
import { developmentAccountByName } from '../../consensus/development-accounts.ts';
import { checkDraft, type DraftContext, type DraftInput } from '../../dashboard/model/draft.ts';

const bob = developmentAccountByName('Bob')!.address;
const context: DraftContext = {
  addressPrefix: 'lore',
  named: [{ name: 'Bob', address: formatAddress(bob, 'lore') }],
  spendable: 1_000_000_000n,
  minimumFeeRate: 1_000n,
  replacementFee: 0n,
};
const check = (input: Partial<DraftInput>, overrides: Partial<DraftContext> = {}) =>
  checkDraft({ recipient: 'Bob', amount: '1', fee: '', memo: '', ...input }, { ...context, ...overrides });

describe('a draft', () => {
  it('is ready when recipient and amount are there, with the usual fee', () => {
    const { draft, leastFee, usualFee, recipientAddress } = check({});
    expect(draft).toEqual({ recipient: bob, amount: 100_000_000n, fee: usualFee, memo: new Uint8Array() });
    expect(leastFee).toBe(147n);
    expect(usualFee).toBe(1_000n);
    expect(recipientAddress).toBe(formatAddress(bob, 'lore'));
  });

  it('finds nothing wrong with what is not typed yet, and is not ready', () => {
    const { problems, draft } = check({ recipient: '', amount: '' });
    expect(problems).toEqual({ recipient: null, amount: null, fee: null, memo: null });
    expect(draft).toBeNull();
  });

  it.each([
    [{ recipient: 'nobody' }, { recipient: 'not-an-address' }],
    [{ recipient: formatAddress(bob, 'rlore') }, { recipient: 'other-network' }],
    [{ recipient: formatAddress(bob, 'lore').replace(/.$/, 'q') }, { recipient: 'bad-checksum' }],
    [{ amount: '1,5' }, { amount: 'not-a-number' }],
    [{ amount: '0.000000001' }, { amount: 'too-many-decimals' }],
    [{ amount: '11' }, { amount: 'more-than-there-is' }],
    [{ amount: '10' }, { amount: 'more-than-there-is' }],
    [{ fee: '0.000001' }, { fee: 'below-minimum' }],
    [{ fee: 'x' }, { fee: 'not-a-number' }],
    [{ memo: 'é'.repeat(129) }, { memo: 'too-long' }],
  ])('with %j says %j', (input, problems) => {
    const checked = check(input);
    expect(checked.problems).toMatchObject(problems);
    expect(checked.draft).toBeNull();
  });

  it('pays for the bytes of its memo', () => {
    expect(check({ memo: 'é' }).leastFee).toBe(149n);
    expect(check({ memo: 'é' }).memoBytes).toBe(2);
  });

  it('does not pay a high fee that nobody typed, whatever a node demands', () => {
    const greedy = { minimumFeeRate: 10_000_000n };
    expect(check({}, { minimumFeeRate: 100_000n }).draft?.fee).toBe(14_700n);
    expect(check({}, greedy).problems.fee).toBe('high-minimum');
    expect(check({}, greedy).draft).toBeNull();
    expect(check({ fee: '0.0147' }, greedy).draft?.fee).toBe(1_470_000n);
  });

  it('that replaces another pays what that takes', () => {
    expect(check({}, { replacementFee: 5_000n }).draft?.fee).toBe(5_000n);
    expect(check({ fee: '0.00004' }, { replacementFee: 5_000n }).problems.fee).toBe('below-minimum');
    expect(check({}, { replacementFee: 100n }).draft?.fee).toBe(1_000n);
    expect(check({}, { replacementFee: 200_000n }).problems.fee).toBe('high-minimum');
  });

  it('knows the names that are addresses here, in any case, and no others', () => {
    expect(check({ recipient: 'BOB' }).draft?.recipient).toBe(bob);
    const named = [{ name: 'account-11', address: formatAddress('ab'.repeat(20), 'lore') }];
    expect(check({ recipient: 'account-11' }, { named }).draft?.recipient).toBe('ab'.repeat(20));
    expect(check({}, { named }).problems.recipient).toBe('not-an-address');
    expect(check({}, { named: [] }).problems.recipient).toBe('not-an-address');
  });

  it('waits with the balance until it is known', () => {
    expect(check({ amount: '5000' }, { spendable: null }).draft).not.toBeNull();
  });
});
