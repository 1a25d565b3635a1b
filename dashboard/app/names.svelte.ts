import { shortAddress } from '../model/hash-color.ts';
import { contractNames, network } from './session.svelte.ts';

/** How many characters of an address tell contracts of one name apart. */
const END_CHARS = 4;

/** End of a contract's address, which stands with its name: everybody may call a class `Alice`. */
export function contractEnd(address: string): string {
  return `…${address.slice(-END_CHARS)}`;
}

/** What an account is called in a sentence: its name, that of its contract with the end of its address, or its address. */
export function partyName(address: string): string {
  const contract = contractNames.nameOf(address);
  return network.nameOf(address) ?? (contract === null ? shortAddress(address) : `${contract} ${contractEnd(address)}`);
}
