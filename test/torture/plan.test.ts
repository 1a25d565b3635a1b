import { describe, expect, it } from 'vitest';
import { FAILPOINTS } from '../../server/process/failpoint.ts';
import { SeededRandom } from '../../simulator/seeded-random.ts';
import { makePlan } from '../../torture/plan.ts';

const plan = (kills: number, seed = 1) => makePlan(kills, new SeededRandom(seed));
const killsOf = (rounds: ReturnType<typeof makePlan>) => rounds.flatMap(({ kills }) => kills);

describe('the plan of a torture', () => {
  it('has exactly as many kills as were asked for, and is the same for the same seed', () => {
    for (const kills of [0, 1, 25, 26, 500]) expect(killsOf(plan(kills))).toHaveLength(kills);
    expect(plan(100)).toEqual(plan(100));
    expect(plan(100)).not.toEqual(plan(100, 2));
  });

  it('meets every failpoint that there is in 500 kills, whatever the seed', () => {
    for (let seed = 0; seed < 20; seed++) {
      const met = new Set(killsOf(plan(500, seed)).map(({ moment }) => moment.kind === 'failpoint' && moment.name));
      for (const name of Object.keys(FAILPOINTS)) expect(met, `seed ${seed}`).toContain(name);
    }
  });

  it('creates each folder once, at the beginning of its round', () => {
    for (const { kills } of plan(500)) {
      expect(kills.map(({ scene }) => scene).lastIndexOf('creation')).toBe(0);
      expect(kills[0]?.isDamaged).toBe(false);
    }
  });

  it('has work for all that are side by side', () => {
    const rounds = makePlan(24, new SeededRandom(1), { jobs: 2 });
    expect(rounds.map(({ kills }) => kills.length)).toEqual([12, 12]);
    expect(makePlan(1, new SeededRandom(1), { jobs: 2 })).toHaveLength(1);
    expect(makePlan(0, new SeededRandom(1), { jobs: 2 })).toEqual([]);
  });

  it('keeps to the scenes and moments that are asked for', () => {
    const random = makePlan(100, new SeededRandom(1), { scenes: ['reorg'], onlyRandom: true });
    const later = random.flatMap(({ kills }) => kills.slice(2));
    expect(new Set(later.map(({ scene, moment }) => `${scene} ${moment.kind}`))).toEqual(new Set(['reorg random']));
  });
});
