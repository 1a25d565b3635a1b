import { COIN } from './amount.ts';
import type { Address } from './transaction.ts';

/** What each development account has from the start, in base units. */
const DEVELOPMENT_ALLOCATION = 1_000n * COIN;

/** Addresses of the development accounts, written down so that a genesis block needs no key derivation. */
const DEVELOPMENT_ADDRESSES: readonly Address[] = [
  'a8612c34bbeb2352097b802f86744eec4ce5c753', // Alice
  'c701adfa1a3b75c669179410873e6bacdee5acfc', // Bob
  '232b2e765177c9cfea4e91c2092c45129e1bbe0a', // Carol
  '5be0cfd789a94cddcd3158369933e5377cf20b49', // Dave
  '79d0d5dc1d140d53766944794cfe6a5661db8ed2', // Erin
  'e5d5d0b5d542826e8111bb1537298ef32c5221ae', // Frank
  '1c0dd575c4451dcb82022db7dd4da7445f07806f', // Grace
  'f0daf252235205be2972387fcc3ffe01c6cbf85c', // Heidi
  '4058ab08a60b0b86725728553013d9e902e03d26', // Ivan
  '731bc25751aa6ec3130bc010c0ff5822ab2f1e24', // Judy
];

/** 1,000 coins for each of the ten development accounts, in base units. */
export const DEVELOPMENT_ALLOCATIONS: ReadonlyMap<Address, bigint> = new Map(
  DEVELOPMENT_ADDRESSES.map((address) => [address, DEVELOPMENT_ALLOCATION]),
);
