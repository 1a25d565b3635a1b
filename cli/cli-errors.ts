import { quotable } from '../consensus/quotable.ts';
import { ExpectedError, type FailureKind, MAX_QUOTING_CHARS } from '../server/process/expected-error.ts';

/** What the program exits with; the same list is in `forklore --help`. */
export const EXIT_CODES = { ok: 0, failed: 1, usage: 2, damaged: 3 } as const satisfies Record<FailureKind, number> & {
  ok: 0;
};

/** A wrong argument of a command. The message names it and says what to do. */
export class UsageError extends ExpectedError {
  constructor(message: string) {
    // Messages quote what was given, which may come out of a file that somebody else wrote.
    super(quotable(message, MAX_QUOTING_CHARS), { kind: 'usage' });
  }
}

/** The arguments were fine, but what they ask for failed. The message says what to do. */
export class CommandError extends ExpectedError {
  constructor(message: string) {
    super(quotable(message, MAX_QUOTING_CHARS));
  }
}
