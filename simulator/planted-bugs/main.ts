import { availableParallelism } from 'node:os';
import { Option } from 'commander';
import { npmCommand, parseCommand, ScriptOptionError } from '../command/command-line.ts';
import { EXIT_INTERRUPTED, untilInterrupted } from '../command/interruption.ts';
import { Progress } from '../command/progress.ts';
import { parseSeedRange, type SeedRange } from '../command/seed-range.ts';
import { ScenarioError } from '../scenario.ts';
import { PLANTED_BUGS } from './bugs.ts';
import { huntFor } from './plant.ts';
import type { PlantedBug } from './planted-bug.ts';

// `npm run planted-bugs`: how many of the known bugs the simulator finds.

const DEFAULT_SEEDS: SeedRange = { first: 1, last: 300 };
const NAME_WIDTH = 76;
const MIN_FOR_MEDIAN = 4;
/** A bug was not found that is usually found soon. */
const EXIT_MISSED = 1;

interface Options {
  readonly seeds: SeedRange;
  readonly only?: readonly PlantedBug[];
  readonly list?: boolean;
}

const command = npmCommand(
  'planted-bugs',
  'Plants known bugs one by one into the code that nodes run, and lets the simulator look for each.',
)
  .addOption(
    new Option('--seeds <a..b>', 'look through these, until one fails')
      .default(DEFAULT_SEEDS, `${DEFAULT_SEEDS.first}..${DEFAULT_SEEDS.last}`)
      .argParser(seedsOption),
  )
  .option('--only <words>', 'only bugs with these words in their names', bugsWith)
  .option('--list', 'name the bugs, and do nothing');
const { seeds, only = PLANTED_BUGS, list } = parseCommand(command, process.argv.slice(2), (values: Options) => values);
if (list)
  for (const { name, file, isSeldom } of only)
    process.stdout.write(`${name.padEnd(NAME_WIDTH)} ${file}${isSeldom ? ', seldom found' : ''}\n`);
else await hunt(only);

function bugsWith(words: string): readonly PlantedBug[] {
  const bugs = PLANTED_BUGS.filter(({ name }) => name.includes(words));
  if (bugs.length === 0)
    throw new ScriptOptionError(`no planted bug has "${words}" in its name; --list tells them all`);
  return bugs;
}

async function hunt(bugs: readonly PlantedBug[]): Promise<void> {
  const interruption = untilInterrupted();
  const progress = new Progress('planted bugs');
  const foundAfter: number[] = [];
  const waiting = [...bugs];
  let looked = 0;
  const work = async (): Promise<void> => {
    for (let bug = waiting.shift(); bug && !interruption.aborted; bug = waiting.shift()) {
      const find = await huntFor(bug, seeds.first, seeds.last, interruption);
      if (!find && interruption.aborted) return;
      if (find) foundAfter.push(find.seed);
      looked++;
      progress.end();
      const how = find
        ? `seed ${find.seed}: ${find.failure.check}`
        : `NOT FOUND${bug.isSeldom ? ', which is seldom' : ''}`;
      if (!find && !bug.isSeldom) process.exitCode = EXIT_MISSED;
      process.stdout.write(`${bug.name.padEnd(NAME_WIDTH)} ${how}\n`);
      progress.show(looked / bugs.length);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  const median = foundAfter.toSorted((a, b) => a - b)[foundAfter.length >> 1];
  const soon = median === undefined || foundAfter.length < MIN_FOR_MEDIAN ? '' : `, half of them by seed ${median}`;
  process.stdout.write(
    `\n${foundAfter.length} of ${looked} planted bugs found in ${seeds.last - seeds.first + 1} seeds${soon}\n`,
  );
  if (interruption.aborted) process.exitCode = EXIT_INTERRUPTED;
}

function seedsOption(text: string): SeedRange {
  try {
    return parseSeedRange(text);
  } catch (error) {
    throw error instanceof ScenarioError ? new ScriptOptionError(`--seeds ${error.message}`) : error;
  }
}
