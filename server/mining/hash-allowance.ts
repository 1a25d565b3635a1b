/** Unused allowance older than this is lost: it bounds the burst, and makes up for timers that fire late. */
const MAX_BURST_MS = 50;

/**
 * A cap on the hash rate of all threads together: a token bucket, kept as the time from which work is allowed again.
 * Work is charged before it begins, and unused work is refunded. Times are monotonic milliseconds.
 */
export class HashAllowance {
  #hashesPerMs = 0;
  #allowedFromMs = Number.NEGATIVE_INFINITY;

  /** @param hashrateLimit hashes per second, 0 for no limit */
  configure(hashrateLimit: number): void {
    this.#hashesPerMs = hashrateLimit / 1000;
    this.#allowedFromMs = Number.NEGATIVE_INFINITY;
  }

  get isLimited(): boolean {
    return this.#hashesPerMs > 0;
  }

  /** Hashes allowed in a time span. */
  hashesIn(durationMs: number): number {
    return this.#hashesPerMs === 0 ? Number.POSITIVE_INFINITY : this.#hashesPerMs * durationMs;
  }

  /** Time until work may begin: 0 when it may begin now. */
  waitMs(nowMs: number): number {
    return this.#hashesPerMs === 0 ? 0 : Math.max(0, this.#allowedFromMs - nowMs);
  }

  charge(hashes: number, nowMs: number): void {
    if (this.#hashesPerMs > 0) {
      this.#allowedFromMs = Math.max(this.#allowedFromMs, nowMs - MAX_BURST_MS) + hashes / this.#hashesPerMs;
    }
  }

  /** Refunds hashes that were charged but not computed. */
  refund(hashes: number): void {
    if (this.#hashesPerMs > 0) {
      this.#allowedFromMs -= hashes / this.#hashesPerMs;
    }
  }
}
