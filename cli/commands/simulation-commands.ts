import { type Command, Option } from 'commander';
import { FAULT_DESCRIPTIONS } from '../../simulator/faults/names.ts';
import { UsageError } from '../cli-errors.ts';
import type { CliContext } from './client-context.ts';

/** Width of the longest name of a fault, and a blank. */
const FAULT_NAME_WIDTH = 1 + Math.max(...Object.keys(FAULT_DESCRIPTIONS).map(({ length }) => length));

const SIMULATE_HELP = `
Without a scenario, the seed decides what no option says: how many nodes, how far apart, and what goes wrong. With
--faults none it is a quiet network to study, and the seed decides only what is left to chance in it.

Faults:
${Object.entries(FAULT_DESCRIPTIONS)
  .map(([name, what]) => `  ${name.padEnd(FAULT_NAME_WIDTH)} ${what}`)
  .join('\n')}

Example:
  forklore simulate --faults none --nodes 20 --minutes 60 --delay 50..400`;

/** Told how a command ended. */
type EndWith = (exitCode: number) => void;

/** Registers the commands that run networks in the simulator. Each loads its code when it is called. */
export function addSimulationCommands(program: Command, context: CliContext, endWith: EndWith): void {
  addSimulate(program, context, endWith);
  addSweep(program, context, endWith);
}

function addSimulate(program: Command, context: CliContext, endWith: EndWith): void {
  const ofOne = (option: Option): Option => option.conflicts('seeds');
  program
    .command('simulate')
    .description('run networks of nodes on a clock of their own, and check all the time that every rule holds')
    .addOption(ofOne(new Option('--seed <number>', 'run the network of this seed (default: any)')))
    .option('--seeds <a..b>', 'run all of these, each twice, and summarise')
    .option('--scenario <file>', 'take the network from a scenario file')
    .option('--nodes <number>', 'number of nodes that keep the rules')
    .option('--minutes <number>', 'virtual minutes until everything is healed')
    .option('--spacing <seconds>', 'time between blocks')
    .option('--delay <a..b>', 'milliseconds between the nearest and the farthest two nodes')
    .option('--transactions <number>', 'transactions submitted each minute')
    .option(
      '--contracts <share>',
      'share of them that deploy contracts, call them and pay them, from 0 to 1 (default: 0)',
    )
    .option('--faults <list>', 'none, all, or names such as crash,partition=0.3; see below')
    .option('--jobs <number>', 'threads that run --seeds (default: all cores)')
    .addOption(ofOne(new Option('--twice', 'run a single seed twice as well, and compare')))
    .option('--once', 'run each of --seeds once: faster, and nothing shows that it runs the same way twice')
    .addOption(ofOne(new Option('--log', 'print what happens to the nodes, and what they log')))
    .addOption(ofOne(new Option('--blocks <file>', 'write all blocks to a CSV file: when, by whom, stale or not')))
    .option('--json', 'print the data as JSON and nothing else')
    .addHelpText('after', SIMULATE_HELP)
    .allowExcessArguments()
    .action(async (flags, { args: [file] }: Command) => {
      if (file !== undefined) throw new UsageError(`unexpected "${file}": a scenario file is named by --scenario`);
      endWith(await (await import('./simulate.ts')).simulate(flags, context));
    });
}

function addSweep(program: Command, context: CliContext, endWith: EndWith): void {
  const alone = (option: Option, ...others: string[]): Option => option.conflicts(others);
  program
    .command('sweep')
    .description('run a grid of parameters and seeds in the simulator, cut into tasks')
    .argument('<FILE>', 'the grid, in JSON')
    .option('--out <folder>', 'folder of the results; tasks that are done there are not run again')
    .addOption(
      alone(
        new Option('--task <number>', 'run this task, from 0 (default: the one that Slurm or Kubernetes names)'),
        'local',
        'count',
        'collect',
      ),
    )
    .addOption(
      alone(new Option('--local [jobs]', 'run all tasks, as many at a time (default: all cores)'), 'count', 'collect'),
    )
    .addOption(alone(new Option('--count', 'print the number of tasks'), 'collect'))
    .option('--collect', 'print a table of the results as comma-separated values, with 95 % confidence intervals')
    .option('--json', 'print the table as lines of JSON')
    .addHelpText('after', '\nExample:\n  forklore sweep grid.json --out results --local')
    .allowExcessArguments()
    .action(async (file, flags, { args: [, folder] }: Command) => {
      if (folder !== undefined) {
        throw new UsageError(`unexpected "${folder}": the folder of the results is named by --out`);
      }
      endWith(await (await import('./sweep.ts')).sweep(file, flags, context));
    });
}
