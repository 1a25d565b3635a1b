import { assertInvariant, RuleError } from './errors.ts';
import type { Hash } from './hash.ts';

const HASH_SPACE = 1n << 256n;
const SIGN_BIT = 0x0080_0000;
const MANTISSA_MASK = 0x007f_ffff;
const MANTISSA_BYTES = 3;

/**
 * Target of a header's compact bits: mantissa · 256^(size − 3), Bitcoin's `SetCompact`.
 * Throws `RuleError` `bad-bits` when the bits are negative, zero, not below 2^256, or not what {@link targetToBits}
 * gives for the target, so that one target has one encoding.
 */
export function bitsToTarget(bits: number): bigint {
  if ((bits & SIGN_BIT) !== 0) throw badBits(bits, 'is negative');
  const sizeBytes = bits >>> 24;
  const mantissa = BigInt(bits & MANTISSA_MASK);
  const shiftBits = BigInt(8 * (sizeBytes - MANTISSA_BYTES));
  const target = shiftBits >= 0n ? mantissa << shiftBits : mantissa >> -shiftBits;
  if (target === 0n) throw badBits(bits, 'is zero');
  if (target >= HASH_SPACE) throw badBits(bits, 'is not below 2^256');
  if (targetToBits(target) !== bits) throw badBits(bits, 'is not canonical');
  return target;
}

/** Compact bits of the largest representable target that is not above `target` (Bitcoin's `GetCompact`). */
export function targetToBits(target: bigint): number {
  assertInvariant(target > 0n && target < HASH_SPACE, 'a target is positive and below 2^256');
  let sizeBytes = Math.ceil(target.toString(16).length / 2);
  const shiftBits = BigInt(8 * (sizeBytes - MANTISSA_BYTES));
  let mantissa = Number(shiftBits >= 0n ? target >> shiftBits : target << -shiftBits);
  // The top bit of the mantissa is the sign: a mantissa that would set it takes one byte more.
  if ((mantissa & SIGN_BIT) !== 0) {
    mantissa >>>= 8;
    sizeBytes += 1;
  }
  return sizeBytes * 0x0100_0000 + mantissa;
}

/** Work of a block: floor(2^256 / (target + 1)), the number of hashes that finding it takes on average. */
export function workOfTarget(target: bigint): bigint {
  return HASH_SPACE / (target + 1n);
}

/** {@link workOfTarget} of compact bits. Throws `RuleError` `bad-bits`. */
export function workOfBits(bits: number): bigint {
  return workOfTarget(bitsToTarget(bits));
}

/** Hashes that finding a block with these bits takes on average, for progress displays. Throws `RuleError` `bad-bits`. */
export function expectedHashes(bits: number): bigint {
  return workOfBits(bits);
}

/** How many times harder than the network's easiest block: a ratio for display, never used in a rule. */
export function difficultyOf(bits: number, limitBits: number): number {
  return Number(bitsToTarget(limitBits)) / Number(bitsToTarget(bits));
}

/** A hash as the 256-bit integer that is compared with a target. */
export function hashToInteger(hash: Hash): bigint {
  return BigInt(`0x${hash}`);
}

function badBits(bits: number, problem: string): RuleError {
  return new RuleError('bad-bits', `0x${bits.toString(16).padStart(8, '0')} ${problem}`);
}
