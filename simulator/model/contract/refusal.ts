/** Where something stands in a source: line and column (UTF-16 units), both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A source does not compile. `code` is one of section 12 of `docs/contracts.md`. */
export class Refusal extends Error {
  readonly code: string;

  constructor(code: string, { line, column }: Place) {
    super(`${code} in line ${line}, column ${column}`);
    this.code = code;
  }
}
