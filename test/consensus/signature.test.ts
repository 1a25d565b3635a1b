import { createPublicKey, verify } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '../../consensus/hex.ts';
import {
  checkSignatureEncoding,
  type SignatureCheck,
  signatureCheckOf,
  verifySignature,
} from '../../consensus/signature.ts';
import { encodeTransfer } from '../../consensus/transaction.ts';
import rfc8032 from '../vectors/ed25519.json' with { type: 'json' };
import { bytesOf } from './arbitraries.ts';
import { alice, bob, pay } from './fixtures.ts';

const { Point } = ed25519;
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
/** A point of order 8: times L, all that is left of a point is its part of small order. */
const TORSION = Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05');

/** What the platform says, which lacks only the checks of the encoding. */
function platformVerifies({ publicKey, message, signature }: SignatureCheck): boolean {
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' });
  return verify(null, message, key, signature);
}

function littleEndian(value: bigint): Uint8Array {
  return hexToBytes(value.toString(16).padStart(64, '0')).reverse();
}

function integerOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${bytesToHex(bytes.slice().reverse())}`);
}

function validCheck(message = utf8ToBytes('message')): SignatureCheck {
  return { publicKey: alice.publicKey, message, signature: ed25519.sign(message, alice.secretKey) };
}

/** The same signature with S + L: the equation still holds, and only the bound on S refuses it. */
function malleated({ publicKey, message, signature }: SignatureCheck): SignatureCheck {
  const s = integerOf(signature.subarray(32)) + Point.Fn.ORDER;
  return { publicKey, message, signature: concatBytes(signature.subarray(0, 32), littleEndian(s)) };
}

/** Signed by a key with a part of small order: the cofactored equation always holds, the strict one for one k in eight. */
function mixedOrderCheck(message: Uint8Array): { check: SignatureCheck; k: bigint } {
  const [secret, r] = [123_456_789n, 987_654_321n];
  const publicKey = Point.BASE.multiply(secret).add(TORSION).toBytes();
  const commitment = Point.BASE.multiply(r).toBytes();
  const k = integerOf(sha512(concatBytes(commitment, publicKey, message))) % Point.Fn.ORDER;
  const signature = concatBytes(commitment, littleEndian((r + k * secret) % Point.Fn.ORDER));
  return { check: { publicKey, message, signature }, k };
}

describe('strict verification', () => {
  it.each(rfc8032)('accepts the vector of RFC 8032, $name', ({ publicKey, message, signature }) => {
    const check = {
      publicKey: hexToBytes(publicKey),
      message: hexToBytes(message),
      signature: hexToBytes(signature),
    };
    expect(verifySignature(check)).toBe(true);
    expect(platformVerifies(check)).toBe(true);
  });

  it('refuses a changed message, key or signature', () => {
    const check = validCheck();
    expect(verifySignature(check)).toBe(true);
    expect(verifySignature({ ...check, message: utf8ToBytes('massage') })).toBe(false);
    expect(verifySignature({ ...check, publicKey: bob.publicKey })).toBe(false);
    for (const position of [0, 31, 32, 62]) {
      const signature = check.signature.slice();
      signature[position]! ^= 1;
      expect(verifySignature({ ...check, signature })).toBe(false);
    }
  });

  it('refuses S ≥ L, which would give a transaction a second id', () => {
    const check = malleated(validCheck());
    expect(checkSignatureEncoding(check.publicKey, check.signature)).toBe(false);
    expect(verifySignature(check)).toBe(false);
  });

  it('refuses keys and commitments of small order in every encoding', () => {
    const { publicKey, message, signature } = validCheck();
    const encodings = Array.from({ length: 8 }, (_, i) => TORSION.multiplyUnsafe(BigInt(i)).toBytes());
    for (const encoding of encodings) {
      const negated = encoding.slice();
      negated[31]! ^= 0x80;
      for (const smallOrder of [encoding, negated]) {
        const zeroSignature = concatBytes(smallOrder, new Uint8Array(32));
        expect(checkSignatureEncoding(smallOrder, signature)).toBe(false);
        expect(checkSignatureEncoding(publicKey, zeroSignature)).toBe(false);
        expect(verifySignature({ publicKey: smallOrder, message, signature: zeroSignature })).toBe(false);
      }
    }
    expect(new Set(encodings.map(bytesToHex)).size).toBe(8);
  });

  it('refuses a y that is not below the field’s prime', () => {
    const { publicKey, signature } = validCheck();
    for (let offset = 0n; offset < 19n; offset++) {
      for (const sign of [0n, 1n << 255n]) {
        const encoding = littleEndian((1n << 255n) - 19n + offset + sign);
        expect(checkSignatureEncoding(encoding, signature)).toBe(false);
        expect(checkSignatureEncoding(publicKey, concatBytes(encoding, signature.subarray(32)))).toBe(false);
      }
    }
  });

  it('refuses what only the equation with the cofactor accepts, as the platform does', () => {
    const outcomes = new Set<boolean>();
    for (let i = 0; i < 40; i++) {
      const { check, k } = mixedOrderCheck(Uint8Array.of(i));
      const isStrictlyValid = k % 8n === 0n;
      outcomes.add(isStrictlyValid);
      expect(checkSignatureEncoding(check.publicKey, check.signature)).toBe(true);
      expect(ed25519.verify(check.signature, check.message, check.publicKey, { zip215: true })).toBe(true);
      expect(verifySignature(check)).toBe(isStrictlyValid);
      expect(platformVerifies(check)).toBe(isStrictlyValid);
    }
    expect(outcomes.size).toBe(2);
  });

  it('refuses a key that is not on the curve, and wrong lengths', () => {
    const { publicKey, message, signature } = validCheck();
    const offCurve = Uint8Array.of(2, ...new Uint8Array(31));
    expect(verifySignature({ publicKey: offCurve, message, signature })).toBe(false);
    expect(verifySignature({ publicKey: publicKey.subarray(1), message, signature })).toBe(false);
    expect(verifySignature({ publicKey, message, signature: signature.subarray(1) })).toBe(false);
  });

  it('agrees with the platform behind the encoding checks', () => {
    const spoil = fc.option(fc.tuple(fc.nat({ max: 95 }), fc.integer({ min: 1, max: 255 })));
    fc.assert(
      fc.property(bytesOf(32), fc.uint8Array({ maxLength: 64 }), spoil, (secretKey, message, change) => {
        const publicKey = ed25519.getPublicKey(secretKey);
        const both = concatBytes(publicKey, ed25519.sign(message, secretKey));
        if (change !== null) both[change[0]]! ^= change[1];
        const check = { publicKey: both.subarray(0, 32), message, signature: both.subarray(32) };
        const expected = checkSignatureEncoding(check.publicKey, check.signature) && platformVerifies(check);
        expect(verifySignature(check)).toBe(expected);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a signed transfer', () => {
  it('verifies, and no longer when a field is changed', () => {
    const transfer = pay(alice, bob.address, { memo: utf8ToBytes('rent') });
    expect(verifySignature(signatureCheckOf(transfer))).toBe(true);
    for (const changes of [{ amount: 2n }, { fee: 1n }, { nonce: 1n }, { recipient: alice.address }]) {
      expect(verifySignature(signatureCheckOf(encodeTransfer({ ...transfer, ...changes })))).toBe(false);
    }
    expect(verifySignature(signatureCheckOf(encodeTransfer({ ...transfer, networkId: '01020304' })))).toBe(false);
  });
});
