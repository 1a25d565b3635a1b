import type { SignatureCheck } from '../consensus/signature.ts';
import type { Turn } from './turn.ts';

/** Sends signatures away to be verified, and remembers what is to be done with the answer. */
export class Verifier {
  readonly #turn: Turn;
  readonly #waiting = new Map<number, (valid: readonly boolean[]) => void>();
  #nextId = 1;

  constructor(turn: Turn) {
    this.#turn = turn;
  }

  /** `done` is called in a later event with one answer per check. */
  verify(checks: readonly SignatureCheck[], done: (valid: readonly boolean[]) => void): void {
    const id = this.#nextId++;
    this.#waiting.set(id, done);
    this.#turn.emit({ type: 'verify', id, checks });
  }

  onVerified(id: number, valid: readonly boolean[]): void {
    const done = this.#waiting.get(id);
    this.#waiting.delete(id);
    done?.(valid);
  }
}
