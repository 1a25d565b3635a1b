import { expect, it } from 'vitest';
import { run } from '../../testing/processes.ts';

/** `FORKLORE_SEEDS=10000 npm run test:long` for more. */
const SEEDS = Number(process.env.FORKLORE_SEEDS ?? 200);
const MS_PER_SEED = 60_000;

it(`every check holds in seeds 1 to ${SEEDS}, each run twice`, { timeout: SEEDS * MS_PER_SEED }, async () => {
  const { code, stdout, stderr } = await run(['simulate', '--seeds', `1..${SEEDS}`]);
  // What failed, and how to run it again, is in what it prints.
  expect({ code, failed: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, failed: '' });
  process.stdout.write(stdout);
});
