import { availableParallelism } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { itNeeding } from '../../testing/long.ts';
import type { DiskTrialName } from '../../torture/disk.ts';
import { removeAllPlaces } from '../../torture/place.ts';
import { torture } from '../../torture/torture.ts';

/** `FORKLORE_KILLS=1000 npm run test:long` for more. */
const KILLS = Number(process.env.FORKLORE_KILLS ?? 120);
const SEED = Number(process.env.FORKLORE_SEED ?? 2027);
const MS_PER_KILL = 60_000;
const jobs = availableParallelism();

afterEach(removeAllPlaces);

it(`a node that is killed ${KILLS} times loses nothing that it acknowledged, and ends equal to its twin`, {
  timeout: KILLS * MS_PER_KILL,
}, async () => {
  const { tally } = await torture({ kills: KILLS, seed: SEED, jobs, disk: [] });
  expect(tally.killCount).toBe(KILLS);
  expect(tally.transactions).toBeGreaterThan(KILLS);
  expect(tally.failpoints.size).toBeGreaterThan(20);
  expect(tally.damageCount).toBeGreaterThanOrEqual(Math.floor(KILLS / 12));
});

describe('a node whose disk refuses ends with its reason, and loses nothing that was acknowledged', () => {
  const outcomeOf = async (name: DiskTrialName): Promise<string | undefined> =>
    (await torture({ kills: 0, seed: SEED, jobs, disk: [name] })).disk[0]?.outcome;

  itNeeding(['namespaces'], 'a file system that is full', async () => {
    expect(await outcomeOf('full tmpfs')).not.toMatch(/^not possible/);
  });

  itNeeding(['strace'], 'a flush that fails', async () => {
    expect(await outcomeOf('flush fails')).not.toMatch(/^not possible/);
  });

  itNeeding(['strace'], 'a write that fails', async () => {
    expect(await outcomeOf('write fails')).not.toMatch(/^not possible/);
  });
});
