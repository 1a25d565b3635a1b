import { MAX_HEADER_TIME } from '../consensus/header.ts';
import type { NetworkParams } from '../consensus/params.ts';
import { distance } from './clock-distance.ts';
import { type BlockEntry, earliestTimeAfter } from './header-index.ts';
import type { Refused } from './refused.ts';

/** The time of the next block that is mined here: by the clock, or the one that the operator has set, once. */
export class NextBlockTime {
  readonly #params: NetworkParams;
  #setSeconds: number | null = null;

  constructor(params: NetworkParams) {
    this.#params = params;
  }

  /** What is set, in Unix seconds; null: the clock decides. */
  get setSeconds(): number | null {
    return this.#setSeconds;
  }

  /** Takes over what was set in an earlier run, however it fits now. */
  restore(setSeconds: number | null): void {
    this.#setSeconds = setSeconds;
  }

  /** Sets the time of the next block, in Unix seconds, until one is mined. Gives the reason where none could have it. */
  set(timeSeconds: number, parent: BlockEntry, nowSeconds: number): Refused | null {
    const refusal = this.#refusalOf(timeSeconds, parent, nowSeconds);
    if (refusal === null) this.#setSeconds = timeSeconds;
    return refusal;
  }

  /** The time of a block on this parent. A time that was set and cannot be used there is refused. */
  on(parent: BlockEntry, nowSeconds: number): { readonly seconds: number } | Refused {
    if (this.#setSeconds === null) {
      const seconds = Math.max(nowSeconds, earliestTimeAfter(parent));
      if (seconds <= MAX_HEADER_TIME) return { seconds };
      return {
        code: 'time-too-new',
        message: 'the time of the next block is past the last one that a header can hold',
      };
    }
    return this.#refusalOf(this.#setSeconds, parent, nowSeconds) ?? { seconds: this.#setSeconds };
  }

  /** Goes back to the clock: a block with the time that was set is mined, or none can have it any more. */
  clear(): void {
    this.#setSeconds = null;
  }

  #refusalOf(timeSeconds: number, parent: BlockEntry, nowSeconds: number): Refused | null {
    const lateSeconds = earliestTimeAfter(parent) - timeSeconds;
    if (lateSeconds > 0) {
      const rule = "a block's time must be later than the median of the 11 before it";
      return {
        code: 'time-too-old',
        message: `the time set for the next block is ${distance(lateSeconds)} too early: ${rule}`,
      };
    }
    const aheadSeconds = timeSeconds - nowSeconds;
    if (aheadSeconds <= this.#params.futureLimitSeconds) return null;
    const limit = `at most ${this.#params.futureLimitSeconds} s are allowed`;
    return {
      code: 'time-too-new',
      message: `the time set for the next block is ${distance(aheadSeconds)} ahead of this node's clock, and ${limit}`,
    };
  }
}
