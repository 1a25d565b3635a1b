import { inspect } from 'node:util';
import { CommandError, EXIT_CODES, UsageError } from '../../cli/cli-errors.ts';
import { quotable } from '../../consensus/quotable.ts';
import { PrivateFileError } from '../files/private-files.ts';
import { AdminTokenError } from '../http/admin-token.ts';
import { ListenError } from '../http/listen-error.ts';
import { StoreError } from '../store/store-error.ts';
import { isSystemProblem, systemProblem } from './system-problem.ts';

/** Longest path in a message, in characters. */
const MAX_PATH_CHARS = 300;

/** Errors whose message is made for the person at the terminal. */
const EXPECTED = [StoreError, ListenError, AdminTokenError, PrivateFileError, CommandError, UsageError];

/** What is printed of an error that ends the program: one line, or the whole trace where the error is ours. */
export function failureMessage(error: unknown): string {
  if (EXPECTED.some((expected) => error instanceof expected)) return `error: ${(error as Error).message}`;
  // Somebody else's no, to something that no part of the program foresaw: what it was about is all that there is to say.
  if (isSystemProblem(error)) return `error: ${refusedBySystem(error)}`;
  const trace = error instanceof Error ? (error.stack ?? error.message) : inspect(error);
  return `internal error, please report it: ${trace}`;
}

/** `cannot open /tmp/x (permission denied)` */
function refusedBySystem(error: NodeJS.ErrnoException): string {
  const { syscall = 'use', path } = error;
  return `cannot ${syscall}${path === undefined ? '' : ` ${quotable(path, MAX_PATH_CHARS)}`} (${systemProblem(error)})`;
}

/** The exit code that tells scripts what kind of failure it was. */
export function failureExitCode(error: unknown): number {
  if (error instanceof UsageError) return EXIT_CODES.usage;
  return error instanceof StoreError && error.code === 'damaged' ? EXIT_CODES.damaged : EXIT_CODES.failed;
}
