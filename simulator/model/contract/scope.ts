import { MAX_LOCALS } from './limits.ts';
import { type Place, Refusal } from './refusal.ts';

/** Variables that are in scope. */
export class Scope {
  readonly #declared: ReadonlySet<string>;
  #variables: readonly { readonly name: string; readonly isConstant: boolean }[] = [];

  /** `declared`: names of the file, which no variable has. */
  constructor(declared: ReadonlySet<string>) {
    this.#declared = declared;
  }

  /** Whether the variable is constant, or undefined if there is no such variable. */
  isConstant(name: string): boolean | undefined {
    return this.#variables.find((variable) => variable.name === name)?.isConstant;
  }

  declare(name: string, isConstant: boolean, place: Place): void {
    if (this.#declared.has(name) || this.isConstant(name) !== undefined) throw new Refusal('declared-twice', place);
    this.#add(name, isConstant, place);
  }

  /** A variable that only the language uses. */
  declareHidden(place: Place): void {
    this.#add('', true, place);
  }

  #add(name: string, isConstant: boolean, place: Place): void {
    this.#variables = [...this.#variables, { name, isConstant }];
    if (this.#variables.length > MAX_LOCALS) throw new Refusal('too-many-locals', place);
  }

  /** What is declared within goes out of scope at its end. */
  within<Result>(check: () => Result): Result {
    const before = this.#variables;
    const result = check();
    this.#variables = before;
    return result;
  }
}
