import { AddressError, formatAddress, parseAddress } from '../../consensus/address.ts';
import { developmentAccountByName, isDevelopmentName } from '../../consensus/development-accounts.ts';
import { isBuiltIn } from '../../consensus/spending-rules.ts';

/** A development account as a node names it. */
export interface NamedAccount {
  readonly name: string;
  /** Text form: `lore1…`. */
  readonly address: string;
}

/** Whether a node names a development account as everybody does. */
export function isWellKnown({ name, address }: NamedAccount, addressPrefix: string): boolean {
  const account = developmentAccountByName(name);
  return account !== undefined && formatAddress(account.address, addressPrefix) === address;
}

/**
 * The accounts of a node's answer whose names may stand in place of their addresses: the well-known ones, and, on a network
 * that is not built in, whatever a node that the user has named calls so: only such a node can know.
 */
export function nameableAccounts(
  accounts: readonly NamedAccount[],
  { addressPrefix, genesisHash }: { readonly addressPrefix: string; readonly genesisHash: string },
  isNamedNode: boolean,
): NamedAccount[] {
  const mayHaveOwn = isNamedNode && !isBuiltIn(genesisHash);
  return accounts.filter(
    (account) =>
      isWellKnown(account, addressPrefix) ||
      (mayHaveOwn && isDevelopmentName(account.name) && isAddress(account.address, addressPrefix)),
  );
}

function isAddress(text: string, addressPrefix: string): boolean {
  try {
    parseAddress(text, addressPrefix);
    return true;
  } catch (error) {
    if (error instanceof AddressError) return false;
    throw error;
  }
}
