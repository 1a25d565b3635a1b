import { ClientError } from '../../client/client-error.ts';
import type { AccountOrAddress } from '../../client/requests.ts';
import { AddressError, formatAddress, isRawAddress, parseAddress } from '../../consensus/address.ts';
import { type AddressReader, GivenValueError } from '../../consensus/contract/given-value.ts';
import { DEVELOPMENT_ACCOUNTS, developmentAccountByName } from '../../consensus/development-accounts.ts';
import { developmentKeyPair, type KeyPair } from '../../consensus/keys.ts';
import { REGTEST } from '../../consensus/networks.ts';

// Accounts of a world: those of regtest, by the same names, keys and addresses.

/** Reads an address, or the name of an account, in arguments of contracts. Throws `GivenValueError`. */
export const addressOf: AddressReader = (text) => {
  const named = developmentAccountByName(text);
  if (named !== undefined) return named.address;
  if (isRawAddress(text)) return text;
  try {
    return parseAddress(text, REGTEST.addressPrefix);
  } catch (error) {
    throw error instanceof AddressError ? new GivenValueError(error.message) : error;
  }
};

/** An address as a world shows it: `rlore1…`. */
export function shownAddress(address: string): string {
  return formatAddress(address, REGTEST.addressPrefix);
}

/** The raw address of what a test names. Throws `ClientError` `bad-argument`. */
export function accountOf(label: string, given: AccountOrAddress): string {
  try {
    return addressOf(typeof given === 'string' ? given : given.address);
  } catch (error) {
    if (!(error instanceof GivenValueError)) throw error;
    throw new ClientError('bad-argument', `${label}: ${error.message}`);
  }
}

/** The keys of an account of a world. Throws `ClientError` `bad-argument` for any other one. */
export function keysOf(label: string, given: AccountOrAddress): KeyPair {
  const address = accountOf(label, given);
  const account = DEVELOPMENT_ACCOUNTS.find((known) => known.address === address);
  if (account !== undefined) return developmentKeyPair(account);
  const names = DEVELOPMENT_ACCOUNTS.map(({ name }) => name).join(', ');
  throw new ClientError('bad-argument', `${label} must be an account of the world: ${names}`);
}
