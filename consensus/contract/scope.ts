import { MAX_LOCALS } from './limits.ts';
import type { ScopedName } from './program.ts';
import { SourceError } from './source-error.ts';
import type { PackedPosition } from './source-position.ts';
import type { ValueType } from './types.ts';

/** A parameter or variable of a method. */
export interface Local {
  readonly place: number;
  /** `const`: it cannot be assigned to. */
  readonly constant: boolean;
  /** Its annotation, which every value that it takes must have. */
  readonly type: ValueType | undefined;
  /** Declared without a value: each use checks that there is one. */
  readonly startsEmpty: boolean;
  /** Index of the instruction from which on it is in scope. */
  readonly from: number;
}

/** Starts all names of hidden variables: no name of a source holds it. */
const HIDDEN = '#';

/**
 * Names of one method. A name is never declared twice where both would be in scope: in JavaScript the inner one hides the
 * outer even above its own declaration, and a use there is an error.
 */
export class Scope {
  readonly #locals = new Map<string, Local>();
  readonly #isTaken: (name: string) => boolean;
  readonly #onClosed: (name: Omit<ScopedName, 'to'>) => void;
  /** Names of each open block. */
  readonly #blocks: string[][] = [];
  #places = 0;

  /** `isTaken`: whether the file declares a name; `onClosed` is told of each name whose block ends. */
  constructor(isTaken: (name: string) => boolean, onClosed: (name: Omit<ScopedName, 'to'>) => void) {
    this.#isTaken = isTaken;
    this.#onClosed = onClosed;
  }

  /** Most places that were in use at the same time. */
  most = 0;

  get(name: string): Local | undefined {
    return this.#locals.get(name);
  }

  /** Declares a name in the innermost block. Throws {@link SourceError}. */
  declare(name: string, at: PackedPosition, about: Omit<Local, 'place'>): Local {
    if (this.#locals.has(name) || this.#isTaken(name)) throw new SourceError('declared-twice', at, [name]);
    if (this.#places === MAX_LOCALS) throw new SourceError('too-many-locals', at, [`${MAX_LOCALS}`]);
    const local: Local = { ...about, place: this.#places++ };
    this.most = Math.max(this.most, this.#places);
    this.#locals.set(name, local);
    this.#blocks.at(-1)?.push(name);
    return local;
  }

  /** A place for a value that the source gives no name. */
  declareHidden(at: PackedPosition): number {
    const about = { constant: true, type: undefined, startsEmpty: false, from: Number.POSITIVE_INFINITY };
    return this.declare(`${HIDDEN}${this.#places}`, at, about).place;
  }

  /** Runs something in a block of its own, whose names and places are free again afterwards. */
  inBlock<T>(run: () => T): T {
    const places = this.#places;
    this.#blocks.push([]);
    const result = run();
    for (const name of this.#blocks.pop() ?? []) {
      const local = this.#locals.get(name);
      this.#locals.delete(name);
      if (local && !name.startsWith(HIDDEN)) this.#onClosed({ name, place: local.place, from: local.from });
    }
    this.#places = places;
    return result;
  }
}
