import buildOnce from '../testing/build-once.ts';
import { type CommonOptions, runCommand } from './command.ts';
import { addMinutes } from './minutes-option.ts';
import { stratumSoak, stratumSoakText } from './stratum-soak.ts';

// `npm run stratum-soak -- --minutes 60`

const DEFAULT_MINUTES = 60;

interface Options extends CommonOptions {
  readonly minutes: number;
}

await runCommand<Options>({
  script: 'stratum-soak',
  description:
    'Runs a real node and two mining programs that mine on it over Stratum, with jobs that are renewed each second. In ' +
    'the end every solution that they found is on the chain, or another one of the same height had come first.',
  addOptions: (command) => addMinutes(command, DEFAULT_MINUTES),
  again: ({ minutes }) => `--minutes ${minutes}`,
  async work({ minutes, seed, json }, say) {
    buildOnce();
    const result = await stratumSoak(minutes, say);
    return json ? JSON.stringify({ seed, ...result }, null, 2) : stratumSoakText(result);
  },
});
