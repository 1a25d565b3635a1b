import { formatAddress } from '../consensus/address.ts';
import type { Network } from '../consensus/genesis.ts';
import { keyPairAmong } from '../consensus/keys.ts';
import type { DevelopmentAccount } from './types.ts';

/** The accounts of a network that have coins from the start and whose keys everyone knows. */
export function accountsOf({ developmentAccounts, addressPrefix }: Network): readonly DevelopmentAccount[] {
  if (!developmentAccounts) return [];
  return developmentAccounts.accounts.map((account) => {
    const listed = { name: account.name, address: formatAddress(account.address, addressPrefix) };
    // Derived when it is asked for, since most tests use few accounts; and of no list of fields, so that neither a log nor a
    // message of JSON has it.
    const get = () => keyPairAmong(developmentAccounts, account).secretKey;
    return Object.defineProperty(listed, 'secretKey', { get }) as DevelopmentAccount;
  });
}
