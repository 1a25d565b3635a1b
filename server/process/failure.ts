import { inspect } from 'node:util';
import { quotable } from '../../consensus/quotable.ts';
import { ExpectedError, type FailureKind } from './expected-error.ts';
import { isSystemProblem, systemProblem } from './system-problem.ts';

/** Longest path in a message, in characters. */
const MAX_PATH_CHARS = 300;

/** What is printed of an error that ends a node or the program: one line, or the whole trace where the error is ours. */
export function failureMessage(error: unknown): string {
  if (error instanceof ExpectedError) return `error: ${error.message}`;
  // The system refuses something that no part of the program foresaw: what it was about is all that there is to say.
  if (isSystemProblem(error)) return `error: ${refusedBySystem(error)}`;
  const trace = error instanceof Error ? (error.stack ?? error.message) : inspect(error);
  return `internal error, please report it: ${trace}`;
}

/** What kind of failure an error is. */
export function failureKind(error: unknown): FailureKind {
  return error instanceof ExpectedError ? error.kind : 'failed';
}

/** `cannot open /tmp/x (permission denied)` */
function refusedBySystem(error: NodeJS.ErrnoException): string {
  const { syscall = 'use', path } = error;
  return `cannot ${syscall}${path === undefined ? '' : ` ${quotable(path, MAX_PATH_CHARS)}`} (${systemProblem(error)})`;
}
