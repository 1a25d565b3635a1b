import type { Command } from 'commander';
import { numbers } from '../consensus/number-range.ts';
import { numberOf } from '../simulator/command/command-line.ts';

const MIN_MINUTES = 0.1;
const MAX_MINUTES = 10_080;

/** Adds `--minutes`, from six seconds to a week: how long a soak takes. */
export function addMinutes(command: Command, defaultMinutes: number): Command {
  return command.option(
    '--minutes <m>',
    'how long',
    numberOf('--minutes', numbers(MIN_MINUTES, MAX_MINUTES)),
    defaultMinutes,
  );
}
