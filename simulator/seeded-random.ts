import type { RandomSource } from '../protocol/time.ts';

/**
 * Small fast counter (sfc32) by Chris Doty-Humphrey: passes PractRand, and the same seed gives the same sequence on
 * every machine. Not for secrets.
 */
export class SeededRandom implements RandomSource {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number) {
    this.#a = seed | 0;
    this.#b = 0x9e37_79b9;
    this.#c = 0x243f_6a88;
    for (let i = 0; i < 12; i++) this.u32();
  }

  u32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** Uniform in [0, 1). */
  fraction(): number {
    return this.u32() / 2 ** 32;
  }

  /** Exponentially distributed with this mean: the waiting time for a block. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.fraction());
  }
}
