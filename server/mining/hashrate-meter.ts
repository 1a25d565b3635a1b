const BUCKET_MS = 100;
const BUCKETS = 20;
/** The span that a hash rate is an average of. */
const WINDOW_MS = BUCKET_MS * BUCKETS;

/** Hashes per second over the last two seconds, or since the measuring began. Times are monotonic milliseconds. */
export class HashrateMeter {
  readonly #hashes = new Float64Array(BUCKETS);
  #newestBucket = 0;
  #startedMs = 0;
  #lastRecordMs = Number.NEGATIVE_INFINITY;

  /** Resumes after a pause. Only a pause as long as the window starts a new average. */
  resume(nowMs: number): void {
    if (nowMs - this.#lastRecordMs >= WINDOW_MS) {
      this.#startedMs = nowMs;
    }
  }

  record(hashes: number, nowMs: number): void {
    this.#advance(nowMs);
    this.#lastRecordMs = nowMs;
    const slot = this.#newestBucket % BUCKETS;
    this.#hashes[slot] = (this.#hashes[slot] ?? 0) + hashes;
  }

  hashesPerSecond(nowMs: number): number {
    this.#advance(nowMs);
    const windowMs = WINDOW_MS - BUCKET_MS + (nowMs % BUCKET_MS);
    const spanMs = Math.max(BUCKET_MS, Math.min(windowMs, nowMs - this.#startedMs));
    return (this.#hashes.reduce((sum, hashes) => sum + hashes, 0) * 1000) / spanMs;
  }

  #advance(nowMs: number): void {
    const bucket = Math.floor(nowMs / BUCKET_MS);
    for (let passed = Math.min(BUCKETS, bucket - this.#newestBucket); passed > 0; passed--) {
      this.#hashes[(bucket - passed + 1) % BUCKETS] = 0;
    }
    this.#newestBucket = bucket;
  }
}
