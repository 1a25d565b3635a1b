import { createHash } from 'node:crypto';
import { bech32, bech32m } from '@scure/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddressError, addressOfKey, formatAddress, parseAddress } from '../../consensus/address.ts';
import { hexToBytes } from '../../consensus/hex.ts';
import { hexOf } from './arbitraries.ts';

const address = '00112233445566778899aabbccddeeff00112233';
const text = formatAddress(address, 'lore');

describe('addresses', () => {
  it('are the first 20 bytes of the key’s SHA-256', () => {
    const key = new Uint8Array(32).fill(7);
    expect(addressOfKey(key)).toBe(createHash('sha256').update(key).digest('hex').slice(0, 40));
  });

  it('are read back from their text in either case', () => {
    fc.assert(
      fc.property(hexOf(20), fc.constantFrom('lore', 'rlore', 'x'), (raw, prefix) => {
        const written = formatAddress(raw, prefix);
        expect(written.startsWith(`${prefix}1`)).toBe(true);
        expect(parseAddress(written, prefix)).toBe(raw);
        expect(parseAddress(written.toUpperCase(), prefix)).toBe(raw);
      }),
    );
  });

  it('of another network are refused by its prefix', () => {
    const message = 'address of another network: it starts with lore1, here they start with rlore1';
    expect(() => parseAddress(text, 'rlore')).toThrow(new AddressError('other-network', message));
  });

  it('with a typo are refused', () => {
    const wrong = text.slice(0, -1) + (text.endsWith('q') ? 'p' : 'q');
    const message = 'address has a wrong checksum: probably a typo';
    expect(() => parseAddress(wrong, 'lore')).toThrow(new AddressError('bad-checksum', message));
    expect(() => parseAddress(`${text}b`, 'lore')).toThrow(new AddressError('bad-checksum', message));
    expect(() => parseAddress(bech32.encode('lore', bech32.toWords(hexToBytes(address))), 'lore')).toThrow(
      new AddressError('bad-checksum', message),
    );
  });

  it('with mixed case are refused', () => {
    const message = 'address mixes upper and lower case';
    expect(() => parseAddress(`L${text.slice(1)}`, 'lore')).toThrow(new AddressError('mixed-case', message));
  });

  it.each([19, 21, 32])('of %i bytes are refused', (length) => {
    const wrong = bech32m.encode('lore', bech32m.toWords(new Uint8Array(length)));
    expect(() => parseAddress(wrong, 'lore')).toThrow(new AddressError('bad-length', 'address has the wrong length'));
  });

  it('that are none at all are refused', () => {
    const message = 'not an address: it should start with lore1';
    for (const none of ['', 'alice', '1qqqqqqqq']) {
      expect(() => parseAddress(none, 'lore')).toThrow(new AddressError('not-an-address', message));
    }
  });
});
