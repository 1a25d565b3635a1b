import type { Address } from './address.ts';
import { COIN } from './amount.ts';

/** What each development account has from the start, in base units. */
const DEVELOPMENT_ALLOCATION = 1_000n * COIN;

/** A named account whose keys everyone knows; see `developmentKeyPair`. */
export interface DevelopmentAccount {
  readonly name: string;
  readonly address: Address;
}

/**
 * The development accounts; an account's place is its key's index. The addresses are written down, because deriving keys
 * takes long, and most programs never need one.
 */
export const DEVELOPMENT_ACCOUNTS: readonly DevelopmentAccount[] = [
  { name: 'Alice', address: 'a8612c34bbeb2352097b802f86744eec4ce5c753' },
  { name: 'Bob', address: 'c701adfa1a3b75c669179410873e6bacdee5acfc' },
  { name: 'Carol', address: '232b2e765177c9cfea4e91c2092c45129e1bbe0a' },
  { name: 'Dave', address: '5be0cfd789a94cddcd3158369933e5377cf20b49' },
  { name: 'Erin', address: '79d0d5dc1d140d53766944794cfe6a5661db8ed2' },
  { name: 'Frank', address: 'e5d5d0b5d542826e8111bb1537298ef32c5221ae' },
  { name: 'Grace', address: '1c0dd575c4451dcb82022db7dd4da7445f07806f' },
  { name: 'Heidi', address: 'f0daf252235205be2972387fcc3ffe01c6cbf85c' },
  { name: 'Ivan', address: '4058ab08a60b0b86725728553013d9e902e03d26' },
  { name: 'Judy', address: '731bc25751aa6ec3130bc010c0ff5822ab2f1e24' },
];

/** 1,000 coins for each of the development accounts, in base units. */
export const DEVELOPMENT_ALLOCATIONS: ReadonlyMap<Address, bigint> = new Map(
  DEVELOPMENT_ACCOUNTS.map(({ address }) => [address, DEVELOPMENT_ALLOCATION]),
);

/** The development account of this name in any case; undefined where there is none. */
export function developmentAccountByName(name: string): DevelopmentAccount | undefined {
  const lower = name.toLowerCase();
  return DEVELOPMENT_ACCOUNTS.find((account) => account.name.toLowerCase() === lower);
}

/** The development account with this address; undefined where it is none. */
export function developmentAccountByAddress(address: Address): DevelopmentAccount | undefined {
  return DEVELOPMENT_ACCOUNTS.find((account) => account.address === address);
}
