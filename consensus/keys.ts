import { ed25519 } from '@noble/curves/ed25519.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { mnemonicToSeedSync } from '@scure/bip39';
import { type Address, addressOfKey } from './address.ts';
import { ByteWriter } from './codec.ts';
import { type DevelopmentAccount, type DevelopmentAccounts, WELL_KNOWN_ACCOUNTS } from './development-accounts.ts';
import { assertInvariant } from './errors.ts';
import { hexToBytes, utf8ToBytes } from './hex.ts';
import { parseMnemonic } from './mnemonic.ts';

const KEY_BYTES = 32;
const HARDENED = 0x8000_0000;
/** Path above the account index: BIP 44's purpose and the coin type that SLIP-0044 gives to every test network. */
const PATH = [44, 1];

/** An Ed25519 key pair and its address. */
export interface KeyPair {
  /** 32 bytes, the seed of RFC 8032. */
  readonly secretKey: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly address: Address;
}

/**
 * Key at `m/44'/1'/index'` (SLIP-0010 for Ed25519) of a BIP 39 mnemonic without passphrase. Slow on purpose, some
 * tens of milliseconds. Throws `MnemonicError`.
 */
export function deriveKeyPair(mnemonic: string, index: number): KeyPair {
  return keyPairOfSeed(seedOf(mnemonic), index);
}

/** Key pairs that were derived, by the accounts that they belong to. */
const derivedKeys = new WeakMap<DevelopmentAccounts, Map<string, KeyPair>>();

/** The keys of a well-known development account. */
export function developmentKeyPair(account: DevelopmentAccount): KeyPair {
  return keyPairAmong(WELL_KNOWN_ACCOUNTS, account);
}

/** The keys of one of a network's development accounts, which everyone knows. Takes some milliseconds at the first call. */
export function keyPairAmong(known: DevelopmentAccounts, { name, address }: DevelopmentAccount): KeyPair {
  const derived = derivedKeys.get(known) ?? new Map<string, KeyPair>();
  derivedKeys.set(known, derived);
  const memoised = derived.get(address);
  if (memoised !== undefined) return memoised;
  const index = known.accounts.findIndex((account) => account.address === address);
  const keyPair = keyPairOfSeed(hexToBytes(known.seed), index);
  assertInvariant(keyPair.address === address, `${name} has the address that is written down`);
  derived.set(address, keyPair);
  return keyPair;
}

/** BIP 39 seed of a mnemonic without passphrase, 64 bytes. Slow on purpose. Throws `MnemonicError`. */
export function seedOf(mnemonic: string): Uint8Array {
  return mnemonicToSeedSync(parseMnemonic(mnemonic));
}

/** Key at `m/44'/1'/index'` of a BIP 39 seed. */
export function keyPairOfSeed(seed: Uint8Array, index: number): KeyPair {
  let node = hmac(sha512, utf8ToBytes('ed25519 seed'), seed);
  for (const step of [...PATH, index]) {
    // SLIP-0010: 0x00 ‖ parent key ‖ hardened index (big-endian), keyed by the chain code; Ed25519 has no other derivation.
    const data = new ByteWriter(1 + KEY_BYTES + 4).u8(0).bytes(node.subarray(0, KEY_BYTES));
    data.bytes(
      new ByteWriter(4)
        .u32(HARDENED + step)
        .finish()
        .reverse(),
    );
    node = hmac(sha512, node.subarray(KEY_BYTES), data.finish());
  }
  return keyPairOfSecret(node.slice(0, KEY_BYTES));
}

/** The key pair of a secret key of 32 bytes. */
export function keyPairOfSecret(secretKey: Uint8Array): KeyPair {
  const publicKey = ed25519.getPublicKey(secretKey);
  return { secretKey, publicKey, address: addressOfKey(publicKey) };
}
