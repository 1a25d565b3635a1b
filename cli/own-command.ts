import { existsSync } from 'node:fs';

/** Of a checkout: the wrapper behind `npm run node`. A package is installed without it. */
const CHECKOUT_MARK = 'scripts/forklore.mjs';
/** Commands that have an `npm run` of their own. */
const WITH_SCRIPT = ['node', 'cluster', 'dashboard', 'start', 'simulate'];

/** The folder of the sources where the program runs from a checkout of them; null where it is an installed package. */
export function checkoutOf(): URL | null {
  // From the sources themselves, or from the bundle in `dist/`.
  const root = new URL('..', import.meta.url);
  return import.meta.url.endsWith('.ts') || existsSync(new URL(CHECKOUT_MARK, root)) ? root : null;
}

/** How whoever reads this line calls the program: `ownCommand('node', '--port 5000')`. */
export function ownCommand(command: string, rest = ''): string {
  const words = rest === '' ? [] : [rest];
  if (checkoutOf() === null) return ['forklore', command, ...words].join(' ');
  if (!WITH_SCRIPT.includes(command)) return ['npx forklore', command, ...words].join(' ');
  return [command === 'start' ? 'npm start' : `npm run ${command}`, ...(rest === '' ? [] : ['--', rest])].join(' ');
}
