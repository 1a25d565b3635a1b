import { Argument, Command, CommanderError } from 'commander';
import { quotable } from '../consensus/quotable.ts';
import { failureKind, failureMessage } from '../server/process/failure.ts';
import { VERSION } from '../server/process/version.ts';
import type { Environment } from '../server/settings/settings.ts';
import { EXIT_CODES } from './cli-errors.ts';
import { addAgentCommands } from './commands/agent-commands.ts';
import { addClientCommands } from './commands/client-commands.ts';
import type { CliContext, StandardStreams } from './commands/client-context.ts';
import { addContractCommands } from './commands/contract-commands.ts';
import { addControlCommands } from './commands/control-commands.ts';
import { addDevelopmentCommands } from './commands/development-commands.ts';
import { addNodeCommands } from './commands/node-commands.ts';
import { addSimulationCommands } from './commands/simulation-commands.ts';
import { addWalletCommands } from './commands/wallet-commands.ts';
import { addWeatherCommands } from './commands/weather-commands.ts';
import { SHELLS } from './completion/shells.ts';
import { withValues } from './completion/with-values.ts';
import { earlyVoice } from './early-voice.ts';
import { openTerminal } from './output/output.ts';
import { misspeltVariables } from './settings/misspelt-variables.ts';
import { watchStandardStreams } from './standard-output.ts';

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

/** Commands that run until they are asked to stop. */
const LASTING_COMMANDS: readonly (string | undefined)[] = ['node', 'cluster', 'dashboard', 'start'];

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
  let usageProblem = '';
  const program = createProgram(
    { ...streams, environment, terminal },
    {
      endWith: (code) => {
        exitCode = code;
      },
      onUsageProblem: (text) => {
        usageProblem = text;
      },
    },
  );
  if (streams === process) watchStandardStreams(LASTING_COMMANDS.includes(argv[2]));
  const voice = earlyVoice(argv, environment, streams);
  for (const warning of misspeltVariables(environment)) voice.remark(warning);
  try {
    await program.parseAsync([...argv]);
    return exitCode;
  } catch (error) {
    // Help and version end this way too, and have been printed.
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT_CODES.ok;
      if (usageProblem !== '') voice.failure(usageProblem, EXIT_CODES.usage);
      return EXIT_CODES.usage;
    }
    const code = EXIT_CODES[failureKind(error)];
    voice.failure(failureMessage(error), code);
    return code;
  }
}

/** What commands report to the program. */
interface ProgramHandlers {
  /** How a command ended that has exit codes of its own. */
  endWith(exitCode: number): void;
  /** What is wrong with the arguments, in the parser's words. */
  onUsageProblem(text: string): void;
}

function createProgram(context: CliContext, { endWith, onUsageProblem }: ProgramHandlers): Command {
  const program = new Command('forklore')
    .description('A proof-of-work network that you can hold in your hands.')
    .version(VERSION, '--version', 'print the version')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      // Quotes the arguments, which a script may have from anywhere.
      outputError: (text) => onUsageProblem(linesOf(text).join('\n')),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    // The descriptions say in words which values there are.
    .configureHelp({
      optionDescription: ({ description }) => description,
      argumentDescription: ({ description }) => description,
    })
    .showSuggestionAfterError()
    .addHelpText('after', FOOTER);
  addNodeCommands(program, context, endWith);
  addClientCommands(program, context);
  addContractCommands(program, context);
  addControlCommands(program, context);
  addDevelopmentCommands(program, context);
  addWeatherCommands(program, context, endWith);
  addSimulationCommands(program, context, endWith);
  addWalletCommands(program, context);
  addAgentCommands(program, context);
  addCompletion(program, context);
  addHelp(program);
  return program;
}

function linesOf(text: string): string[] {
  const lines = text.trimEnd().split('\n').slice(0, MAX_ERROR_LINES);
  return lines.map((line) => quotable(line, MAX_ERROR_LINE_CHARS));
}

function addCompletion(program: Command, context: CliContext): void {
  program
    .command('completion')
    .description('print a script that completes commands in a shell')
    .addArgument(withValues(new Argument('<SHELL>', SHELLS.join(', ')), SHELLS))
    .addHelpText(
      'after',
      '\nExample:\n  forklore completion bash > ~/.local/share/bash-completion/completions/forklore',
    )
    .action(async (shell) => (await import('./commands/completion.ts')).printCompletion(shell, program, context));
}

/** `forklore help COMMAND…` is `forklore COMMAND… --help`. */
function addHelp(program: Command): void {
  const names = program.commands.map((command) => command.name());
  program
    .command('help')
    .description('show the help of a command')
    .addArgument(withValues(new Argument('[COMMAND...]', 'such as send, or wallet new'), names))
    .addHelpText('after', '\nExample:\n  forklore help send')
    .action((names: string[], _flags, self: Command) => {
      let command = program;
      for (const name of names) {
        const inner = command.commands.find((candidate) => candidate.name() === name);
        if (inner === undefined) return self.error(`error: unknown command '${names.join(' ')}'`);
        command = inner;
      }
      command.outputHelp();
    });
}
