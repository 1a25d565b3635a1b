import { setImmediate } from 'node:timers/promises';
import { wholeNumbers } from '../../../consensus/number-range.ts';
import { npmCommand, numberOf, parseCommand } from '../../../simulator/command/command-line.ts';
import { EXIT_INTERRUPTED, untilInterrupted } from '../../../simulator/command/interruption.ts';
import { Progress } from '../../../simulator/command/progress.ts';
import { compareWithNative, PROGRAMS_OF_SEED } from './compare.ts';
import { compareWithModel } from './compare-with-model.ts';

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
  'Runs random contracts on the machine, as plain JavaScript and in the model, and stops where two of them differ.',
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
const asJavaScript = new Map<string, number>();
const inModel = new Map<string, number>();

let done = 0;
let failure: Error | undefined;
while (done < programs && failure === undefined && !interruption.aborted) {
  const count = Math.min(PROGRAMS_OF_SEED, programs - done);
  try {
    const batchSeed = seed + done / PROGRAMS_OF_SEED;
    addTo(asJavaScript, compareWithNative(batchSeed, count));
    addTo(inModel, compareWithModel(batchSeed, count));
    done += count;
  } catch (error) {
    failure = error as Error;
  }
  progress.show(done / programs);
  // Only between two batches is the program told of signals.
  await setImmediate();
}
progress.end();
process.stdout.write(`Machine and JavaScript:\n${shown(asJavaScript)}\n`);
process.stdout.write(`Machine and model, other sources that are like these too:\n${shown(inModel)}\n`);
if (failure) process.stdout.write(`${failure.message}\n${String(failure.cause)}\n`);
else process.stdout.write(`${done} programs without a difference\n`);
process.exit(failure ? 1 : interruption.aborted ? EXIT_INTERRUPTED : 0);

function addTo(total: Map<string, number>, tally: ReadonlyMap<string, number>): void {
  for (const [outcome, times] of tally) total.set(outcome, (total.get(outcome) ?? 0) + times);
}

function shown(total: ReadonlyMap<string, number>): string {
  const lines = [...total].toSorted((a, b) => b[1] - a[1]);
  return lines.map(([outcome, times]) => `  ${outcome.padEnd(20)} ${String(times).padStart(9)}\n`).join('');
}
