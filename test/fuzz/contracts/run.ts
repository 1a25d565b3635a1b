import { setImmediate } from 'node:timers/promises';
import { wholeNumbers } from '../../../consensus/number-range.ts';
import { npmCommand, numberOf, parseCommand } from '../../../simulator/command/command-line.ts';
import { EXIT_INTERRUPTED, untilInterrupted } from '../../../simulator/command/interruption.ts';
import { Progress } from '../../../simulator/command/progress.ts';
import { compareWithNative, PROGRAMS_OF_SEED, type Tally } from './compare.ts';

// `npm run fuzz:contracts`

const DEFAULT_PROGRAMS = 100_000;
const MAX_PROGRAMS = 100_000_000;
const MAX_SEED = 2 ** 31 - 1;

interface Options {
  readonly programs: number;
  readonly seed: number;
}

const command = npmCommand(
  'fuzz:contracts',
  'Runs random contracts on the machine and as plain JavaScript, and stops where the two differ.',
)
  .option('--programs <n>', 'how many', numberOf('--programs', wholeNumbers(1, MAX_PROGRAMS)), DEFAULT_PROGRAMS)
  .option(
    '--seed <n>',
    `the first seed; each gives ${PROGRAMS_OF_SEED} programs`,
    numberOf('--seed', wholeNumbers(0, MAX_SEED)),
    1,
  );
const { programs, seed } = parseCommand(command, process.argv.slice(2), (values: Options) => values);
const interruption = untilInterrupted();
const progress = new Progress('comparing');
const total: Tally = new Map();

let done = 0;
let failure: Error | undefined;
while (done < programs && failure === undefined && !interruption.aborted) {
  const count = Math.min(PROGRAMS_OF_SEED, programs - done);
  try {
    for (const [outcome, times] of compareWithNative(seed + done / PROGRAMS_OF_SEED, count)) {
      total.set(outcome, (total.get(outcome) ?? 0) + times);
    }
    done += count;
  } catch (error) {
    failure = error as Error;
  }
  progress.show(done / programs);
  // Only between two batches is the program told of signals.
  await setImmediate();
}
progress.end();
for (const [outcome, times] of [...total].toSorted((a, b) => b[1] - a[1])) {
  process.stdout.write(`${outcome.padEnd(20)} ${String(times).padStart(9)} calls\n`);
}
if (failure) process.stdout.write(`${failure.message}\n${String(failure.cause)}\n`);
else process.stdout.write(`${done} programs without a difference\n`);
process.exit(failure ? 1 : interruption.aborted ? EXIT_INTERRUPTED : 0);
