const OFFSET_A = 0xdead_beef;
const OFFSET_B = 0x41c6_ce57;
const PRIME_A = 2_654_435_761;
const PRIME_B = 1_597_334_677;
/** Bytes of a message that are all digested, and the distance of the samples after them. */
const WHOLE_BYTES = 128;
const SAMPLE_DISTANCE = 61;

/**
 * A running 64-bit digest (cyrb53's mixing) of everything that happens in a simulation: two runs that differ anywhere
 * differ here. Not for secrets.
 */
export class Trace {
  #a = OFFSET_A;
  #b = OFFSET_B;

  add(word: number): void {
    this.#a = Math.imul(this.#a ^ word, PRIME_A);
    this.#b = Math.imul(this.#b ^ word, PRIME_B);
    this.#a ^= this.#b >>> 15;
  }

  addTime(ms: number): void {
    this.add(Math.floor(ms * 1_000) | 0);
  }

  addText(text: string): void {
    for (let i = 0; i < text.length; i++) this.add(text.charCodeAt(i));
  }

  /** The length, the beginning, samples of the rest, and the last byte: messages that differ mostly do so at an end. */
  addBytes(bytes: Uint8Array): void {
    const { length } = bytes;
    this.add(length);
    for (let i = 0; i < length; i += i < WHOLE_BYTES ? 1 : SAMPLE_DISTANCE) this.add(bytes[i] ?? 0);
    this.add(bytes[length - 1] ?? 0);
  }

  /** 16 hex digits. */
  digest(): string {
    return [this.#a, this.#b].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }
}
