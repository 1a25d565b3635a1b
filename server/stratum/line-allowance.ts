import { LINE_BURST, LINES_PER_SECOND } from './stratum-limits.ts';

const MS_PER_LINE = 1_000 / LINES_PER_SECOND;

/** How many lines of a connection may be handled: a token bucket. Times are monotonic milliseconds. */
export class LineAllowance {
  #lines = LINE_BURST;
  #atMs: number;

  constructor(nowMs: number) {
    this.#atMs = nowMs;
  }

  /** Takes one line. @returns 0, or if none is left the time until there is one, in milliseconds */
  take(nowMs: number): number {
    this.#lines = Math.min(LINE_BURST, this.#lines + (nowMs - this.#atMs) / MS_PER_LINE);
    this.#atMs = nowMs;
    if (this.#lines < 1) return (1 - this.#lines) * MS_PER_LINE;
    this.#lines--;
    return 0;
  }
}
