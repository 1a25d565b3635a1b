import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { checkSignatureEncoding } from '../consensus/signature.ts';
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from '../consensus/signature-encoding.ts';
import type { VerificationTask, VerificationTaskResult } from './verification-task-types.ts';

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
function isValid(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (!checkSignatureEncoding(publicKey, signature)) {
    return false;
  }
  try {
    return verify(null, message, importKey(publicKey), signature);
  } catch {
    return false;
  }
}

/** Verifies a batch of Ed25519 signatures, strictly. */
export default function verifyBatch(task: VerificationTask): VerificationTaskResult {
  const valid = new Uint8Array(task.messageEnds.length);
  let messageStart = 0;
  for (const [i, messageEnd] of task.messageEnds.entries()) {
    const publicKey = task.publicKeys.subarray(i * PUBLIC_KEY_BYTES, (i + 1) * PUBLIC_KEY_BYTES);
    const signature = task.signatures.subarray(i * SIGNATURE_BYTES, (i + 1) * SIGNATURE_BYTES);
    valid[i] = isValid(publicKey, task.messages.subarray(messageStart, messageEnd), signature) ? 1 : 0;
    messageStart = messageEnd;
  }
  return valid;
}
