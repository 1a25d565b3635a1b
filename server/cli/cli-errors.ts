/** What the program exits with; the same list is in `forklore --help`. */
export const EXIT_CODES = { ok: 0, failed: 1, usage: 2, damaged: 3 } as const;

/** A wrong argument, flag, environment variable or configuration file. The message names it and says what to do. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** The arguments were fine, but what they ask for failed. The message says what to do. */
export class CommandError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CommandError';
  }
}
