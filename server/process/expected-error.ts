import { quotable } from '../../consensus/quotable.ts';

/** Kind of a failure. The program maps it to its exit code. */
export type FailureKind = 'usage' | 'failed' | 'damaged';

/** An error that is not a bug. Its message is for the person who runs the program, and says what to do. */
export class ExpectedError extends Error {
  readonly kind: FailureKind;

  constructor(message: string, { kind = 'failed', ...options }: ErrorOptions & { kind?: FailureKind } = {}) {
    super(message, options);
    this.name = new.target.name;
    this.kind = kind;
  }
}

/** Longest message of an error that quotes what was given, in characters. A longer one loses its middle. */
export const MAX_QUOTING_CHARS = 500;

/** An option, an environment variable or a configuration file has an invalid value. The message names it and says what to do. */
export class OptionError extends ExpectedError {
  constructor(message: string) {
    // Messages quote what was given, which may come out of a file that somebody else wrote.
    super(quotable(message, MAX_QUOTING_CHARS), { kind: 'usage' });
  }
}
