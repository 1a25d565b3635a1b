import { AdminTokenError } from './admin-token.ts';
import { CommandError, EXIT_CODES, UsageError } from './cli/cli-errors.ts';
import { ListenError } from './http/listen-error.ts';
import { PrivateFileError } from './private-files.ts';
import { StoreError } from './store/store-error.ts';

/** Errors whose message is made for the person at the terminal. */
const EXPECTED = [StoreError, ListenError, AdminTokenError, PrivateFileError, CommandError, UsageError];

/** What is printed of an error that ends the program: one line, or the whole trace where the error is ours. */
export function failureMessage(error: unknown): string {
  if (EXPECTED.some((expected) => error instanceof expected)) return `error: ${(error as Error).message}`;
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `internal error, please report it: ${trace}`;
}

/** The exit code that tells scripts what kind of failure it was. */
export function failureExitCode(error: unknown): number {
  if (error instanceof UsageError) return EXIT_CODES.usage;
  return error instanceof StoreError && error.code === 'damaged' ? EXIT_CODES.damaged : EXIT_CODES.failed;
}
