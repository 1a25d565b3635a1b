import { existsSync } from 'node:fs';

/** Of a checkout: the wrapper behind `npm run node`. A package is installed without it. */
const CHECKOUT_MARK = '../scripts/forklore.mjs';
/** Commands that have an `npm run` of their own. */
const WITH_SCRIPT = ['node', 'cluster', 'dashboard', 'start'];

/** Whether the program runs from a checkout of its sources, and not from an installed package. */
function isCheckout(): boolean {
  // From the sources themselves, or from the bundle in `dist/`.
  return import.meta.url.endsWith('.ts') || existsSync(new URL(CHECKOUT_MARK, import.meta.url));
}

/** How whoever reads this line calls the program: `ownCommand('node', '--port 5000')`. */
export function ownCommand(command: string, rest = ''): string {
  const words = rest === '' ? [] : [rest];
  if (!isCheckout()) return ['forklore', command, ...words].join(' ');
  if (!WITH_SCRIPT.includes(command)) return ['npx forklore', command, ...words].join(' ');
  return [command === 'start' ? 'npm start' : `npm run ${command}`, ...(rest === '' ? [] : ['--', rest])].join(' ');
}
