import { Command } from 'commander';
import { quotableLines } from '../../consensus/quotable.ts';
import { decimal, integer, number, UsageError } from '../scenario.ts';

const HELP_WIDTH = 110;
const EXIT_USAGE = 2;

/** A script of `npm run` with options. Help ends the program with 0, and what cannot be understood with 2. */
export function npmCommand(script: string, description: string): Command {
  return (
    new Command(`npm run ${script} --`)
      .description(description)
      .configureHelp({ helpWidth: HELP_WIDTH })
      .allowExcessArguments(false)
      // What cannot be understood is quoted, and may come from a file of somebody else.
      .configureOutput({ writeErr: (text) => process.stderr.write(quotableLines(text)) })
      .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT_USAGE))
  );
}

/** Parses what `argv` says, and gives what `read` makes of it; ends the program with one line where either throws `UsageError`. */
export function parseCommand<V extends object, R>(
  command: Command,
  argv: readonly string[],
  read: (values: V) => R,
): R {
  try {
    return read(command.parse([...argv], { from: 'user' }).opts<V>());
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return command.error(`error: ${error.message}`);
  }
}

/** Parses a whole number of a range, for the option of this name. The parser throws `UsageError`. */
export function wholeNumber(option: string, least: number, most: number): (text: string) => number {
  return (text) => integer(least, most)(decimal(text), option);
}

/** Parses a number of a range, for the option of this name. The parser throws `UsageError`. */
export function anyNumber(option: string, least: number, most: number): (text: string) => number {
  return (text) => number(least, most)(decimal(text), option);
}
