import { describe, expect, it } from 'vitest';
import { PLANTED_BUGS } from '../../simulator/planted-bugs/bugs.ts';
import { MACHINE_BUGS } from '../../simulator/planted-bugs/machine-bugs.ts';
import { huntFor, plant } from '../../simulator/planted-bugs/plant.ts';
import { HUNT_SEEDS, missed, plantedSample } from '../../testing/planted-sample.ts';

/** Bugs that one run hunts at most, a few seconds each; `npm run test:long` hunts all. */
const SAMPLE_SIZE = 3;
/** Seeds in which the source as it is must not fail; simulate.test.ts and campaigns run more of them. */
const CLEAN_SEEDS = 2;
const TIMEOUT_MS = 600_000;

const sample = plantedSample(PLANTED_BUGS, SAMPLE_SIZE, Date.now(), process.env.FORKLORE_SAMPLE);
const again = `FORKLORE_SAMPLE=${sample.number} npx vitest run --project rooms test/simulator/planted-bugs.test.ts`;

describe('a planted bug', () => {
  it('has its place in the source, and a name of its own', () => {
    const all = [...PLANTED_BUGS, ...MACHINE_BUGS];
    for (const bug of all) expect(plant(bug)).toContain(bug.replace);
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    expect(PLANTED_BUGS.length).toBeGreaterThanOrEqual(30);
  });

  it('whose place is gone is an error, not a bug that is never found', () => {
    const bug = { name: 'gone', file: 'consensus/header.ts', find: 'no such line', replace: '' };
    expect(() => plant(bug)).toThrow('"gone" has 0 places in consensus/header.ts, not one');
  });

  it('is in the sample of one of the days, and of no two', () => {
    const days = Array.from({ length: sample.of }, (_, day) => day * 86_400_000);
    const bugs = days.flatMap((nowMs) => plantedSample(PLANTED_BUGS, SAMPLE_SIZE, nowMs, undefined).bugs);
    expect(new Set(bugs)).toEqual(new Set(PLANTED_BUGS.filter(({ isSeldom }) => !isSeldom)));
    expect(new Set(bugs).size).toBe(bugs.length);
  });
});

describe(`a planted bug of sample ${sample.number} of ${sample.of}`, () => {
  process.stdout.write(`planted bugs, sample ${sample.number} of ${sample.of}; the same again: ${again}\n`);

  it.each(sample.bugs)(`is found in ${HUNT_SEEDS} seeds: $name`, { timeout: TIMEOUT_MS }, async (bug) => {
    expect(await huntFor(bug, 1, HUNT_SEEDS), missed(bug)).not.toBeNull();
  });
});

describe('the source as it is', () => {
  it('has no bug that these seeds find', { timeout: TIMEOUT_MS }, async () => {
    expect(await huntFor(null, 1, CLEAN_SEEDS)).toBeNull();
  });
});
