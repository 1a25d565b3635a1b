import { describe, expect, it } from 'vitest';
import { signMessage } from '../../client/sign-message.ts';
import { formatAddress, parseAddress } from '../../consensus/address.ts';
import { signedMessageBytes } from '../../consensus/contract/signed-message.ts';
import { developmentAccountByName } from '../../consensus/development-accounts.ts';
import { bytesToHex, hexToBytes } from '../../consensus/hex.ts';
import { developmentKeyPair } from '../../consensus/keys.ts';
import { REGTEST } from '../../consensus/networks.ts';
import { verifySignature } from '../../consensus/signature.ts';

const CAROL = developmentKeyPair(developmentAccountByName('Carol')!);
const CONTRACT = formatAddress('c0'.repeat(20), 'rlore');
const REQUEST = { from: CAROL, contract: CONTRACT, message: 'pay 국수', genesisHash: REGTEST.genesis.hash };

describe('signMessage', () => {
  it('signs for one network and one contract what verify checks there', () => {
    const { key, message, signature } = signMessage(REQUEST);
    expect({ key, message }).toEqual({ key: bytesToHex(CAROL.publicKey), message: REQUEST.message });
    const isFor = (networkId: string, contract: string) =>
      verifySignature({
        publicKey: hexToBytes(key),
        message: signedMessageBytes(hexToBytes(networkId), contract, message),
        signature: hexToBytes(signature),
      });
    const address = parseAddress(CONTRACT, 'rlore');
    expect(isFor(REGTEST.networkId, address)).toBe(true);
    expect(isFor(REGTEST.networkId, 'c1'.repeat(20))).toBe(false);
    expect(isFor('00000000', address)).toBe(false);
  });

  it.each([
    ['a name in place of keys', { from: 'Carol' }, 'from must have the keys of an account'],
    ['what is no address', { contract: 'Carol' }, 'contract must be the address of a contract'],
    ['a text that has no UTF-8', { message: '\ud800' }, 'message must be well-formed Unicode'],
    ['no network', { genesisHash: undefined }, 'genesisHash must be 64 hex digits'],
  ])('refuses %s', (_, part, message) => {
    expect(() => signMessage({ ...REQUEST, ...(part as object) })).toThrow(message);
  });
});
