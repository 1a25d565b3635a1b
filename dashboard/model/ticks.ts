/** What an axis counts; decides which steps are round. */
export type AxisUnit =
  /** Heights, transactions: whole numbers. */
  | 'count'
  /** Anything else that people write with decimals. */
  | 'number'
  /** Seconds: written as seconds, minutes, hours. */
  | 'duration';

/** Steps of a clock, in seconds, above which tens are round no more. */
const CLOCK_STEPS = [10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400] as const;
/** No shorter time is written. */
const MIN_DURATION_SECONDS = 0.001;
/** Digits that a sum of steps is exact to. */
const EXACT_DIGITS = 12;

/**
 * Round values between two bounds, both included, as few as `max` and as many as round steps allow; the same step
 * between all.
 * @param unit for `duration`, bounds and ticks are in seconds
 */
export function ticksBetween(low: number, high: number, max: number, unit: AxisUnit): number[] {
  if (!(high > low) || max < 1) return [];
  const step = roundStep((high - low) / max, unit);
  const ticks: number[] = [];
  // Multiplied, not summed up: errors would show in the labels.
  for (let index = Math.ceil(low / step); index * step <= high; index++) {
    ticks.push(Number((index * step).toPrecision(EXACT_DIGITS)));
  }
  return ticks;
}

/** The next step that is round: 1, 2 or 5 times a power of ten, or what a clock has. */
function roundStep(least: number, unit: AxisUnit): number {
  if (unit === 'duration') {
    const ofClock = CLOCK_STEPS.find((step) => step >= least);
    if (least > 5 && ofClock !== undefined) return ofClock;
    if (ofClock === undefined) return decimalStep(least / 86_400) * 86_400;
    return decimalStep(Math.max(least, MIN_DURATION_SECONDS));
  }
  return decimalStep(unit === 'count' ? Math.max(1, least) : least);
}

function decimalStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5].find((each) => each * power >= least * (1 - Number.EPSILON)) ?? 10;
  return Number((factor * power).toPrecision(EXACT_DIGITS));
}

/** Bounds of an axis for what is on it: a single value gets room on both sides. */
export function boundsOf(values: readonly number[], room: number): readonly [low: number, high: number] {
  if (values.length === 0) return [0, room];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low === high ? [low - room, high + room] : [low, high];
}
