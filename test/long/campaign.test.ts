import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** `FORKLORE_SEEDS=10000 npm run test:long` for more. */
const SEEDS = Number(process.env.FORKLORE_SEEDS ?? 200);
const MS_PER_SEED = 60_000;

it(`every check holds in seeds 1 to ${SEEDS}, each run twice`, { timeout: SEEDS * MS_PER_SEED }, () => {
  const command = ['--import', 'tsx', 'simulator/command/main.ts', '--seeds', `1..${SEEDS}`];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: ROOT, encoding: 'utf8' });
  // What failed, and how to run it again, is in what it prints.
  expect({ status, failed: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, failed: '' });
  process.stdout.write(stdout);
});
