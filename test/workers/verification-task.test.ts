import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hexToBytes } from '../../consensus/hex.ts';
import { type SignatureCheck, verifySignature } from '../../consensus/signature.ts';
import verifyBatch from '../../workers/verification-task.ts';

const GROUP_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const SMALL_ORDER_POINTS = [
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  `01${'00'.repeat(30)}80`,
  `ec${'ff'.repeat(30)}7f`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
].map(hexToBytes);
const NON_CANONICAL_POINTS = [`ed${'ff'.repeat(30)}7f`, `ee${'ff'.repeat(30)}7f`, 'ff'.repeat(32)].map(hexToBytes);

const keyPair = generateKeyPairSync('ed25519');
const publicKey = rawPublicKey(keyPair.publicKey);

function rawPublicKey(key: KeyObject): Uint8Array {
  return Uint8Array.from(Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url'));
}

function signed(message: Uint8Array): SignatureCheck {
  return { publicKey, message, signature: Uint8Array.from(sign(null, message, keyPair.privateKey)) };
}

function verifyOne({ publicKey, message, signature }: SignatureCheck): boolean {
  const messageEnds = Uint32Array.of(message.length);
  return verifyBatch({ publicKeys: publicKey, signatures: signature, messages: message, messageEnds })[0] === 1;
}

function withFlippedBit(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = bytes.slice();
  flipped[bit >> 3] = flipped[bit >> 3]! ^ (1 << (bit & 7));
  return flipped;
}

/** The same signature with S + L in place of S: the equation still holds. */
function withLargeS(signature: Uint8Array): Uint8Array {
  const s = signature.subarray(32).reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n) + GROUP_ORDER;
  return Uint8Array.from([
    ...signature.subarray(0, 32),
    ...Array.from({ length: 32 }, (_, i) => Number((s >> BigInt(8 * i)) & 255n)),
  ]);
}

describe('verification task', () => {
  it('accepts what was signed and refuses it after any change, as the pure rule does', () => {
    const bits = fc.nat({ max: 255 });
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 300 }),
        bits,
        fc.nat({ max: 511 }),
        (message, keyBit, bit) => {
          const check = signed(message);
          expect(verifyOne(check)).toBe(true);
          expect(verifySignature(check)).toBe(true);
          const altered = [
            { ...check, publicKey: withFlippedBit(publicKey, keyBit) },
            { ...check, signature: withFlippedBit(check.signature, bit) },
            { ...check, message: withFlippedBit(message, bit % (message.length * 8)) },
          ];
          for (const forgery of altered) {
            expect(verifyOne(forgery)).toBe(false);
            expect(verifySignature(forgery)).toBe(false);
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it('agrees with the pure rule on bytes that nobody signed', () => {
    const keys = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const signatures = fc.uint8Array({ minLength: 64, maxLength: 64 });
    fc.assert(
      fc.property(keys, signatures, (publicKey, signature) => {
        const check = { publicKey, signature, message: new Uint8Array(10) };
        expect(verifyOne(check)).toBe(verifySignature(check));
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ['of small order', SMALL_ORDER_POINTS],
    ['not canonically encoded', NON_CANONICAL_POINTS],
  ])('refuses points %s, as key and as R', (_, points) => {
    const check = signed(Uint8Array.of(1, 2, 3));
    for (const point of points) {
      const zeroS = Uint8Array.from([...point, ...new Uint8Array(32)]);
      const forgeries = [
        { ...check, publicKey: point },
        { ...check, publicKey: point, signature: zeroS },
        { ...check, signature: zeroS },
        { ...check, signature: Uint8Array.from([...point, ...check.signature.subarray(32)]) },
      ];
      for (const forgery of forgeries) {
        expect(verifyOne(forgery)).toBe(false);
        expect(verifySignature(forgery)).toBe(false);
      }
    }
  });

  it('refuses S + L in place of S', () => {
    const check = signed(Uint8Array.of(4, 5, 6));
    const forgery = { ...check, signature: withLargeS(check.signature) };
    expect(verifyOne(forgery)).toBe(false);
    expect(verifySignature(forgery)).toBe(false);
  });

  it('judges each check of a batch by itself', () => {
    const checks = Array.from({ length: 20 }, (_, i) => signed(new Uint8Array(i).fill(i)));
    const wrong = checks.map((check, i) =>
      i % 3 === 0 ? { ...check, signature: withFlippedBit(check.signature, 9) } : check,
    );
    let end = 0;
    const valid = verifyBatch({
      publicKeys: Uint8Array.from(wrong.flatMap((check) => [...check.publicKey])),
      signatures: Uint8Array.from(wrong.flatMap((check) => [...check.signature])),
      messages: Uint8Array.from(wrong.flatMap((check) => [...check.message])),
      messageEnds: Uint32Array.from(wrong, (check) => (end += check.message.length)),
    });
    expect([...valid]).toEqual(checks.map((_, i) => (i % 3 === 0 ? 0 : 1)));
  });
});
