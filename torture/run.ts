import { wholeNumbers } from '../consensus/number-range.ts';
import { numberOf } from '../simulator/command/command-line.ts';
import buildOnce from '../testing/build-once.ts';
import { type CommonOptions, runCommand } from './command.ts';
import { DISK_TRIALS, type DiskTrialName } from './disk.ts';
import { progressLine, tortureJson, tortureTable } from './report.ts';
import { torture } from './torture.ts';

// `npm run torture -- --kills 500`

const DEFAULT_KILLS = 100;
const MAX_KILLS = 100_000;
const DEFAULT_JOBS = 2;
const MAX_JOBS = 16;

interface Options extends CommonOptions {
  readonly kills: number;
  readonly jobs: number;
}

await runCommand<Options>({
  script: 'torture',
  description:
    'Kills real nodes with SIGKILL, at random moments and at named ones, while clients use them. Whatever was ' +
    'acknowledged has to be there afterwards, and the node equal to a twin that was never killed. ' +
    'Full and failing disks, flipped bytes and truncated files are part of it.',
  addOptions: (command) =>
    command
      .option('--kills <n>', 'kills in all', numberOf('--kills', wholeNumbers(1, MAX_KILLS)), DEFAULT_KILLS)
      .option(
        '--jobs <n>',
        'victims at a time, each with its twin',
        numberOf('--jobs', wholeNumbers(1, MAX_JOBS)),
        DEFAULT_JOBS,
      ),
  again: ({ kills, jobs }) => `--kills ${kills} --jobs ${jobs}`,
  async work({ kills, jobs, seed, json }, say) {
    buildOnce();
    const disk = Object.keys(DISK_TRIALS) as DiskTrialName[];
    const result = await torture({ kills, seed, jobs, disk, onProgress: (tally) => say(progressLine(tally, kills)) });
    return json ? tortureJson(seed, result) : tortureTable(result);
  },
});
