import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { addressOfKey } from '../consensus/address.ts';
import { bytesToHex } from '../consensus/hex.ts';
import type { KeyPair } from '../consensus/keys.ts';
import { SIGNATURE_BYTES } from '../consensus/signature-encoding.ts';
import { encodeTransfer, signingBytes, type Transfer, type TransferFields } from '../consensus/transaction.ts';

/** What stands before the seed in a PKCS #8 private key of Ed25519 (RFC 8410). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The fields of a transfer that its sender chooses. */
export type UnsignedFields = Omit<TransferFields, 'senderKey' | 'signature'>;

/** Derivation by mnemonic is slow on purpose; tests with hundreds of accounts need something quicker. */
export function quickKeyPair(index: number): KeyPair {
  const secretKey = new Uint8Array(32);
  new DataView(secretKey.buffer).setUint32(0, index + 1);
  const publicKey = ed25519.getPublicKey(secretKey);
  return { secretKey, publicKey, address: addressOfKey(publicKey) };
}

/** A transfer whose signature is well encoded and wrong, for nodes that are told to take any. */
export function unsignedTransfer(fields: UnsignedFields, from: KeyPair): Transfer {
  // R is some point, S is zero.
  const signature = new Uint8Array(SIGNATURE_BYTES);
  signature.set(from.publicKey);
  return encodeTransfer({ ...fields, senderKey: bytesToHex(from.publicKey), signature });
}

/** Node takes longer to read a key than to sign with it. */
const privateKeys = new WeakMap<KeyPair, KeyObject>();

/** The same transfer as `signTransfer` makes, by Node's own Ed25519: many times faster, for tests that sign thousands. */
export function quickTransfer(fields: UnsignedFields, from: KeyPair): Transfer {
  const unsigned = unsignedTransfer(fields, from);
  const known = privateKeys.get(from);
  const key =
    known ?? createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, from.secretKey]), format: 'der', type: 'pkcs8' });
  if (!known) privateKeys.set(from, key);
  return encodeTransfer({ ...unsigned, signature: new Uint8Array(sign(null, signingBytes(unsigned), key)) });
}
