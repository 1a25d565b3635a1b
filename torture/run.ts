import buildOnce from '../test/support/build-once.ts';
import { command } from './command.ts';
import { DISK_TRIALS, type DiskTrialName } from './disk.ts';
import { progressLine, tortureJson, tortureTable } from './report.ts';
import { torture } from './torture.ts';

// `npm run torture -- --kills 500`: kills real nodes under load, and compares them with twins that were never killed.

await command({ name: 'torture', amount: { name: 'kills', default: 100 }, defaultJobs: 2 }, async (options, say) => {
  buildOnce();
  const { amount: kills, seed, jobs } = options;
  const onProgress = (tally: Parameters<typeof progressLine>[0]) => say(progressLine(tally, kills));
  const result = await torture({ kills, seed, jobs, disk: Object.keys(DISK_TRIALS) as DiskTrialName[], onProgress });
  return options.json ? tortureJson(seed, result) : tortureTable(result);
});
