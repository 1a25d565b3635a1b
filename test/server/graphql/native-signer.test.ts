import { expect, test } from 'vitest';
import { DEVELOPMENT_ACCOUNTS } from '../../../consensus/development-accounts.ts';
import { developmentKeyPair } from '../../../consensus/keys.ts';
import { REGTEST } from '../../../consensus/networks.ts';
import { signatureCheckOf, signTransfer, signTransferWith, verifySignature } from '../../../consensus/signature.ts';
import { networkIdOf } from '../../../consensus/transaction-parts.ts';
import { nativeSigner } from '../../../server/graphql/native-signer.ts';

const [alice, bob] = DEVELOPMENT_ACCOUNTS.map(developmentKeyPair);

test('signs a transfer to the same bytes as plain JavaScript does', () => {
  for (const keyPair of [alice!, bob!]) {
    for (const nonce of [0n, 1n, 2n ** 63n]) {
      const fields = {
        networkId: networkIdOf(REGTEST.genesis.hash),
        nonce,
        recipient: bob!.address,
        amount: 5n + nonce,
        fee: 1n,
        memo: new Uint8Array([1, 2]),
      };
      const transfer = signTransferWith(fields, nativeSigner(keyPair));
      expect(transfer).toEqual(signTransfer(fields, keyPair.secretKey));
      expect(verifySignature(signatureCheckOf(transfer))).toBe(true);
    }
  }
});

test('imports each key once', () => {
  expect(nativeSigner(alice!)).toBe(nativeSigner(alice!));
  expect(nativeSigner(alice!)).not.toBe(nativeSigner(bob!));
});
