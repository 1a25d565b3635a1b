import { ed25519 } from '@noble/curves/ed25519.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { mnemonicToSeedSync } from '@scure/bip39';
import { type Address, addressOfKey } from './address.ts';
import { ByteWriter } from './codec.ts';
import { DEVELOPMENT_ACCOUNTS, type DevelopmentAccount } from './development-accounts.ts';
import { assertInvariant } from './errors.ts';
import { utf8ToBytes } from './hex.ts';
import { parseMnemonic } from './mnemonic.ts';

const KEY_BYTES = 32;
const HARDENED = 0x8000_0000;
/** Path above the account index: BIP 44's purpose and the coin type that SLIP-0044 gives to every test network. */
const PATH = [44, 1];

/** Well-known on purpose: the mnemonic that other development networks use. */
export const DEVELOPMENT_MNEMONIC = 'test test test test test test test test test test test junk';
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
  return keyPairOf(seedOf(mnemonic), index);
}

let memoisedDevelopmentSeed: Uint8Array | undefined;
const memoisedDevelopmentKeys = new Map<string, KeyPair>();

/** The keys of a development account, which everyone knows. Slow at the first call, as {@link deriveKeyPair} is. */
export function developmentKeyPair({ name, address }: DevelopmentAccount): KeyPair {
  const known = memoisedDevelopmentKeys.get(name);
  if (known !== undefined) return known;
  memoisedDevelopmentSeed ??= seedOf(DEVELOPMENT_MNEMONIC);
  const index = DEVELOPMENT_ACCOUNTS.findIndex((account) => account.name === name);
  const keyPair = keyPairOf(memoisedDevelopmentSeed, index);
  assertInvariant(keyPair.address === address, `${name} has the address that is written down`);
  memoisedDevelopmentKeys.set(name, keyPair);
  return keyPair;
}

function seedOf(mnemonic: string): Uint8Array {
  return mnemonicToSeedSync(parseMnemonic(mnemonic));
}

function keyPairOf(seed: Uint8Array, index: number): KeyPair {
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
  const secretKey = node.slice(0, KEY_BYTES);
  const publicKey = ed25519.getPublicKey(secretKey);
  return { secretKey, publicKey, address: addressOfKey(publicKey) };
}
