import { formatAddress } from '../../consensus/address.ts';
import { WELL_KNOWN_ACCOUNTS } from '../../consensus/development-accounts.ts';
import type { Network } from '../../consensus/genesis.ts';
import { bytesToHex } from '../../consensus/hex.ts';
import { keyPairAmong } from '../../consensus/keys.ts';

/** Accounts as a starting node lists them: everything about them is public. */
export interface ListedAccounts {
  readonly mnemonic: string;
  readonly developmentAccounts: readonly ListedAccount[];
}

interface ListedAccount {
  readonly name: string;
  /** Text form: `dlore1…`. */
  readonly address: string;
  /** 64 hex digits. */
  readonly secretKey: string;
}

/**
 * The accounts of a development network that has its own ones, with mnemonic and keys. Null for the well-known ones, which
 * are documented, and for a network without development controls: keys are for tests, and nobody prints others.
 */
export function listedAccounts({
  controls,
  developmentAccounts: known,
  addressPrefix,
}: Network): ListedAccounts | null {
  if (!controls || known === null || known === WELL_KNOWN_ACCOUNTS) return null;
  const developmentAccounts = known.accounts.map((account) => ({
    name: account.name,
    address: formatAddress(account.address, addressPrefix),
    secretKey: bytesToHex(keyPairAmong(known, account).secretKey),
  }));
  return { mnemonic: known.mnemonic, developmentAccounts };
}
