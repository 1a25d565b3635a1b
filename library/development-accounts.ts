import { formatAddress } from '../consensus/address.ts';
import type { Network } from '../consensus/genesis.ts';
import { keyPairAmong } from '../consensus/keys.ts';
import type { DevelopmentAccount } from './types.ts';

/** The accounts of a network that have coins from the start and whose keys everyone knows. */
export function accountsOf({ developmentAccounts, addressPrefix }: Network): readonly DevelopmentAccount[] {
  if (!developmentAccounts) return [];
  return developmentAccounts.accounts.map((account) => ({
    name: account.name,
    address: formatAddress(account.address, addressPrefix),
    // Derived when it is asked for: most tests use few accounts.
    get secretKey() {
      return keyPairAmong(developmentAccounts, account).secretKey;
    },
  }));
}
