import { type PreparedHeader, prepareHeader, searchNonces, workBeforeNonce } from './reference.ts';
import { fixedWords, LAYOUT, searchModule } from './search-module.ts';

/** Searches nonces of one header at a time. Isomorphic: the same in Node.js, in a worker and in a browser. */
export interface Kernel {
  /** `simd` tries four nonces at a time, `scalar` one, both as WebAssembly; `javascript` is there where neither runs. */
  readonly name: KernelName;
  /**
   * Takes the header that is searched from now on.
   * @param headerPrefix the first 76 bytes of the serialised header
   * @param target 0 … 2^256−1; a header meets it when its hash is less than or equal to it
   * @throws RangeError when the prefix has another length
   */
  load(headerPrefix: Uint8Array, target: bigint): void;
  /**
   * Tries the nonces `firstNonce … firstNonce + count − 1` in order and stops at the first whose SHA-256d meets the
   * target. When one is found, `nonce − firstNonce + 1` hashes were done, otherwise `count`.
   * @param firstNonce 0 … 2^32−1
   * @param count so that `firstNonce + count ≤ 2^32`
   * @returns the nonce, or −1 when none of the range meets the target
   */
  search(firstNonce: number, count: number): number;
}

export type KernelName = 'simd' | 'scalar' | 'javascript';

/** The fastest kernel that this engine runs, or the one that is named; null where it does not run that one. */
export function openKernel(): Kernel;
export function openKernel(name: KernelName): Kernel | null;
export function openKernel(name?: KernelName): Kernel | null {
  if (name === 'javascript') return new JavaScriptKernel();
  if (name !== undefined) return WasmKernel.open(name);
  return WasmKernel.open('simd') ?? WasmKernel.open('scalar') ?? new JavaScriptKernel();
}

const NOTHING = new Uint8Array(76);

class JavaScriptKernel implements Kernel {
  readonly name = 'javascript';
  #header: PreparedHeader = prepareHeader(NOTHING, 0n);

  load(headerPrefix: Uint8Array, target: bigint): void {
    this.#header = prepareHeader(headerPrefix, target);
  }

  search(firstNonce: number, count: number): number {
    const { midstate, tail, target } = this.#header;
    return searchNonces(midstate, tail, target, firstNonce, count);
  }
}

class WasmKernel implements Kernel {
  readonly name: 'simd' | 'scalar';
  readonly #lanes: number;
  readonly #memory: Int32Array;
  readonly #search: (firstNonce: number, batches: number) => number;
  #header: PreparedHeader = prepareHeader(NOTHING, 0n);

  /** Null where the engine cannot run it. */
  static open(name: 'simd' | 'scalar'): WasmKernel | null {
    const lanes = name === 'simd' ? 4 : 1;
    const bytes = searchModule(lanes) as Uint8Array<ArrayBuffer>;
    if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(bytes)) return null;
    return new WasmKernel(name, lanes, new WebAssembly.Instance(new WebAssembly.Module(bytes)));
  }

  private constructor(name: 'simd' | 'scalar', lanes: number, { exports }: WebAssembly.Instance) {
    this.name = name;
    this.#lanes = lanes;
    this.#memory = new Int32Array((exports.memory as WebAssembly.Memory).buffer);
    this.#search = exports.search as (firstNonce: number, batches: number) => number;
    for (const { at, word } of fixedWords()) this.#put(at, word);
  }

  load(headerPrefix: Uint8Array, target: bigint): void {
    this.#header = prepareHeader(headerPrefix, target);
    const { midstate, tail, target: targetWords } = this.#header;
    workBeforeNonce(this.#header).forEach((word, i) => {
      this.#put(LAYOUT.work + i, word);
    });
    midstate.forEach((word, i) => {
      this.#put(LAYOUT.midstate + i, word);
    });
    tail.forEach((word, i) => {
      this.#put(LAYOUT.headerSchedule + i, word);
    });
    this.#put(LAYOUT.target, (targetWords[0] ?? 0) | 0);
  }

  search(firstNonce: number, count: number): number {
    const { midstate, tail, target } = this.#header;
    const end = firstNonce + count;
    for (let nonce = firstNonce; nonce < end; ) {
      const batches = Math.ceil((end - nonce) / this.#lanes);
      const done = this.#search(nonce | 0, batches);
      if (done === batches) return -1;
      // One of this batch has a small first word: is it small enough, and is it within the range?
      nonce += done * this.#lanes;
      const tried = Math.min(this.#lanes, end - nonce);
      const found = searchNonces(midstate, tail, target, nonce, tried);
      if (found >= 0) return found;
      nonce += tried;
    }
    return -1;
  }

  #put(at: number, word: number): void {
    this.#memory.fill(word, at * this.#lanes, (at + 1) * this.#lanes);
  }
}
