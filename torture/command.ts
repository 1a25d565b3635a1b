import { randomInt } from 'node:crypto';
import { type Command, Option } from 'commander';
import { wholeNumbers } from '../consensus/number-range.ts';
import { npmCommand, numberOf, parseCommand } from '../simulator/command/command-line.ts';
import { EXIT_INTERRUPTED } from '../simulator/command/interruption.ts';
import { RunFailed } from './failure.ts';
import { removeAllPlaces } from './place.ts';

const EXIT_FAILED = 1;
/** Seeds are as many as can be typed again. */
const MAX_SEED = 999_999_999;
/** A seed that nobody chose is short. */
const DRAWN_SEEDS = 1_000_000;
const REMOVE_LINE = '\r\u001b[K';

/** The options of every such command. */
export interface CommonOptions {
  readonly seed: number;
  readonly json?: boolean;
}

interface LongCommand<O> {
  readonly script: string;
  readonly description: string;
  /** The options of its own. */
  readonly addOptions: (command: Command) => Command;
  /** What to type for a run of the same plan, besides the seed. */
  readonly again: (options: O) => string;
  /** Resolves with what is printed. `say` tells how far it is. */
  readonly work: (options: O, say: (line: string) => void) => Promise<string>;
}

/**
 * Runs a command to its end: prints what its work resolves with, or what went wrong and how to try it again, and ends the
 * process. An interrupt ends everything that was started.
 */
export async function runCommand<O extends CommonOptions>(long: LongCommand<O>): Promise<never> {
  const { script, description, addOptions, again, work } = long;
  const command = addOptions(npmCommand(script, description))
    .addOption(
      new Option('--seed <n>', 'of the plan')
        .default(randomInt(DRAWN_SEEDS), 'drawn')
        .argParser(numberOf('--seed', wholeNumbers(0, MAX_SEED))),
    )
    .option('--json', 'print the result as JSON');
  const options = parseCommand(command, process.argv.slice(2), (values: O) => values);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, endAtOnce);
  const same = `npm run ${script} -- ${again(options)} --seed ${options.seed}`;
  process.stderr.write(`${same}\n`);
  const isTerminal = process.stderr.isTTY === true;
  const say = (line: string) => process.stderr.write(isTerminal ? `${REMOVE_LINE}${line}` : `${line}\n`);
  try {
    const text = await work(options, say);
    process.stdout.write(`${isTerminal ? '\n' : ''}${text}\n`);
    process.exit(0);
  } catch (error) {
    const kept = error instanceof RunFailed ? `; its folder is kept: ${error.folder}` : '';
    process.stderr.write(`\nFAILED: ${error instanceof Error ? (error.stack ?? error.message) : error}\n`);
    process.stderr.write(`seed ${options.seed}${kept}\n`);
    process.stderr.write(`the same plan, with other timing, since the processes are real: ${same}\n`);
    process.exit(EXIT_FAILED);
  }
}

function endAtOnce(): never {
  void removeAllPlaces();
  process.stderr.write('\ninterrupted: what was started is ended, and its folders are removed\n');
  process.exit(EXIT_INTERRUPTED);
}
