import type { NetworkParams } from './params.ts';
import { bitsToTarget, targetToBits } from './target.ts';

/** A gap between blocks counts as at most this many spacings, so that a pause overnight is not followed by a flood of easy blocks. */
const MAX_GAP_SPACINGS = 20;

/** Fixed-point one of the exponent and the factor, and the bits of its fraction. */
const RADIX = 65_536n;
const RADIX_BITS = 16n;
/** Beyond this many halvings or doublings a 256-bit target is at a bound anyway; it also limits the size of integers. */
const MAX_SHIFTS = 512n;

/** Inputs of {@link asertTarget}. Times and heights may have any unit, as long as they share it. */
export interface AsertInput {
  readonly anchorTarget: bigint;
  /** Seconds since the anchor. */
  readonly timeDelta: bigint;
  /** Blocks since the anchor; on schedule they take `timeDelta`. */
  readonly heightDelta: bigint;
  /** Seconds that a block should take. */
  readonly spacing: bigint;
  /** Seconds behind the schedule that double the target. */
  readonly halfLife: bigint;
  /** The easiest target allowed. */
  readonly limit: bigint;
}

/**
 * anchorTarget · 2^((timeDelta − spacing · heightDelta) / halfLife), clamped to [1, limit], in the integer arithmetic
 * of aserti3-2d (Bitcoin Cash, 2020-11-15 upgrade): a cubic approximates 2^x within 0.013 %.
 */
export function asertTarget(input: AsertInput): bigint {
  const { anchorTarget, timeDelta, heightDelta, spacing, halfLife, limit } = input;
  // BigInt division truncates towards zero and >> is arithmetic, both as the rule demands.
  const exponent = ((timeDelta - spacing * heightDelta) * RADIX) / halfLife;
  const shifts = exponent >> RADIX_BITS;
  if (shifts > MAX_SHIFTS) return limit;
  if (shifts < -MAX_SHIFTS) return 1n;
  const f = exponent - shifts * RADIX;
  const factor = RADIX + ((195_766_423_245_049n * f + 971_821_376n * f ** 2n + 5_127n * f ** 3n + (1n << 47n)) >> 48n);
  const scaled = anchorTarget * factor;
  const target = (shifts >= 0n ? scaled << shifts : scaled >> -shifts) >> RADIX_BITS;
  if (target < 1n) return 1n;
  return target > limit ? limit : target;
}

/** Seconds since the genesis block: of the highest time so far, and of the time that counts for the difficulty. */
export interface ActiveTime {
  readonly clock: number;
  readonly active: number;
}

/** The genesis block's {@link ActiveTime}. */
export const GENESIS_ACTIVE_TIME: ActiveTime = { clock: 0, active: 0 };

/** {@link ActiveTime} of a child with header time `time`: the clock never goes back, a gap counts at most 20 spacings. */
export function nextActiveTime(parent: ActiveTime, time: number, params: NetworkParams): ActiveTime {
  const clock = Math.max(parent.clock, time - params.genesisTime);
  const gap = Math.min(clock - parent.clock, MAX_GAP_SPACINGS * params.spacingSeconds);
  return { clock, active: parent.active + gap };
}

/** Bits that a block must have whose parent is at this height with this active time: ASERT anchored at genesis. */
export function requiredBits(parent: { height: number; active: number }, params: NetworkParams): number {
  if (!params.retarget) return params.genesisBits;
  const target = asertTarget({
    anchorTarget: bitsToTarget(params.genesisBits),
    timeDelta: BigInt(parent.active),
    heightDelta: BigInt(parent.height),
    spacing: BigInt(params.spacingSeconds),
    halfLife: BigInt(params.halfLifeSeconds),
    limit: bitsToTarget(params.limitBits),
  });
  return targetToBits(target);
}
