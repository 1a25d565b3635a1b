import type { Address } from './address.ts';
import { COIN } from './amount.ts';

/** What each well-known development account has from the start, in base units. */
export const DEVELOPMENT_ALLOCATION = 1_000n * COIN;

/** A named account whose keys everyone knows; see `developmentKeyPair`. */
export interface DevelopmentAccount {
  readonly name: string;
  readonly address: Address;
}

/** The accounts of a development network, with the words that their keys are derived from: both are public. */
export interface DevelopmentAccounts {
  readonly mnemonic: string;
  /** BIP 39 seed of the mnemonic, 128 hex digits: computing it takes long. */
  readonly seed: string;
  /** An account's place is its key's index. */
  readonly accounts: readonly DevelopmentAccount[];
}

/** Well-known on purpose: the mnemonic that other development networks use. */
export const DEVELOPMENT_MNEMONIC = 'test test test test test test test test test test test junk';

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

/** The development accounts of the built-in networks. */
export const WELL_KNOWN_ACCOUNTS: DevelopmentAccounts = {
  mnemonic: DEVELOPMENT_MNEMONIC,
  seed:
    '9dfc3c64c2f8bede1533b6a79f8570e5943e0b8fd1cf77107adf7b72cef42185' +
    'd564a3aee24cab43f80e3c4538087d70fc824eabbad596a23c97b6ee8322ccc0',
  accounts: DEVELOPMENT_ACCOUNTS,
};

/** 1,000 coins for each of the development accounts, in base units. */
export const DEVELOPMENT_ALLOCATIONS: ReadonlyMap<Address, bigint> = new Map(
  DEVELOPMENT_ACCOUNTS.map(({ address }) => [address, DEVELOPMENT_ALLOCATION]),
);

/** Name of the development account with this place: `Alice`, `Bob`, … `Judy`, then `account-11`, `account-12`, …. */
export function developmentName(index: number): string {
  return DEVELOPMENT_ACCOUNTS[index]?.name ?? `account-${index + 1}`;
}

const NUMBERED_NAME = /^account-[1-9][0-9]{0,3}$/i;

/** Whether a text is the name that a development account has on some network; no address looks like one. */
export function isDevelopmentName(text: string): boolean {
  return developmentAccountByName(text) !== undefined || NUMBERED_NAME.test(text);
}

/** The account of this name in any case, among the well-known ones or those of a network; undefined where there is none. */
export function developmentAccountByName(
  name: string,
  { accounts }: DevelopmentAccounts = WELL_KNOWN_ACCOUNTS,
): DevelopmentAccount | undefined {
  const lower = name.toLowerCase();
  return accounts.find((account) => account.name.toLowerCase() === lower);
}

/** The account with this address, among the well-known ones or those of a network; undefined where it is none. */
export function developmentAccountByAddress(
  address: Address,
  { accounts }: DevelopmentAccounts = WELL_KNOWN_ACCOUNTS,
): DevelopmentAccount | undefined {
  return accounts.find((account) => account.address === address);
}
