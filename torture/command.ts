import { RunFailed } from './failure.ts';
import { ArgumentError, type CommandOptions, parseCommand } from './options.ts';
import { removeAllPlaces } from './place.ts';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
/** What a shell reports of a program that was interrupted. */
const EXIT_INTERRUPTED = 130;
const REMOVE_LINE = '\r\u001b[K';

interface Command {
  readonly name: string;
  readonly amount: { readonly name: string; readonly default: number };
  readonly defaultJobs: number;
}

/**
 * Runs a command to its end: prints what `work` resolves with, or what went wrong and how to see it again, and ends the
 * process. An interrupt ends everything that was started.
 */
export async function command(
  { name, amount, defaultJobs }: Command,
  work: (options: CommandOptions, say: (line: string) => void) => Promise<string>,
): Promise<never> {
  let options: CommandOptions;
  try {
    options = parseCommand(process.argv.slice(2), amount, defaultJobs);
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    process.stderr.write(`error: ${error.message}\n`);
    process.exit(EXIT_USAGE);
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, endAtOnce);
  const again = `npm run ${name} -- --${amount.name} ${options.amount} --seed ${options.seed} --jobs ${options.jobs}`;
  process.stderr.write(`${again}\n`);
  const isTerminal = process.stderr.isTTY === true;
  const say = (line: string) => process.stderr.write(isTerminal ? `${REMOVE_LINE}${line}` : `${line}\n`);
  try {
    const text = await work(options, say);
    process.stdout.write(`${isTerminal ? '\n' : ''}${text}\n`);
    process.exit(0);
  } catch (error) {
    const kept = error instanceof RunFailed ? `; its folder is kept: ${error.folder}` : '';
    process.stderr.write(`\nFAILED: ${error instanceof Error ? (error.stack ?? error.message) : error}\n`);
    process.stderr.write(`seed ${options.seed}${kept}\nagain: ${again}\n`);
    process.exit(EXIT_FAILED);
  }
}

function endAtOnce(): never {
  void removeAllPlaces();
  process.exit(EXIT_INTERRUPTED);
}
