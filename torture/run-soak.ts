import buildOnce from '../testing/build-once.ts';
import { type CommonOptions, runCommand } from './command.ts';
import { addMinutes } from './minutes-option.ts';
import { soak } from './soak.ts';
import { soakJson, soakTable } from './soak-report.ts';

// `npm run soak -- --minutes 30`

const DEFAULT_MINUTES = 10;

interface Options extends CommonOptions {
  readonly minutes: number;
}

await runCommand<Options>({
  script: 'soak',
  description:
    'Runs five real nodes with clients and miners that come and go, and kills, cuts off and freezes some of them all ' +
    'the while. Memory, handles and listeners have to stay level, and in the end all agree on one tip, hold every ' +
    'acknowledged transaction in it, and their supply is exact.',
  addOptions: (command) => addMinutes(command, DEFAULT_MINUTES),
  again: ({ minutes }) => `--minutes ${minutes}`,
  async work({ minutes, seed, json }, say) {
    buildOnce();
    const result = await soak({ minutes, seed, onProgress: say });
    return json ? soakJson(seed, result) : soakTable(result);
  },
});
