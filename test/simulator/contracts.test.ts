import { describe, expect, it } from 'vitest';
import { nativeCrypto } from '../../simulator/command/native-crypto.ts';
import type { ModelBlock } from '../../simulator/model/reference-model.ts';
import type { Plan } from '../../simulator/plan.ts';
import { type Outcome, simulateInSteps } from '../../simulator/run.ts';
import type { Simulation } from '../../simulator/simulation.ts';
import { swarmPlan } from '../../simulator/swarm.ts';

/** Seeds of the ordinary run; `npm run test:long` has 40. */
const SEEDS = [14, 15];
const TIMEOUT_MS = 300_000;
const crypto = nativeCrypto();

/** Runs a plan, and gives the block that the first honest node stands on at the end. */
function run(plan: Plan): { outcome: Outcome; tip: ModelBlock } {
  let ended: Simulation | undefined;
  const onEnd = (simulation: Simulation): void => {
    ended = simulation;
  };
  const steps = simulateInSteps(plan, crypto, { onEnd });
  let step = steps.next(true);
  while (!step.done) step = steps.next(true);
  const verdict = ended?.model.verdictOf(ended.honest[0]?.store.tip ?? '');
  if (!verdict?.valid) throw new Error(`seed ${plan.seed} ends on a block that is not valid`);
  return { outcome: step.value, tip: verdict.block };
}

/** The first byte of each receipt up to a block: 1 of a transaction that went well, 0 of one that failed. */
function flagsUpTo(tip: ModelBlock): (number | undefined)[] {
  const flags: (number | undefined)[] = [];
  for (let walk: ModelBlock | null = tip; walk; walk = walk.parent) {
    flags.push(...walk.receipts.map(({ bytes }) => bytes[0]));
  }
  return flags;
}

describe('a simulation with contracts', () => {
  it(`holds every check in seeds ${SEEDS.join(' and ')}, and repeats itself`, { timeout: TIMEOUT_MS }, () => {
    const plans = SEEDS.map((seed) => swarmPlan(seed, { contractShare: 0.7, transactionsPerMinute: 40 }));
    const runs = plans.map(run);
    for (const { outcome } of runs) expect(outcome.failure).toBeNull();
    expect(plans.slice(0, 1).map((plan) => run(plan).outcome.trace)).toEqual([runs[0]?.outcome.trace]);
    // They went through something.
    const tips = runs.map(({ tip }) => tip);
    const flags = tips.flatMap(flagsUpTo);
    expect(flags.filter((flag) => flag === 1).length).toBeGreaterThan(20);
    expect(flags.filter((flag) => flag === 0).length).toBeGreaterThan(20);
    for (const { slots, sources } of tips) {
      expect([...slots.values()].some(({ size }) => size > 0)).toBe(true);
      expect(sources.size).toBeGreaterThan(1);
    }
    expect(runs.some(({ outcome }) => [...outcome.figures.reorgs.keys()].some((depth) => depth > 1))).toBe(true);
  });

  it('has the transfers of a seed where no transaction has to do with contracts', () => {
    const { outcome, tip } = run(swarmPlan(14, { contractShare: 0 }));
    expect(outcome.trace).toBe(run(swarmPlan(14)).outcome.trace);
    expect(flagsUpTo(tip)).toEqual([]);
  });
});
