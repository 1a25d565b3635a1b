import { bech32m } from '@scure/base';
import { bytesToHex, hexToBytes } from './hex.ts';
import { quotable } from './quotable.ts';
import { sha256 } from './sha256.ts';

/** 40 lower-case hex digits of the 20 raw bytes. Its bech32m form is for people and appears only at the edges. */
export type Address = string;

/** Size of a raw address. */
export const ADDRESS_BYTES = 20;
/** Allowed prefixes of addresses; short enough for a bech32m text, which has at most 90 characters. */
export const ADDRESS_PREFIX_PATTERN = /^[a-z]{1,16}$/;

/** What is wrong with a text that is not an address of the network. */
export type AddressProblem = 'not-an-address' | 'mixed-case' | 'other-network' | 'bad-checksum' | 'bad-length';

/** A text is not an address of the network; the message says why, for people, and the problem for programs. */
export class AddressError extends Error {
  readonly problem: AddressProblem;

  constructor(problem: AddressProblem, message: string) {
    super(message);
    this.name = 'AddressError';
    this.problem = problem;
  }
}

/** First 20 bytes of SHA-256 of an Ed25519 public key. */
export function addressOfKey(publicKey: Uint8Array): Address {
  return bytesToHex(sha256(publicKey).subarray(0, ADDRESS_BYTES));
}

const RAW_ADDRESS = /^[0-9a-f]{40}$/;

/** Whether a text is an address as key pairs have it. */
export function isRawAddress(text: string): boolean {
  return RAW_ADDRESS.test(text);
}

/** Bech32m (BIP 350) with the network's prefix, as people see it: `lore1…`. */
export function formatAddress(address: Address, prefix: string): string {
  return bech32m.encode(prefix, bech32m.toWords(hexToBytes(address)));
}

/** The inverse of {@link formatAddress}; all upper case is accepted too, as BIP 350 has it. Throws {@link AddressError}. */
export function parseAddress(text: string, prefix: string): Address {
  const lower = text.toLowerCase();
  const separator = lower.lastIndexOf('1');
  if (separator < 1) throw new AddressError('not-an-address', `not an address: it should start with ${prefix}1`);
  if (text !== lower && text !== text.toUpperCase())
    throw new AddressError('mixed-case', 'address mixes upper and lower case');
  const foundPrefix = lower.slice(0, separator);
  if (foundPrefix !== prefix) {
    throw new AddressError(
      'other-network',
      `address of another network: it starts with ${quotable(foundPrefix)}1, here they start with ${prefix}1`,
    );
  }
  const words = decodeWords(lower);
  if (words === undefined) throw new AddressError('bad-checksum', 'address has a wrong checksum: probably a typo');
  const bytes = bech32m.fromWordsUnsafe(words);
  if (!bytes || bytes.length !== ADDRESS_BYTES) throw new AddressError('bad-length', 'address has the wrong length');
  return bytesToHex(Uint8Array.from(bytes));
}

function decodeWords(text: string): number[] | undefined {
  const decoded = bech32m.decodeUnsafe(text);
  return decoded ? [...decoded.words] : undefined;
}
