import { MAX_LOCALS } from './limits.ts';
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
  /** Names of each open block. */
  readonly #blocks: string[][] = [];
  #places = 0;

  /** `isTaken`: whether the file declares a name. */
  constructor(isTaken: (name: string) => boolean) {
    this.#isTaken = isTaken;
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
    return this.declare(`${HIDDEN}${this.#places}`, at, { constant: true, type: undefined, startsEmpty: false }).place;
  }

  /** Runs something in a block of its own, whose names and places are free again afterwards. */
  inBlock<T>(run: () => T): T {
    const places = this.#places;
    this.#blocks.push([]);
    const result = run();
    for (const name of this.#blocks.pop() ?? []) this.#locals.delete(name);
    this.#places = places;
    return result;
  }
}
