import { describe, expect, it } from 'vitest';
import { formatAddress } from '../../consensus/address.ts';
import { parseSearch } from '../../dashboard/model/search.ts';

const address = formatAddress('ab'.repeat(20), 'lore');

describe('the search', () => {
  it.each([
    ['42', { kind: 'height', height: 42 }],
    [' 1,234 ', { kind: 'height', height: 1_234 }],
    ['AB'.repeat(32), { kind: 'hash', hash: 'ab'.repeat(32) }],
    ['12'.repeat(32), { kind: 'hash', hash: '12'.repeat(32) }],
    ['alice', { kind: 'account', account: 'Alice' }],
    ['Account-11', { kind: 'account', account: 'account-11' }],
    [address, { kind: 'account', account: address }],
    ['…0f4D0862', { kind: 'part', digits: '0f4d0862' }],
    ['12345678901', { kind: 'part', digits: '12345678901' }],
    ['ab12', { kind: 'part', digits: 'ab12' }],
    [address.toUpperCase(), { kind: 'account', account: address }],
  ])('understands %j', (text, sought) => {
    expect(parseSearch(text)).toEqual(sought);
  });

  it.each(['', 'zoe', 'ab1', '-1', 'lore1'])('does not understand %j', (text) => {
    expect(parseSearch(text)).toBeNull();
  });
});
