import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { bytesToHex } from '../../consensus/hex.ts';
import { checkSignatureEncoding, type SignatureCheck, type Signer } from '../../consensus/signature.ts';
import type { Crypto } from '../simulation.ts';

/** The PKCS #8 prefix of the 32 bytes of an Ed25519 secret key (RFC 8410, section 7). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
/** Signatures, and answers, that are remembered; at the limit all are forgotten. */
const MAX_REMEMBERED = 100_000;

interface Key {
  readonly secret: KeyObject;
  readonly publicKey: Uint8Array;
}

/**
 * Node's own Ed25519 behind our strict checks of encodings, many times faster than JavaScript. Answers are cached, since
 * every node of a simulation, and its second run, verifies the same signatures.
 */
export function nativeCrypto(): Crypto {
  const keys = new Map<string, Key>();
  const signatures = new Map<string, Uint8Array>();
  const answers = new Map<string, boolean>();
  return {
    signer(secretKey): Signer {
      const { secret, publicKey } = keyOf(keys, secretKey);
      return {
        publicKey,
        // What a transaction's sender signs holds the key: signatures of Ed25519 are the same every time.
        sign: (message) => remembered(signatures, textOf(message), () => new Uint8Array(sign(null, message, secret))),
      };
    },
    verify(check) {
      // The whole question: a signature that is valid for one message is not for another.
      const question = textOf(check.signature) + textOf(check.publicKey) + textOf(check.message);
      return remembered(answers, question, () => nativeVerify(check));
    },
    verifyPlainly: plainVerify,
  };
}

function remembered<T>(known: Map<string, T>, key: string, make: () => T): T {
  const value = known.get(key) ?? make();
  if (known.size >= MAX_REMEMBERED) known.clear();
  known.set(key, value);
  return value;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

/** Whether a signature is strictly valid, by Node's own Ed25519 behind our checks of encodings. */
export function nativeVerify(check: SignatureCheck): boolean {
  return checkSignatureEncoding(check.publicKey, check.signature) && plainVerify(check);
}

function plainVerify({ publicKey, message, signature }: SignatureCheck): boolean {
  const x = Buffer.from(publicKey).toString('base64url');
  return verify(null, message, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }), signature);
}

function keyOf(keys: Map<string, Key>, secretKey: Uint8Array): Key {
  const id = bytesToHex(secretKey);
  const known = keys.get(id);
  if (known) return known;
  const der = Buffer.concat([PKCS8_PREFIX, secretKey]);
  const secret = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const { x = '' } = createPublicKey(secret).export({ format: 'jwk' });
  const key = { secret, publicKey: new Uint8Array(Buffer.from(x, 'base64url')) };
  keys.set(id, key);
  return key;
}
