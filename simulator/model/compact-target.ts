const TWO_TO_256 = 1n << 256n;

/** The target that compact bits stand for; `undefined` where the bits are negative, zero, too large or not canonical. */
export function targetOfBits(bits: number): bigint | undefined {
  if ((bits & 0x0080_0000) !== 0) return undefined;
  const size = bits >>> 24;
  const target = shiftLeft(BigInt(bits & 0x007f_ffff), 8 * (size - 3));
  if (target === 0n || target >= TWO_TO_256) return undefined;
  return bitsOfTarget(target) === bits ? target : undefined;
}

/** The compact bits of a target above 0 and below 2^256, rounded down. */
export function bitsOfTarget(target: bigint): number {
  const size = Math.ceil(target.toString(16).length / 2);
  const mantissa = Number(shiftLeft(target, -8 * (size - 3)));
  // The highest bit of the mantissa is a sign, so such a number takes one byte more.
  return mantissa >= 0x0080_0000 ? (size + 1) * 2 ** 24 + Math.floor(mantissa / 256) : size * 2 ** 24 + mantissa;
}

/** Hashes that a block with this target takes on average. */
export function workOfTarget(target: bigint): bigint {
  return TWO_TO_256 / (target + 1n);
}

/** Towards higher bits; a negative count is a right shift. */
export function shiftLeft(value: bigint, count: number): bigint {
  return count >= 0 ? value << BigInt(count) : value >> BigInt(-count);
}
