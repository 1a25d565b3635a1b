import { Trap } from './trap.ts';

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
