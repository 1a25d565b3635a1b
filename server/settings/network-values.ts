import { type Address, AddressError, parseAddress } from '../../consensus/address.ts';
import { developmentAccountByName } from '../../consensus/development-accounts.ts';
import type { Network } from '../../consensus/genesis.ts';
import { JsonFileError } from '../../consensus/json-file.ts';
import { LAB, REGTEST } from '../../consensus/networks.ts';
import { OptionError } from '../process/expected-error.ts';
import { parseNetworkFile } from './network-file.ts';
import { readTextFile } from './read-text-file.ts';
import type { Setting } from './settings.ts';

/** The network named `lab` or `regtest`, or the one in a `.json` file. Throws `OptionError`. */
export function parseNetwork({ label, text }: Setting): Network {
  if (text === LAB.name) return LAB;
  if (text === REGTEST.name) return REGTEST;
  if (!text.endsWith('.json')) {
    throw new OptionError(`${label} must be lab, regtest or a network file that ends in .json, not "${text}"`);
  }
  try {
    return parseNetworkFile(readTextFile(label, text));
  } catch (error) {
    throw error instanceof JsonFileError ? new OptionError(`${label} ${text}: ${error.message}`) : error;
  }
}

/** An address of the network or the name of a development account. Throws `OptionError`. */
export function parseRecipient({ label, text }: Setting, network: Network): Address {
  const { developmentAccounts } = network;
  const account = developmentAccounts && developmentAccountByName(text, developmentAccounts);
  if (account) return account.address;
  if (developmentAccounts === null && developmentAccountByName(text)) {
    throw new OptionError(`${label} must be an address: the network ${network.name} has no development accounts`);
  }
  if (!text.includes('1')) {
    throw new OptionError(`${label} must be an address or a development account's name, not "${text}"`);
  }
  try {
    return parseAddress(text, network.addressPrefix);
  } catch (error) {
    throw error instanceof AddressError ? new OptionError(`${label} "${text}": ${error.message}`) : error;
  }
}
