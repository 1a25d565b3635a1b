import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { checkSignatureEncoding, type SignatureCheck } from '../consensus/signature.ts';

/** A key object weighs about a kilobyte. At the limit all are dropped: importing again costs a tenth of a check. */
const MAX_CACHED_KEYS = 4096;

const cachedKeys = new Map<string, KeyObject>();

/** @throws Error when the library refuses the key */
function importKey(publicKey: Uint8Array): KeyObject {
  const x = Buffer.from(publicKey.buffer, publicKey.byteOffset, publicKey.length).toString('base64url');
  const cached = cachedKeys.get(x);
  if (cached !== undefined) {
    return cached;
  }
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  if (cachedKeys.size >= MAX_CACHED_KEYS) {
    cachedKeys.clear();
  }
  cachedKeys.set(x, key);
  return key;
}

/**
 * Agrees with `verifySignature` of consensus on every input: OpenSSL computes the same cofactorless equation and
 * compares R byte by byte, but does not look at the encodings.
 */
export function isValidSignature({ publicKey, message, signature }: SignatureCheck): boolean {
  if (!checkSignatureEncoding(publicKey, signature)) {
    return false;
  }
  try {
    return verify(null, message, importKey(publicKey), signature);
  } catch {
    return false;
  }
}
