import { utf8ToBytes } from '../../../consensus/hex.ts';
import { Trap } from './trap.ts';
import type { ValueType } from './types.ts';

/** The gas of a transaction. */
export class Gas {
  readonly #limit: number;
  #used = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get used(): number {
    return this.#used;
  }

  /** Throws `Trap` if there is not enough. */
  charge(gas: number): void {
    this.#used += gas;
    if (this.#used > this.#limit) throw new Trap('out-of-gas');
  }
}

/** *b(t)*: length of a text in UTF-8. */
export function bytesOf(text: string): number {
  return utf8ToBytes(text).length;
}

/** The gas of a check of a value against a type. */
export function checkGas(type: ValueType, value: unknown): number {
  if (type.kind === 'record') return 1 + type.properties.length;
  return 1 + (Array.isArray(value) ? value.length : 0);
}
