import { expect, it } from 'vitest';
import { PLANTED_BUGS } from '../../simulator/planted-bugs/bugs.ts';
import { huntFor } from '../../simulator/planted-bugs/plant.ts';
import { HUNT_SEEDS, missed } from '../../testing/planted-sample.ts';

const LIMIT_MS = 1_800_000;

it.concurrent.each(PLANTED_BUGS.filter(({ isSeldom }) => !isSeldom))(
  `a planted bug is found in ${HUNT_SEEDS} seeds: $name`,
  { timeout: LIMIT_MS },
  async (bug) => {
    expect(await huntFor(bug, 1, HUNT_SEEDS), missed(bug)).not.toBeNull();
  },
);

it('the source as it is has no bug that these seeds find', { timeout: LIMIT_MS }, async () => {
  expect(await huntFor(null, 1, HUNT_SEEDS)).toBeNull();
});
