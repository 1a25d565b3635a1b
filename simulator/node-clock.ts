import type { Instant } from '../protocol/time.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** A node's own clocks: the wall clock may be wrong and jump, the monotonic one is the simulation's. */
export class NodeClock {
  /** How far the wall clock is ahead of the true time, in milliseconds. */
  skewMs = 0;
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  instant(): Instant {
    const { wallMs, monotonicMs } = this.#clock.instant();
    return { wallMs: wallMs + this.skewMs, monotonicMs };
  }
}
