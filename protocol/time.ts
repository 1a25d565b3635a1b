/**
 * A reading of both clocks, taken by the driver for each event.
 * `wallMs` is Unix time, which consensus rules refer to; `monotonicMs` never goes back and measures intervals.
 */
export interface Instant {
  readonly wallMs: number;
  readonly monotonicMs: number;
}

/** Whole Unix seconds of an instant, the unit of header times. */
export function wallSeconds(now: Instant): number {
  return Math.floor(now.wallMs / 1000);
}

/** Randomness comes in as a source of uniform 32-bit integers, so that a run can be repeated from a seed. */
export interface RandomSource {
  u32(): number;
}

/** A uniform number in `[0, 1)`. */
export function fraction(random: RandomSource): number {
  return random.u32() / 2 ** 32;
}

/** A uniform integer in `[0, bound)`; the bias below 2^-32 · bound is irrelevant to jitter and choice among peers. */
export function randomBelow(random: RandomSource, bound: number): number {
  return Math.floor(fraction(random) * bound);
}

/** A uniform 64-bit nonce. */
export function randomU64(random: RandomSource): bigint {
  return (BigInt(random.u32()) << 32n) | BigInt(random.u32());
}
