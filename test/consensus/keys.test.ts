import { createHmac, createPrivateKey, createPublicKey, pbkdf2Sync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { addressOfKey } from '../../consensus/address.ts';
import {
  DEVELOPMENT_ACCOUNTS,
  DEVELOPMENT_MNEMONIC,
  developmentAccountByAddress,
  developmentAccountByName,
} from '../../consensus/development-accounts.ts';
import { deriveKeyPair, developmentKeyPair } from '../../consensus/keys.ts';
import { MnemonicError } from '../../consensus/mnemonic.ts';
import { LAB } from '../../consensus/networks.ts';

/** BIP 39 and SLIP-0010 with the platform's cryptography. */
function secretKeyByDefinition(mnemonic: string, path: readonly number[]): Buffer {
  const seed = pbkdf2Sync(mnemonic, 'mnemonic', 2_048, 64, 'sha512');
  let node = createHmac('sha512', 'ed25519 seed').update(seed).digest();
  for (const index of path) {
    const data = Buffer.alloc(37);
    node.copy(data, 1, 0, 32);
    data.writeUInt32BE(0x8000_0000 + index, 33);
    node = createHmac('sha512', node.subarray(32)).update(data).digest();
  }
  return node.subarray(0, 32);
}

function publicKeyByDefinition(secretKey: Uint8Array): Buffer {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), secretKey]);
  const key = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
  return key.export({ format: 'der', type: 'spki' }).subarray(-32);
}

describe('key derivation', () => {
  it.each([0, 1, 9, 0x7fff_ffff])('agrees with the platform’s cryptography at index %i', (index) => {
    const { secretKey, publicKey, address } = deriveKeyPair(DEVELOPMENT_MNEMONIC, index);
    expect(Buffer.from(secretKey)).toEqual(secretKeyByDefinition(DEVELOPMENT_MNEMONIC, [44, 1, index]));
    expect(Buffer.from(publicKey)).toEqual(publicKeyByDefinition(secretKey));
    expect(address).toBe(addressOfKey(publicKey));
  });

  it('refuses a mnemonic with a misspelt word or a wrong checksum', () => {
    expect(() => deriveKeyPair('test test test', 0)).toThrow(MnemonicError);
    expect(() => deriveKeyPair(DEVELOPMENT_MNEMONIC.replace('junk', 'test'), 0)).toThrow(MnemonicError);
  });
});

describe('development accounts', () => {
  it('have the addresses of ten keys of the well-known mnemonic', () => {
    const keys = DEVELOPMENT_ACCOUNTS.map((_, index) => deriveKeyPair(DEVELOPMENT_MNEMONIC, index));
    expect(DEVELOPMENT_ACCOUNTS.map(({ address }) => address)).toEqual(keys.map(({ address }) => address));
    expect(DEVELOPMENT_ACCOUNTS.map(developmentKeyPair)).toEqual(keys);
    expect(new Set(DEVELOPMENT_ACCOUNTS.map(({ name }) => name)).size).toBe(10);
  });

  it('are the accounts that the built-in networks fund', () => {
    expect([...LAB.genesisState.keys()]).toEqual(DEVELOPMENT_ACCOUNTS.map(({ address }) => address));
  });

  it('are found by name in any case, and by address', () => {
    const [alice] = DEVELOPMENT_ACCOUNTS;
    expect(developmentAccountByName('aLiCe')).toBe(alice);
    expect(developmentAccountByName('Mallory')).toBeUndefined();
    expect(developmentAccountByAddress(alice?.address ?? '')).toBe(alice);
    expect(developmentAccountByAddress('00'.repeat(20))).toBeUndefined();
  });
});
