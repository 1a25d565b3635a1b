import { inspect } from 'node:util';
import { quotable } from '../../consensus/quotable.ts';
import { ExpectedError, type FailureKind } from './expected-error.ts';
import { isSystemProblem, systemProblem } from './system-problem.ts';

/** Maximum length of a path in a message, in characters. */
const MAX_PATH_CHARS = 300;

/** The message for an error that ends a node or the program: one line, or the stack trace for an internal error. */
export function failureMessage(error: unknown): string {
  if (error instanceof ExpectedError) return `error: ${error.message}`;
  // A system error that no part of the program handles: the message names the call and its path.
  if (isSystemProblem(error)) return `error: ${refusedBySystem(error)}`;
  const trace = error instanceof Error ? (error.stack ?? error.message) : inspect(error);
  return `internal error, please report it: ${trace}`;
}

/** The kind of failure that an error means. */
export function failureKind(error: unknown): FailureKind {
  return error instanceof ExpectedError ? error.kind : 'failed';
}

/** `cannot open /tmp/x (permission denied)` */
function refusedBySystem(error: NodeJS.ErrnoException): string {
  const { syscall = 'use', path } = error;
  return `cannot ${syscall}${path === undefined ? '' : ` ${quotable(path, MAX_PATH_CHARS)}`} (${systemProblem(error)})`;
}
