import { systemProblem } from '../server/process/system-problem.ts';
import { EXIT_CODES } from './cli-errors.ts';

/**
 * What happens when nothing can be written any more. A reader that has gone (`forklore mempool | head`) is nobody's
 * mistake, and ends the program; anything else is told once on standard error, and the exit code says that it failed.
 * A program that goes on running (`isLasting`) does so. What cannot be written to standard error is lost.
 */
export function watchStandardStreams(isLasting: boolean): void {
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT_CODES.ok);
    process.stderr.write(`error: cannot write to standard output (${systemProblem(error)})\n`);
    if (!isLasting) process.exit(EXIT_CODES.failed);
    // Whatever the command ends with.
    process.once('exit', () => {
      process.exitCode ||= EXIT_CODES.failed;
    });
  });
}
