import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { bytesToHex } from '../../consensus/hex.ts';
import { checkSignatureEncoding, type SignatureCheck } from '../../consensus/signature.ts';
import { encodeTransfer, signingBytes } from '../../consensus/transaction.ts';
import type { Crypto } from '../simulation.ts';

const SIGNATURE_BYTES = 64;
/** What stands before the 32 bytes of an Ed25519 secret key in PKCS #8 (RFC 8410, section 7). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
/** Answers that are remembered: every node of a simulation asks the same. */
const MAX_REMEMBERED = 100_000;

/** Node's own Ed25519 behind our strictness, many times faster than JavaScript; what was asked once is remembered. */
export function nativeCrypto(): Crypto {
  const keys = new Map<string, { secret: KeyObject; publicKey: string }>();
  const answers = new Map<string, boolean>();
  return {
    sign(fields, secretKey) {
      const { secret, publicKey: senderKey } = keyOf(keys, secretKey);
      const unsigned = encodeTransfer({ ...fields, senderKey, signature: new Uint8Array(SIGNATURE_BYTES) });
      return encodeTransfer({ ...unsigned, signature: new Uint8Array(sign(null, signingBytes(unsigned), secret)) });
    },
    verify(check) {
      const key = questionOf(check);
      const known = answers.get(key);
      if (known !== undefined) return known;
      const answer = nativeVerify(check);
      if (answers.size >= MAX_REMEMBERED) answers.clear();
      answers.set(key, answer);
      return answer;
    },
  };
}

function nativeVerify({ publicKey, message, signature }: SignatureCheck): boolean {
  if (!checkSignatureEncoding(publicKey, signature)) return false;
  const x = Buffer.from(publicKey).toString('base64url');
  return verify(null, message, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }), signature);
}

function keyOf(
  keys: Map<string, { secret: KeyObject; publicKey: string }>,
  secretKey: Uint8Array,
): { secret: KeyObject; publicKey: string } {
  const id = bytesToHex(secretKey);
  const known = keys.get(id);
  if (known) return known;
  const der = Buffer.concat([PKCS8_PREFIX, secretKey]);
  const secret = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const { x = '' } = createPublicKey(secret).export({ format: 'jwk' });
  const key = { secret, publicKey: Buffer.from(x, 'base64url').toString('hex') };
  keys.set(id, key);
  return key;
}

/** The whole question: a signature that is valid for one message is not for another. */
function questionOf({ publicKey, message, signature }: SignatureCheck): string {
  return `${Buffer.from(signature).toString('latin1')}${Buffer.from(publicKey).toString('latin1')}${Buffer.from(message).toString('latin1')}`;
}
