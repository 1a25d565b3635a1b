import { generateKeyPairSync, sign } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SignatureCheck, verifySignature } from '../../../consensus/signature.ts';
import { MAX_INLINE_CHECKS, VerificationPool } from '../../../server/verification/verification-pool.ts';

const keyPair = generateKeyPairSync('ed25519');
const publicKey = Uint8Array.from(Buffer.from(keyPair.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'));

function signed(message: Uint8Array): SignatureCheck {
  return { publicKey, message, signature: Uint8Array.from(sign(null, message, keyPair.privateKey)) };
}

function forged(check: SignatureCheck): SignatureCheck {
  const signature = check.signature.slice();
  signature[0] = signature[0]! ^ 1;
  return { ...check, signature };
}

describe('verification pool', () => {
  let pool: VerificationPool;
  let threadsStarted = 0;
  const onThread = () => {
    threadsStarted++;
  };

  beforeEach(() => {
    threadsStarted = 0;
    process.on('worker', onThread);
    pool = new VerificationPool({ threads: 2 });
  });

  afterEach(async () => {
    process.off('worker', onThread);
    await pool.close();
  });

  it('answers nothing for nothing', async () => {
    expect(await pool.verify([])).toEqual([]);
  });

  it('agrees with the pure rule on a single check', async () => {
    const check = signed(Uint8Array.of(1));
    expect(await pool.verify([check])).toEqual([true]);
    expect(await pool.verify([forged(check)])).toEqual([false]);
    expect(verifySignature(check)).toBe(true);
  });

  it('keeps the order of checks over many batches and threads', async () => {
    const checks = Array.from({ length: 450 }, (_, i) => {
      const check = signed(Uint8Array.of(i & 255, i >> 8));
      return i % 7 === 0 ? forged(check) : check;
    });
    expect(await pool.verify(checks)).toEqual(checks.map((_, i) => i % 7 !== 0));
  });

  it('refuses keys and signatures of the wrong length without confusing the others', async () => {
    const check = signed(Uint8Array.of(2));
    const checks = [
      check,
      { ...check, publicKey: publicKey.subarray(1) },
      { ...check, signature: new Uint8Array(65) },
      check,
      { ...check, signature: new Uint8Array(0) },
      forged(check),
    ];
    expect(await pool.verify(checks)).toEqual([true, false, false, true, false, false]);
  });

  it('reads checks that are views into a larger buffer', async () => {
    const check = signed(Uint8Array.of(3, 4, 5));
    const block = new Uint8Array(1_000_000);
    block.set(check.publicKey, 100);
    block.set(check.message, 200);
    block.set(check.signature, 300);
    const view = {
      publicKey: block.subarray(100, 132),
      message: block.subarray(200, 203),
      signature: block.subarray(300, 364),
    };
    expect(await pool.verify([view])).toEqual([true]);
  });

  it('verifies few signatures without a thread, in the turn in which they are asked for', async () => {
    const check = signed(Uint8Array.of(8));
    let [isAnswered, turns] = [false, 0];
    const answered = pool.verify(Array.from({ length: MAX_INLINE_CHECKS }, () => check)).then(() => {
      isAnswered = true;
    });
    for (; !isAnswered; turns++) await Promise.resolve();
    expect(turns).toBeLessThan(5);
    await answered;
    expect(threadsStarted).toBe(0);
  });

  it('hands to threads what is too much for one turn of the event loop, in one request or in many', async () => {
    const check = signed(Uint8Array.of(9));
    const many = Array.from({ length: MAX_INLINE_CHECKS + 1 }, () => check);
    await Promise.all(many.map((each) => pool.verify([each])));
    expect(threadsStarted).toBe(1);
    await pool.close();
    pool = new VerificationPool({ threads: 2 });
    await pool.verify(many);
    expect(threadsStarted).toBe(2);
  });

  it('serves requests that overlap', async () => {
    const answers = await Promise.all(
      Array.from({ length: 30 }, async (_, i) => {
        const check = signed(Uint8Array.of(i));
        return pool.verify(i % 2 === 0 ? [check, forged(check)] : [forged(check), check]);
      }),
    );
    expect(answers).toEqual(answers.map((_, i) => (i % 2 === 0 ? [true, false] : [false, true])));
  });

  it('fails requests when it is closed, and never answers them wrongly', async () => {
    const many = Array.from({ length: MAX_INLINE_CHECKS + 1 }, () => signed(Uint8Array.of(6)));
    const pending = pool.verify(many);
    const outcome = pending.then(
      (valid) => valid,
      () => 'failed',
    );
    await pool.close();
    expect([many.map(() => true), 'failed']).toContainEqual(await outcome);
    await expect(pool.verify([signed(Uint8Array.of(7))])).rejects.toThrow('closed');
  });
});
