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

  /** Uniform in [least, most). */
  between(least: number, most: number): number {
    return least + this.fraction() * (most - least);
  }

  /** A uniform integer in [0, bound). */
  below(bound: number): number {
    return Math.floor(this.fraction() * bound);
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** One of the items; undefined only of an empty list. */
  pick<T>(items: readonly T[]): T | undefined {
    return items[this.below(items.length)];
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.below(256));
  }
}

/**
 * An independent sequence for each name below one seed, so that one part of a simulation can be left out without changing
 * what the others draw. The name is mixed in by FNV-1a.
 */
export function randomStream(seed: number, name: string): SeededRandom {
  let mixed = 0x811c_9dc5 ^ seed;
  for (let i = 0; i < name.length; i++) mixed = Math.imul(mixed ^ name.charCodeAt(i), 0x0100_0193);
  return new SeededRandom(Math.imul(mixed ^ Math.floor(seed / 2 ** 32), 0x0100_0193));
}
