import type { LinkConditions } from './link-conditions.ts';
import { fraction, type RandomSource } from './time.ts';

const MS_PER_SECOND = 1_000;

/** One direction of one connection, as far as its conditions go. Times are those of whoever hosts it, in milliseconds. */
export interface Line {
  /** When everything that was sent has left. */
  freeMs: number;
  /** When the last message that keeps its place arrives. */
  lastArrivalMs: number;
}

export function makeLine(): Line {
  return { freeMs: 0, lastArrivalMs: 0 };
}

/** Whether this message is lost. Draws only where that can be. */
export function isLost({ loss }: Pick<LinkConditions, 'loss'>, random: RandomSource): boolean {
  return loss > 0 && fraction(random) < loss;
}

/** Lets a message leave, after those before it. @returns when it has left, in milliseconds */
export function depart(
  line: Line,
  { bytesPerSecond }: Pick<LinkConditions, 'bytesPerSecond'>,
  sizeBytes: number,
  nowMs: number,
): number {
  if (bytesPerSecond === null) return nowMs;
  line.freeMs = Math.max(nowMs, line.freeMs) + (sizeBytes / bytesPerSecond) * MS_PER_SECOND;
  return line.freeMs;
}

/** How long a message is under way after it has left, in milliseconds. */
export function drawDelayMs([least, most]: LinkConditions['delayMs'], random: RandomSource): number {
  return least + fraction(random) * (most - least);
}

/** Lets a message arrive at this time, or as soon as the one before it has. @returns when it arrives, in milliseconds */
export function arriveInOrder(line: Line, arrivalMs: number): number {
  line.lastArrivalMs = Math.max(arrivalMs, line.lastArrivalMs);
  return line.lastArrivalMs;
}
