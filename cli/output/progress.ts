import type { ProgressDisplay } from '../../server/node/open-checked.ts';
import { openTerminal } from './output.ts';

/** A line on the terminal that says how far long work has come; nothing elsewhere. */
export function showProgress(): ProgressDisplay {
  const line = openTerminal(process.stdout, process.stderr, process.env).progressLine();
  return {
    show: ({ phase, done, total }) => line.update(`${phase} ${done} of ${total} blocks`),
    clear: () => line.clear(),
  };
}
