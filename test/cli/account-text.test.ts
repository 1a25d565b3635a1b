import { describe, expect, it } from 'vitest';
import { accountText } from '../../cli/output/account-text.ts';
import { formatAddress } from '../../consensus/address.ts';
import { developmentAccountByName } from '../../consensus/development-accounts.ts';

describe('an address that is shown', () => {
  it.each(['lore', 'rlore', 'dlore'])(
    'has the name of a development account beside it, on networks of %s',
    (prefix) => {
      const address = formatAddress(developmentAccountByName('Alice')!.address, prefix);
      expect(accountText(address)).toBe(`${address} (Alice)`);
    },
  );

  it('stands alone where it is nobody known', () => {
    const address = formatAddress('00'.repeat(20), 'lore');
    expect(accountText(address)).toBe(address);
    expect(accountText('lore1garbled')).toBe('lore1garbled');
    expect(accountText(null)).toBe('–');
  });
});
