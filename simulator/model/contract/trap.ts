/** A call fails. `code` is one of section 13 of `docs/contracts.md`. */
export class Trap extends Error {
  readonly code: string;

  constructor(code: string, message: string = code) {
    super(message);
    this.code = code;
  }
}
