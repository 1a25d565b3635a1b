import type { ProgressDisplay } from '../../server/node/open-checked.ts';
import { openTerminal } from './output.ts';

/** Shows the progress of long work on a terminal line; shows nothing elsewhere. */
export function showProgress(): ProgressDisplay {
  const line = openTerminal(process.stdout, process.stderr, process.env).progressLine();
  return {
    show: ({ phase, done, total }) => line.update(`${phase} ${done} of ${total} blocks`),
    clear: () => line.clear(),
  };
}
