import { Command } from 'commander';
import { describeRange, type NumberRange, parseNumber } from '../../consensus/number-range.ts';
import { quotable, quotableLines } from '../../consensus/quotable.ts';

const HELP_WIDTH = 110;
const EXIT_USAGE = 2;

/** An option says something that cannot be done. The message is one line. */
export class ScriptOptionError extends Error {
  override readonly name = 'ScriptOptionError';
}

/** A script of `npm run` with options. Help ends the program with exit code 0, wrong usage with 2. */
export function npmCommand(script: string, description: string): Command {
  return (
    new Command(`npm run ${script} --`)
      .description(description)
      .configureHelp({ helpWidth: HELP_WIDTH })
      .allowExcessArguments(false)
      // What cannot be parsed is quoted, and may come from an untrusted file.
      .configureOutput({ writeErr: (text) => process.stderr.write(quotableLines(text)) })
      .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT_USAGE))
  );
}

/** Parses `argv` and returns what `read` makes of the values. Where either throws `ScriptOptionError`, ends the program with one line. */
export function parseCommand<V extends object, R>(
  command: Command,
  argv: readonly string[],
  read: (values: V) => R,
): R {
  try {
    return read(command.parse([...argv], { from: 'user' }).opts<V>());
  } catch (error) {
    if (!(error instanceof ScriptOptionError)) throw error;
    return command.error(`error: ${error.message}`);
  }
}

/** Parses a number of a range, for the option of this name. The parser throws {@link ScriptOptionError}. */
export function numberOf(option: string, range: NumberRange): (text: string) => number {
  return (text) => {
    const value = parseNumber(range, text);
    if (value === null)
      throw new ScriptOptionError(`${option} must be ${describeRange(range)}, not "${quotable(text)}"`);
    return value;
  };
}
