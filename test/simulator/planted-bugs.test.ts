import { describe, expect, it } from 'vitest';
import { PLANTED_BUGS } from '../../simulator/planted-bugs/bugs.ts';
import { huntFor, plant } from '../../simulator/planted-bugs/plant.ts';

/** Seeds in which each bug has to be found; `npm run planted-bugs` says how soon each one is. */
const SEEDS = 60;
const TIMEOUT_MS = 300_000;

describe('a planted bug', () => {
  it('has its place in the source, and a name of its own', () => {
    for (const bug of PLANTED_BUGS) expect(plant(bug)).toContain(bug.replace);
    expect(new Set(PLANTED_BUGS.map(({ name }) => name)).size).toBe(PLANTED_BUGS.length);
    expect(PLANTED_BUGS.length).toBeGreaterThanOrEqual(30);
  });

  it('whose place is gone is an error, not a bug that is never found', () => {
    const bug = { name: 'gone', file: 'consensus/header.ts', find: 'no such line', replace: '' };
    expect(() => plant(bug)).toThrow('"gone" has 0 places in consensus/header.ts, not one');
  });

  it.concurrent.each(PLANTED_BUGS.filter(({ isSeldom }) => !isSeldom))(
    `is found in ${SEEDS} seeds: $name`,
    { timeout: TIMEOUT_MS },
    async (bug) => {
      expect(await huntFor(bug, 1, SEEDS)).not.toBeNull();
    },
  );
});

describe('the source as it is', () => {
  it('has no bug that these seeds find', { timeout: TIMEOUT_MS }, async () => {
    expect(await huntFor(null, 1, SEEDS)).toBeNull();
  });
});
