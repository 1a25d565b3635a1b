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
  /** Binary heap by time, then sequence. */
  readonly #heap: Scheduled[] = [];
  #nowMs = 0;
  #sequence = 0;

  /** Milliseconds since the start of the simulation. */
  get nowMs(): number {
    return this.#nowMs;
  }

  get pending(): number {
    return this.#heap.length;
  }

  instant(): Instant {
    return { wallMs: START_WALL_MS + this.#nowMs, monotonicMs: this.#nowMs };
  }

  schedule(delayMs: number, action: () => void): void {
    this.scheduleAt(this.#nowMs + Math.max(0, delayMs), action);
  }

  /** At a time, not after a delay: two actions that are computed to happen at one moment do, whatever rounding does to delays. */
  scheduleAt(atMs: number, action: () => void): void {
    this.#sequence++;
    this.#push({ atMs: Math.max(atMs, this.#nowMs), sequence: this.#sequence, action });
  }

  /** Runs the next action and moves time to it. False when nothing is scheduled. */
  step(): boolean {
    const next = this.#pop();
    if (!next) return false;
    this.#nowMs = next.atMs;
    next.action();
    return true;
  }

  /** Runs everything up to `untilMs`, then stands there. */
  runUntil(untilMs: number): void {
    for (let next = this.#heap[0]; next && next.atMs <= untilMs; next = this.#heap[0]) this.step();
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  #push(item: Scheduled): void {
    const heap = this.#heap;
    let child = heap.length;
    heap.push(item);
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!isEarlier(heap[child], heap[parent])) return;
      this.#swap(child, parent);
      child = parent;
    }
  }

  #pop(): Scheduled | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    heap[0] = last;
    for (let parent = 0; ; ) {
      const left = 2 * parent + 1;
      const earlier = isEarlier(heap[left + 1], heap[left]) ? left + 1 : left;
      if (!isEarlier(heap[earlier], heap[parent])) return first;
      this.#swap(parent, earlier);
      parent = earlier;
    }
  }

  #swap(a: number, b: number): void {
    const kept = this.#heap[a] as Scheduled;
    this.#heap[a] = this.#heap[b] as Scheduled;
    this.#heap[b] = kept;
  }
}

function isEarlier(a: Scheduled | undefined, b: Scheduled | undefined): boolean {
  if (!a || !b) return a !== undefined;
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence);
}
