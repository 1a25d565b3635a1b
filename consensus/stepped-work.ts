import { assertInvariant } from './errors.ts';

/** Does something step by step: yields what a step has cost a host, in gas, and returns what came of all. */
export type Steps<T> = Generator<number, T>;

/** Work that is cut into steps as its owner likes. Dropping it loses only the work. */
export class SteppedWork<T extends object> {
  readonly #steps: Steps<T>;
  #result: T | undefined;
  #hasFailed = false;
  #work = 0;

  constructor(steps: Steps<T>) {
    this.#steps = steps;
  }

  /** What has been done, in gas. */
  get work(): number {
    return this.#work;
  }

  /** Goes on until it is done, or until work of about `gas` is done. What came of it, once it is done. Throws what a step throws. */
  advance(gas: number): T | undefined {
    assertInvariant(!this.#hasFailed, 'work that has thrown does not go on');
    const until = this.#work + gas;
    this.#hasFailed = true;
    while (this.#result === undefined && this.#work < until) {
      const { done, value } = this.#steps.next();
      if (done) this.#result = value;
      else this.#work += value;
    }
    this.#hasFailed = false;
    return this.#result;
  }

  /** Does all that is left. Throws what a step throws. */
  finish(): T {
    const result = this.advance(Number.POSITIVE_INFINITY);
    assertInvariant(result !== undefined, 'work without a limit ends');
    return result;
  }
}
