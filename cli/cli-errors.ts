import { quotable } from '../consensus/quotable.ts';
import { ExpectedError, type FailureKind } from '../server/process/expected-error.ts';

/** What the program exits with; the same list is in `forklore --help`. */
export const EXIT_CODES = { ok: 0, failed: 1, usage: 2, damaged: 3 } as const satisfies Record<FailureKind, number> & {
  ok: 0;
};

/** Longest message of an error, in characters. One that is longer quotes something long, and loses its middle. */
const MAX_MESSAGE_CHARS = 500;

/** A wrong argument, flag, environment variable or configuration file. The message names it and says what to do. */
export class UsageError extends ExpectedError {
  constructor(message: string) {
    // Messages quote what was given, which may come out of a file that somebody else wrote.
    super(quotable(message, MAX_MESSAGE_CHARS), { kind: 'usage' });
  }
}

/** The arguments were fine, but what they ask for failed. The message says what to do. */
export class CommandError extends ExpectedError {
  constructor(message: string) {
    super(quotable(message, MAX_MESSAGE_CHARS));
  }
}
