import { setImmediate } from 'node:timers/promises';

/** Longest time for which long work keeps signals, timers and progress displays waiting. */
const SLICE_MS = 50;

/** Cuts long synchronous work into slices. */
export class Pace {
  readonly #signal: AbortSignal | undefined;
  #sliceEnd = performance.now() + SLICE_MS;

  /** @param signal ends the work between two slices */
  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /** Yields to the event loop when this slice is over. Throws the signal's reason once it is aborted. */
  async step(): Promise<void> {
    this.#signal?.throwIfAborted();
    if (performance.now() < this.#sliceEnd) return;
    await setImmediate();
    this.#sliceEnd = performance.now() + SLICE_MS;
  }
}

/** How far long work has come, for a progress bar. */
export interface Progress {
  readonly phase: 'reading' | 'connecting' | 'verifying';
  readonly done: number;
  readonly total: number;
}
