import { expect, it } from 'vitest';
import { run } from '../../testing/processes.ts';

/** `FORKLORE_SEEDS=10000 npm run test:long` for more. */
const SEEDS = Number(process.env.FORKLORE_SEEDS ?? 200);
const MS_PER_SEED = 60_000;
/** With contracts: the model executes each call by an interpreter that is not made to be fast. */
const CONTRACT_SEEDS = 40;

/** Runs seeds, each twice, and expects that none fails. */
async function expectAllHold(lastSeed: number, ...options: string[]): Promise<void> {
  const { code, stdout, stderr } = await run(['simulate', '--seeds', `1..${lastSeed}`, ...options]);
  // What failed, and how to run it again, is in what it prints.
  expect({ code, failed: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, failed: '' });
  process.stdout.write(stdout);
}

it(`every check holds in seeds 1 to ${SEEDS}, each run twice`, { timeout: SEEDS * MS_PER_SEED }, async () => {
  await expectAllHold(SEEDS);
});

it(`every check holds with contracts in seeds 1 to ${CONTRACT_SEEDS}, each run twice`, {
  timeout: CONTRACT_SEEDS * MS_PER_SEED,
}, async () => {
  await expectAllHold(CONTRACT_SEEDS, '--contracts', '0.7', '--transactions', '40');
});
