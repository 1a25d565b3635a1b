import { Heap } from '../protocol/heap.ts';
import type { Instant } from '../protocol/time.ts';

/** 2026-01-01T00:01:40Z: a little after the genesis time of the built-in networks. */
const START_WALL_MS = 1_767_225_700_000;

interface Scheduled {
  readonly atMs: number;
  readonly sequence: number;
  readonly action: () => void;
}

/** Time that passes only from one scheduled action to the next. Actions of the same time run in the order in which they were scheduled. */
export class VirtualClock {
  readonly #scheduled = new Heap(isEarlier);
  #nowMs = 0;
  #sequence = 0;

  /** Milliseconds since the start of the simulation. */
  get nowMs(): number {
    return this.#nowMs;
  }

  get pending(): number {
    return this.#scheduled.size;
  }

  instant(): Instant {
    return { wallMs: START_WALL_MS + this.#nowMs, monotonicMs: this.#nowMs };
  }

  schedule(delayMs: number, action: () => void): void {
    this.scheduleAt(this.#nowMs + Math.max(0, delayMs), action);
  }

  /** At a time, not after a delay: actions that are computed to happen at one moment do, whatever the rounding of delays. */
  scheduleAt(atMs: number, action: () => void): void {
    this.#sequence++;
    this.#scheduled.push({ atMs: Math.max(atMs, this.#nowMs), sequence: this.#sequence, action });
  }

  /** Runs the next action and moves time to it. False when nothing is scheduled. */
  step(): boolean {
    const next = this.#scheduled.pop();
    if (!next) return false;
    this.#nowMs = next.atMs;
    next.action();
    return true;
  }

  /** Runs everything up to `untilMs`, and moves time there. */
  runUntil(untilMs: number): void {
    for (let next = this.#scheduled.peek(); next && next.atMs <= untilMs; next = this.#scheduled.peek()) this.step();
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }
}

function isEarlier(a: Scheduled, b: Scheduled): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence);
}
