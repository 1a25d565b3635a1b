import type { Environment } from '../../server/settings/settings.ts';
import { DASHBOARD_FLAGS, START_FLAGS, variableName } from './node-flags.ts';

const PREFIX = 'FORKLORE_';
/** Variables that mirror no flag of a command that runs nodes. */
const OTHERS: readonly string[] = ['FORKLORE_NODE', 'FORKLORE_MNEMONIC', 'FORKLORE_RUNTIME_DIR', 'FORKLORE_FAILPOINT'];
/** Wrong letters at which a name is still taken for another: one, and two from this length on. */
const LONG_NAME_CHARS = 8;

/**
 * One line for each variable that is nearly the name of a setting and therefore ignored. Other names that begin with
 * `FORKLORE_` are nobody's mistake: Kubernetes gives every container such ones of a service of this name.
 */
export function misspeltVariables(environment: Environment): string[] {
  const given = Object.keys(environment).filter((name) => name.toUpperCase().startsWith(PREFIX) && environment[name]);
  if (given.length === 0) return [];
  const known = new Set([
    ...OTHERS,
    // Every flag of the others is one of these: `port`, which a cluster does not have, is the dashboard's.
    ...[...START_FLAGS, ...DASHBOARD_FLAGS].map(({ key }) => variableName(key)),
  ]);
  return given.flatMap((name) => {
    if (known.has(name)) return [];
    const meant = [...known].find((each) => isNear(name, each));
    return meant === undefined ? [] : [`warning: ${name} is no setting and is ignored; did you mean ${meant}?`];
  });
}

function isNear(name: string, known: string): boolean {
  const [a, b] = [name, known].map((each) => each.toUpperCase().slice(PREFIX.length)) as [string, string];
  const mistakes = b.length >= LONG_NAME_CHARS ? 2 : 1;
  return Math.abs(a.length - b.length) <= mistakes && distance(a, b) <= mistakes;
}

/** Letters to insert, remove or replace, and neighbours to exchange, from one word to the other. */
function distance(a: string, b: string): number {
  let [before, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= a.length; row++) {
    const next = [row];
    for (let column = 1; column <= b.length; column++) {
      const isSame = a[row - 1] === b[column - 1];
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      next.push(
        Math.min(
          (last[column] ?? 0) + 1,
          (next[column - 1] ?? 0) + 1,
          (last[column - 1] ?? 0) + (isSame ? 0 : 1),
          swapped ? (before[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    [before, last] = [last, next];
  }
  return last[b.length] ?? 0;
}
