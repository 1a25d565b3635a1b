import { MAX_HEADER_TIME } from '../../consensus/header.ts';
import type { Instant } from '../../protocol/time.ts';

const MS_PER_SECOND = 1_000;
/** The latest time that a node's wall clock can be set to, in Unix milliseconds. */
export const MAX_CLOCK_MS = MAX_HEADER_TIME * MS_PER_SECOND;

/**
 * The clocks of one node. Its wall clock runs with the system's, at a distance that the time controls set; a manual one
 * stands still until it is moved. The monotonic clock is the system's own and cannot be moved: timeouts, expiry and
 * intervals count by it.
 */
export class NodeClock {
  readonly #isManual: boolean;
  /** Of the system's clock, or of zero where it is manual. */
  #offsetMs: number;

  private constructor(isManual: boolean, offsetMs: number) {
    this.#isManual = isManual;
    this.#offsetMs = offsetMs;
  }

  /** The system's clock, until it is moved. */
  static system(): NodeClock {
    return new NodeClock(false, 0);
  }

  /** A wall clock that only moves when it is told to. @param wallMs where it starts, in Unix milliseconds */
  static manual(wallMs: number): NodeClock {
    return new NodeClock(true, wallMs);
  }

  /** Unix milliseconds. It stands still at the end of the times that a header can have. */
  get wallMs(): number {
    return Math.min(this.#offsetMs + this.#ownMs, MAX_CLOCK_MS);
  }

  /** Both clocks, now. */
  now(): Instant {
    return { wallMs: this.wallMs, monotonicMs: performance.now() };
  }

  /** Sets the wall clock, forwards or back. @param wallMs Unix milliseconds, up to `MAX_CLOCK_MS` */
  setTo(wallMs: number): void {
    this.#offsetMs = wallMs - this.#ownMs;
  }

  /** A manual clock is not behind this time any more; one that runs is left alone. @param wallMs Unix milliseconds */
  advanceTo(wallMs: number): void {
    if (this.#isManual && wallMs > this.wallMs) this.setTo(Math.min(wallMs, MAX_CLOCK_MS));
  }

  /** What is shown where nobody has moved it. */
  get #ownMs(): number {
    return this.#isManual ? 0 : Date.now();
  }
}
