import { bitsOfTarget, shiftLeft, targetOfBits } from './compact-target.ts';

/** A gap counts as at most this many spacings in the active time. */
const MAX_GAP_SPACINGS = 20;
/** Blocks whose times the median is taken of. */
const MEDIAN_ANCESTORS = 11;
/** Beyond this many halvings or doublings the target is at one of its bounds. */
const MAX_SHIFTS = 512n;

/** What of a network the schedule depends on. Times in seconds. */
export interface ScheduleParams {
  readonly spacingSeconds: number;
  readonly halfLifeSeconds: number;
  readonly limitBits: number;
  readonly genesisBits: number;
  readonly retarget: boolean;
}

/** What of a block the schedule depends on. */
export interface ScheduleBlock {
  readonly parent: ScheduleBlock | null;
  readonly height: number;
  /** Seconds since 1970. */
  readonly time: number;
  /** Latest time up to this block, in seconds after genesis. */
  readonly clock: number;
  /** Seconds up to this block without what gaps have above their limit. */
  readonly active: number;
}

/** `clock` and `active` of a block on `parent` at `time`. */
export function timesAfter(
  parent: ScheduleBlock,
  time: number,
  genesisTime: number,
  params: ScheduleParams,
): { clock: number; active: number } {
  const clock = Math.max(parent.clock, time - genesisTime);
  const gap = Math.min(clock - parent.clock, MAX_GAP_SPACINGS * params.spacingSeconds);
  return { clock, active: parent.active + gap };
}

/** Median of the times of a block and its nearest ancestors, 11 in all, or as many as there are. */
export function medianTimeUpTo(block: ScheduleBlock): number {
  const times: number[] = [];
  for (let at: ScheduleBlock | null = block; at !== null && times.length < MEDIAN_ANCESTORS; at = at.parent) {
    times.push(at.time);
  }
  times.sort((a, b) => a - b);
  return times[times.length >> 1] ?? 0;
}

/** The only bits that a block on `parent` may have. */
export function bitsAfter(parent: ScheduleBlock, params: ScheduleParams): number {
  if (!params.retarget) return params.genesisBits;
  return bitsOfTarget(asertTarget(parent.active, parent.height, params));
}

/** ASERT in whole numbers: the target after `heightDelta` blocks in `timeDelta` seconds since the anchor. */
export function asertTarget(
  timeDelta: number,
  heightDelta: number,
  params: Pick<ScheduleParams, 'spacingSeconds' | 'halfLifeSeconds' | 'limitBits' | 'genesisBits'>,
): bigint {
  const anchor = knownTarget(params.genesisBits);
  const limit = knownTarget(params.limitBits);
  const late = BigInt(timeDelta) - BigInt(params.spacingSeconds) * BigInt(heightDelta);
  const exponent = (late * 65_536n) / BigInt(params.halfLifeSeconds);
  const shifts = exponent >> 16n;
  if (shifts > MAX_SHIFTS) return limit;
  if (shifts < -MAX_SHIFTS) return 1n;
  const f = exponent - shifts * 65_536n;
  const cubic = 195_766_423_245_049n * f + 971_821_376n * f ** 2n + 5_127n * f ** 3n;
  const factor = 65_536n + ((cubic + 2n ** 47n) >> 48n);
  const target = shiftLeft(anchor * factor, Number(shifts)) >> 16n;
  if (target < 1n) return 1n;
  return target > limit ? limit : target;
}

/** The target of bits that belong to a network. Throws where they are none. */
function knownTarget(bits: number): bigint {
  const target = targetOfBits(bits);
  if (target === undefined) throw new Error(`a network cannot have bits ${bits}`);
  return target;
}
