/**
 * Difficulties of shares are powers of two, and kept as their exponents: so every program computes the same target from
 * them, whatever its arithmetic.
 */
export type DifficultyExponent = number;

/** Target of difficulty 1, as pools and mining programs mean it. */
const DIFFICULTY_1_TARGET = 0xffffn << 208n;
/** Hashes that a share of difficulty 1 takes on average. */
const HASHES_OF_DIFFICULTY_1 = 2 ** 32;
/** Easiest difficulty, 2^-32: nearly each hash is a share. No network has an easier target. */
const MIN_EXPONENT = -32;
/** Hardest difficulty, 2^208: beyond it the target would be below one. */
const MAX_EXPONENT = 208;
/** Wanted time between two shares of a connection, in milliseconds. */
const SHARE_INTERVAL_MS = 5_000;
/** The difficulty is reconsidered when this many shares have come, */
const ENOUGH_SHARES = 8;
/** or after this time. */
const RECONSIDER_MS = 15_000;
/** It changes by at most 2^4 at once. */
const MAX_STEP = 4;

/** The greatest value that a share's hash may have. */
export function shareTarget(exponent: DifficultyExponent): bigint {
  return exponent >= 0 ? DIFFICULTY_1_TARGET >> BigInt(exponent) : DIFFICULTY_1_TARGET << BigInt(-exponent);
}

/** Hashes that a share takes on average. */
export function shareHashes(exponent: DifficultyExponent): number {
  return HASHES_OF_DIFFICULTY_1 * 2 ** exponent;
}

/** The hardest difficulty at which every block of this target is a share as well. */
export function hardestExponent(target: bigint): DifficultyExponent {
  let exponent = MIN_EXPONENT;
  while (exponent < MAX_EXPONENT && shareTarget(exponent + 1) >= target) exponent++;
  return exponent;
}

/**
 * The difficulty of one connection's shares. It begins at the network's, where a share is a block, and falls until a share
 * comes every few seconds: so a program of any speed never sends many. Times are monotonic milliseconds.
 */
export class ShareDifficulty {
  #exponent: DifficultyExponent | null = null;
  #shares = 0;
  /** Since when shares are counted; null: no job was sent yet. */
  #sinceMs: number | null = null;

  /** A share came. */
  countShare(): void {
    this.#shares++;
  }

  /** Takes a difficulty that the program proposes, to begin with or to go on from. */
  suggest(difficulty: number): void {
    this.#exponent = Math.min(MAX_EXPONENT, Math.max(MIN_EXPONENT, Math.floor(Math.log2(difficulty))));
  }

  /** The difficulty of the next job. @param hardest of its network target, see {@link hardestExponent} */
  next(hardest: DifficultyExponent, nowMs: number): DifficultyExponent {
    const wanted = (this.#exponent ?? hardest) + this.#takeStep(nowMs);
    this.#exponent = Math.max(MIN_EXPONENT, Math.min(wanted, hardest));
    return this.#exponent;
  }

  /** By how much to change, where enough is known to say; counting begins again then. */
  #takeStep(nowMs: number): number {
    const elapsedMs = nowMs - (this.#sinceMs ?? nowMs);
    const shares = this.#shares;
    if (this.#sinceMs !== null && shares < ENOUGH_SHARES && elapsedMs < RECONSIDER_MS) return 0;
    this.#shares = 0;
    this.#sinceMs = nowMs;
    if (elapsedMs === 0) return 0;
    const step = Math.round(Math.log2((shares * SHARE_INTERVAL_MS) / elapsedMs));
    return Math.max(-MAX_STEP, Math.min(MAX_STEP, step));
  }
}
