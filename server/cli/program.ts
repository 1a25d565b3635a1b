import { Command, CommanderError } from 'commander';
import { quotable } from '../../consensus/quotable.ts';
import { failureExitCode, failureMessage } from '../failure.ts';
import { VERSION } from '../version.ts';
import { EXIT_CODES } from './cli-errors.ts';
import { addClientCommands } from './client-commands.ts';
import type { CliContext, InputStream } from './client-context.ts';
import { addNodeCommands } from './node-commands.ts';
import { type OutputStream, openTerminal } from './output.ts';
import type { Environment } from './settings.ts';
import { addWalletCommands } from './wallet-commands.ts';

const FOOTER = `
Environment:
  FORKLORE_* variables mirror the flags: FORKLORE_DATA_DIR is --data-dir. NO_COLOR turns colours off.

Exit codes:
  ${EXIT_CODES.ok}  fine
  ${EXIT_CODES.failed}  the operation failed
  ${EXIT_CODES.usage}  wrong arguments
  ${EXIT_CODES.damaged}  the data folder is damaged

Example:
  forklore node --port 5000
  forklore send Alice Bob 10 --wait`;

/** Lines, and characters of each, that commander may print of an error: more quote something long. */
const MAX_ERROR_LINES = 4;
const MAX_ERROR_LINE_CHARS = 500;

/** Where a program reads and writes; the process's own unless a test gives others. */
export interface StandardStreams {
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
}

/**
 * The program: parses `argv` (`process.argv`), does what it says and returns the exit code. Every error is printed
 * here, as one line for what the user can change.
 */
export async function main(
  argv: readonly string[],
  environment: Environment,
  streams: StandardStreams = process,
): Promise<number> {
  let exitCode: number = EXIT_CODES.ok;
  const terminal = openTerminal(streams.stdout, streams.stderr, environment);
  const program = createProgram({ ...streams, environment, terminal }, (code) => {
    exitCode = code;
  });
  if (streams === process) endQuietlyWithoutReader();
  try {
    await program.parseAsync([...argv]);
    return exitCode;
  } catch (error) {
    // Help and version end this way too; commander has printed what there is to say.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
    terminal.printError(failureMessage(error));
    return failureExitCode(error);
  }
}

function createProgram(context: CliContext, endWith: (exitCode: number) => void): Command {
  const program = new Command('forklore')
    .description('A proof-of-work network that you can hold in your hands.')
    .version(VERSION, '--version', 'print the version')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      // Quotes the arguments, which a script may have from anywhere.
      outputError: (text, write) => write(`${linesOf(text).join('\n')}\n`),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .showSuggestionAfterError()
    .addHelpText('after', FOOTER);
  addNodeCommands(program, context, endWith);
  addClientCommands(program, context);
  addWalletCommands(program, context);
  return program;
}

function linesOf(text: string): string[] {
  const lines = text.trimEnd().split('\n').slice(0, MAX_ERROR_LINES);
  return lines.map((line) => quotable(line, MAX_ERROR_LINE_CHARS));
}

/** `forklore mempool | head` closes the pipe early, which is nobody's mistake. */
function endQuietlyWithoutReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT_CODES.ok);
    throw error;
  });
}
