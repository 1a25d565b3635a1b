/** Shares of the last minutes count; older ones less and less. */
const DECAY_MS = 120_000;
const MS_PER_SECOND = 1_000;

/** Estimates hashes per second from shares. Times are monotonic milliseconds. */
export class ShareMeter {
  readonly #startedMs: number;
  #atMs: number;
  /** Hashes behind the shares, each weighted by its age. */
  #hashes = 0;

  constructor(nowMs: number) {
    this.#startedMs = nowMs;
    this.#atMs = nowMs;
  }

  /** @param hashes that the share took on average */
  record(hashes: number, nowMs: number): void {
    this.#decay(nowMs);
    this.#hashes += hashes;
  }

  hashesPerSecond(nowMs: number): number {
    this.#decay(nowMs);
    // What a meter of this age could have counted at most.
    const weightMs = DECAY_MS * -Math.expm1((this.#startedMs - nowMs) / DECAY_MS);
    return weightMs > 0 ? (this.#hashes * MS_PER_SECOND) / weightMs : 0;
  }

  #decay(nowMs: number): void {
    this.#hashes *= Math.exp((this.#atMs - nowMs) / DECAY_MS);
    this.#atMs = nowMs;
  }
}
