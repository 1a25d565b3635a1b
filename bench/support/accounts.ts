import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { type Address, addressOfKey } from '../../consensus/address.ts';
import { bytesToHex } from '../../consensus/hex.ts';
import { SIGNATURE_BYTES } from '../../consensus/signature-encoding.ts';
import { decodeTransaction, encodeTransfer, signingBytes, type Transfer } from '../../consensus/transaction.ts';

const SEED_BYTES = 32;
/** PKCS #8 of an Ed25519 key is this and the seed (RFC 8410). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** An account that benchmarks spend from; the same ones in every run. */
export interface BenchAccount {
  readonly address: Address;
  readonly publicKey: string;
  readonly key: KeyObject;
}

/** Keys from the native library, because signing in JavaScript would take longer than what is measured. */
export function benchAccounts(count: number): BenchAccount[] {
  return Array.from({ length: count }, (_, i) => {
    const seed = Buffer.alloc(SEED_BYTES);
    seed.writeUInt32BE(i + 1);
    const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
    const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
    const publicKey = new Uint8Array(Buffer.from(x, 'base64url'));
    return { address: addressOfKey(publicKey), publicKey: bytesToHex(publicKey), key };
  });
}

export interface TransferWish {
  readonly networkId: string;
  readonly nonce: bigint;
  readonly recipient: Address;
  readonly amount: bigint;
  readonly fee: bigint;
}

/** A signed transfer without a memo. */
export function signedTransfer(from: BenchAccount, wish: TransferWish): Transfer {
  const memo = new Uint8Array();
  const unsigned = encodeTransfer({
    ...wish,
    senderKey: from.publicKey,
    memo,
    signature: new Uint8Array(SIGNATURE_BYTES),
  });
  const signature = sign(null, signingBytes(unsigned), from.key);
  const raw = unsigned.raw.slice();
  raw.set(signature, raw.length - SIGNATURE_BYTES);
  return decodeTransaction(raw) as Transfer;
}
