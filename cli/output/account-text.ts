import { AddressError, parseAddress } from '../../consensus/address.ts';
import { developmentAccountByAddress } from '../../consensus/development-accounts.ts';
import { prefixOfAddress } from '../../consensus/spending-rules.ts';
import { orDash } from './output.ts';

/** An address, with the name of the well-known development account beside it where it is one's; a dash for none. */
export function accountText(address: string | null): string {
  const name = address === null ? undefined : nameOf(address);
  return name === undefined ? orDash(address) : `${orDash(address)} (${name})`;
}

function nameOf(address: string): string | undefined {
  try {
    return developmentAccountByAddress(parseAddress(address, prefixOfAddress(address)))?.name;
  } catch (error) {
    if (error instanceof AddressError) return undefined;
    throw error;
  }
}
