import { numbers } from '../consensus/number-range.ts';
import { numberOf } from '../simulator/command/command-line.ts';
import buildOnce from '../testing/build-once.ts';
import { type CommonOptions, runCommand } from './command.ts';
import { stratumSoak, stratumSoakText } from './stratum-soak.ts';

// `npm run stratum-soak -- --minutes 60`

const DEFAULT_MINUTES = 60;
const MIN_MINUTES = 0.1;
const MAX_MINUTES = 10_080;

interface Options extends CommonOptions {
  readonly minutes: number;
}

await runCommand<Options>({
  script: 'stratum-soak',
  description:
    'Runs a real node and two mining programs that mine on it over Stratum, with jobs that are renewed each second. In ' +
    'the end every solution that they found is on the chain, or another one of the same height had come first.',
  addOptions: (command) =>
    command.option(
      '--minutes <m>',
      'how long',
      numberOf('--minutes', numbers(MIN_MINUTES, MAX_MINUTES)),
      DEFAULT_MINUTES,
    ),
  again: ({ minutes }) => `--minutes ${minutes}`,
  async work({ minutes, seed, json }, say) {
    buildOnce();
    const result = await stratumSoak(minutes, say);
    return json ? JSON.stringify({ seed, ...result }, null, 2) : stratumSoakText(result);
  },
});
