import { arriveInOrder, depart, drawDelayMs, type Line, makeLine } from '../../protocol/line.ts';
import type { ConditionedLink } from './weather.ts';

/** What a waiting frame takes besides its bytes, so that a limit of bytes is one of frames as well. */
const FRAME_COST_BYTES = 64;

/** What a waiting frame counts in all, in bytes. */
export function costOf(bytes: Uint8Array): number {
  return bytes.length + FRAME_COST_BYTES;
}

interface WaitingFrame {
  readonly bytes: Uint8Array;
  readonly arrivalMs: number;
}

/**
 * The frames that wait because the way to their receiver has conditions. They leave in the order in which they came. Whoever
 * owns the queue limits what it holds.
 */
export class LinkQueue {
  readonly #deliver: (bytes: Uint8Array) => void;
  /** In order. A set, since its first entry can be removed without moving the others. */
  readonly #waiting = new Set<WaitingFrame>();
  #line: Line = makeLine();
  #link: ConditionedLink | null = null;
  #sizeBytes = 0;
  #timer: NodeJS.Timeout | null = null;
  #onEmpty: (() => void) | null = null;

  /** @param deliver takes each frame when it has come through; the frame no longer counts */
  constructor(deliver: (bytes: Uint8Array) => void) {
    this.#deliver = deliver;
  }

  /** What waits, in bytes; see {@link costOf}. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get link(): ConditionedLink | null {
    return this.#link;
  }

  /** Frames need not wait, and none does. */
  get isIdle(): boolean {
    return this.#link === null && this.#waiting.size === 0;
  }

  /** Changes the conditions. What waits starts again under the new ones; without any, it leaves at once. */
  setLink(link: ConditionedLink | null): void {
    if (link === this.#link) return;
    this.#link = link;
    this.#line = makeLine();
    const frames = [...this.#waiting];
    this.#waiting.clear();
    for (const { bytes } of frames) this.#add(bytes);
    this.#release();
  }

  push(bytes: Uint8Array): void {
    this.#sizeBytes += costOf(bytes);
    this.#add(bytes);
    this.#release();
  }

  /** Calls back once, when nothing waits any more. */
  whenEmpty(callback: () => void): void {
    this.#onEmpty = callback;
    this.#release();
  }

  /** Discards what waits, and calls nobody back. */
  discard(): void {
    this.#waiting.clear();
    this.#sizeBytes = 0;
    this.#onEmpty = null;
    this.#stopTimer();
  }

  #add(bytes: Uint8Array): void {
    const nowMs = performance.now();
    const link = this.#link;
    const arrivalMs = link
      ? depart(this.#line, link.conditions, bytes.length, nowMs) + drawDelayMs(link.conditions.delayMs, link.random)
      : nowMs;
    this.#waiting.add({ bytes, arrivalMs: arriveInOrder(this.#line, arrivalMs) });
  }

  /** Delivers what has come through, and wakes when the next frame has. */
  #release(): void {
    this.#stopTimer();
    for (const frame of this.#waiting) {
      const waitMs = frame.arrivalMs - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#release(), Math.ceil(waitMs));
        return;
      }
      this.#waiting.delete(frame);
      this.#sizeBytes -= costOf(frame.bytes);
      this.#deliver(frame.bytes);
    }
    this.#onEmpty?.();
    this.#onEmpty = null;
  }

  #stopTimer(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
