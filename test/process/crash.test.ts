import { execFileSync } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { RunFailed } from '../../torture/failure.ts';
import { removeAllPlaces } from '../../torture/place.ts';
import { torture } from '../../torture/torture.ts';

/** `FORKLORE_KILLS=100 npx vitest run test/process/crash.test.ts` for more; `npm run torture` does thousands. */
const KILLS = Number(process.env.FORKLORE_KILLS ?? 4);
const SEED = Number(process.env.FORKLORE_SEED ?? 2026);
const LIMIT_MS = 240_000 + KILLS * 10_000;

afterEach(removeAllPlaces);

describe('a node that is killed at random moments and at failpoints', () => {
  it(`loses nothing that it acknowledged, and ends equal to a twin that was never killed, ${KILLS} times`, {
    timeout: LIMIT_MS,
  }, async () => {
    const { tally } = await torture({ kills: KILLS, seed: SEED, jobs: 2, disk: [] });
    expect(tally.killCount).toBe(KILLS);
    expect(tally.transactions).toBeGreaterThan(KILLS);
    expect(tally.failpoints.size).toBeGreaterThan(KILLS / 4);
    expect(tally.damageCount).toBeGreaterThanOrEqual(Math.floor(KILLS / 12));
  });
});

describe('a run that fails', () => {
  it('has ended everything that it started, and starts nothing any more', { timeout: LIMIT_MS }, async () => {
    let seen = 0;
    // Only one of the two fails; the other one would go on.
    const onProgress = () => {
      if (++seen === 2) throw new Error('seen enough');
    };
    const failure = await torture({ kills: 8, seed: SEED, jobs: 2, disk: [], onProgress }).catch((error) => error);
    expect(failure).toBeInstanceOf(RunFailed);
    expect(failure.message).toContain('seen enough');
    const programs = execFileSync('ps', ['-A', '-ww', '-o', 'args'], { encoding: 'utf8' }).split('\n');
    expect(programs.filter((line) => line.includes(failure.folder))).toEqual([]);
  });
});

describe('a disk that refuses or changes', () => {
  it('ends the node with its reason, loses nothing that was acknowledged, and serves nothing that changed', {
    timeout: LIMIT_MS,
  }, async () => {
    const { disk } = await torture({
      kills: 0,
      seed: SEED,
      jobs: 2,
      disk: ['full while running', 'full at creation', 'file cut while running', 'block changed while running'],
    });
    const outcomes = new Map(disk.map(({ name, outcome }) => [name, outcome]));
    expect(outcomes.get('full while running')).toMatch(/^ended with its reason; [1-9]/);
    expect(outcomes.get('full at creation')).toMatch(/^refused with its reason/);
    expect(outcomes.get('file cut while running')).toMatch(/refused with exit code 3$/);
    expect(outcomes.get('block changed while running')).toMatch(/^ended with exit code 3 when asked for it; rebuilt/);
  });
});
