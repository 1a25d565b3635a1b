import { describe, expect, it } from 'vitest';
import { CLEAR } from '../../protocol/link-conditions.ts';
import { nativeCrypto } from '../../simulator/command/native-crypto.ts';
import { FAULT_NAMES, type FaultName } from '../../simulator/faults/names.ts';
import { type Outcome, simulate, simulateInSteps, simulateTwice } from '../../simulator/run.ts';
import { DEFAULT_PLAN } from '../../simulator/scenario.ts';
import { quantilesOf } from '../../simulator/statistics.ts';
import { swarmPlan } from '../../simulator/swarm.ts';

/** Seeds of the ordinary run; `npm run test:long` has 200, `npm run simulate -- --seeds 1..10000` is longer. */
const SEEDS = 8;
const CAMPAIGN_TIMEOUT_MS = 300_000;
const crypto = nativeCrypto();

/** What a failed seed needs to be looked into. */
function failureOf({ failure, plan }: Outcome): string | null {
  return failure && `npm run simulate -- --seed ${plan.seed}: [${failure.check}] ${failure.message}`;
}

/** How often what a fault does was seen to happen, where that is not what it counts itself. */
function effectsOf(name: FaultName, { figures, trace }: Outcome): number {
  const { dropped, duplicated, reordered } = figures.traffic;
  const effects: Partial<Record<FaultName, number>> = {
    drop: dropped,
    duplication: duplicated,
    reordering: reordered,
    crash: figures.ends.get('crashed') ?? 0,
    restart: figures.ends.get('stopped') ?? 0,
    'full-disk': figures.ends.get('disk') ?? 0,
    'bit-rot': figures.ends.get('damage') ?? 0,
    'slow-disk': Number(trace !== QUIET.trace),
    'slow-lines': Number(trace !== QUIET.trace),
    'clock-skew': Number(trace !== QUIET.trace),
  };
  return effects[name] ?? figures.faultsInjected.get(name) ?? 0;
}

/** For the tests of single faults. */
const SINGLE = { ...DEFAULT_PLAN, seed: 7, nodes: 4, minutes: 4, transactionsPerMinute: 12 };
const QUIET = simulate(SINGLE, crypto);

describe('a simulation', () => {
  it('is the same again from the same seed, and another from another', () => {
    const plan = swarmPlan(3);
    const [first, second, other] = [simulate(plan, crypto), simulate(plan, crypto), simulate(swarmPlan(4), crypto)];
    expect(second.trace).toBe(first.trace);
    expect(second.figures).toEqual(first.figures);
    expect(other.trace).not.toBe(first.trace);
  });

  it('has the connections that the plan names, in either direction, and no others', () => {
    const plan = {
      ...DEFAULT_PLAN,
      seed: 3,
      nodes: 4,
      minutes: 2,
      connections: [
        [0, 1],
        [2, 1],
        [2, 3],
      ] as const,
    };
    const steps = simulateInSteps(plan, crypto, {
      onEnd: ({ network }) => {
        const pairs = [...network.links()].map(({ nodes }) => nodes.map(({ index }) => index));
        expect(pairs.sort()).toEqual([
          [0, 1],
          [2, 1],
          [2, 3],
        ]);
      },
    });
    let step = steps.next(true);
    while (!step.done) step = steps.next(true);
    expect(failureOf(step.value)).toBeNull();
    expect.assertions(2);
  });

  it('under weather holds every check, and repeats itself', () => {
    const cut = { from: 0, to: 1, conditions: { ...CLEAR, cut: true } };
    const rough = { ...CLEAR, delayMs: [200, 900], bytesPerSecond: 20_000, loss: 0.02 } as const;
    const plan = {
      ...DEFAULT_PLAN,
      seed: 5,
      nodes: 3,
      minutes: 10,
      transactionsPerMinute: 6,
      links: [cut, { from: 1, to: 2, conditions: rough }, { from: 2, to: 1, conditions: rough }],
      events: [{ atSeconds: 300, action: { kind: 'links', links: [{ ...cut, conditions: CLEAR }] } }] as const,
    };
    const outcome = simulateTwice(plan, crypto);
    expect(failureOf(outcome)).toBeNull();
    expect(outcome.figures.traffic.lost).toBeGreaterThan(0);
    expect(simulate({ ...plan, links: [] }, crypto).trace).not.toBe(outcome.trace);
  });

  it(`holds every check in seeds 1 to ${SEEDS}, each run twice`, { timeout: CAMPAIGN_TIMEOUT_MS }, () => {
    const outcomes = Array.from({ length: SEEDS }, (_, i) => simulateTwice(swarmPlan(i + 1), crypto));
    expect(outcomes.map(failureOf).filter((failure) => failure !== null)).toEqual([]);
    // They went through something.
    const injected = new Set(outcomes.flatMap(({ figures }) => [...figures.faultsInjected.keys()]));
    expect(injected.size).toBeGreaterThan(FAULT_NAMES.length / 2);
    expect(outcomes.some(({ figures }) => [...figures.reorgs.keys()].some((depth) => depth > 2))).toBe(true);
    for (const { figures } of outcomes) expect(figures.blocks).toBeGreaterThan(0);
  });

  it.each(FAULT_NAMES)('injects %s, alone and at full strength, and the network heals', (name) => {
    const outcome = simulate({ ...SINGLE, faults: new Map([[name, 1]]) }, crypto);
    expect(failureOf(outcome)).toBeNull();
    expect(effectsOf(name, outcome)).toBeGreaterThan(0);
  });

  it('leaves out a fault without changing what the others do', () => {
    const plan = { ...DEFAULT_PLAN, seed: 9, nodes: 3, minutes: 3 };
    const restarts = (names: readonly FaultName[]): number | undefined =>
      simulate({ ...plan, faults: new Map(names.map((name) => [name, 1])) }, crypto).figures.faultsInjected.get(
        'restart',
      );
    expect(restarts(['restart'])).toBeGreaterThan(0);
    expect(restarts(['restart', 'clock-skew'])).toBe(restarts(['restart']));
  });

  it('forks where it is parted, and agrees when it is whole again', () => {
    const outcome = simulate(
      {
        ...DEFAULT_PLAN,
        seed: 5,
        nodes: 6,
        minutes: 8,
        events: [
          {
            atSeconds: 60,
            action: {
              kind: 'partition',
              groups: [
                [0, 1, 2],
                [3, 4, 5],
              ],
            },
          },
          { atSeconds: 360, action: { kind: 'heal' } },
        ],
      },
      crypto,
    );
    expect(failureOf(outcome)).toBeNull();
    expect(Math.max(...outcome.figures.reorgs.keys())).toBeGreaterThan(4);
    expect(outcome.figures.staleBlocks).toBeGreaterThan(4);
  });

  it('has a selfish miner with 35 % of the hashrate earn more than its share, and cost the others blocks', () => {
    const plan = { ...DEFAULT_PLAN, seed: 11, nodes: 4, minutes: 120, heals: false };
    const faults = new Map([['selfish-miner', 1]] as const);
    const { blocks, staleBlocks, miners } = simulate({ ...plan, faults }, crypto).figures;
    expect((miners.get(plan.nodes) ?? 0) / blocks).toBeGreaterThan(0.35);
    expect(staleBlocks / blocks).toBeGreaterThan(0.2);
    const honest = simulate(plan, crypto).figures;
    expect(honest.staleBlocks / honest.blocks).toBeLessThan(0.05);
    expect([...honest.miners.values()].reduce((sum, count) => sum + count, 0)).toBe(honest.blocks);
  });
});

describe('quantiles', () => {
  it('are values of the list, by nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect(quantilesOf(values)).toEqual({ median: 50, p90: 90, p99: 99 });
    expect(quantilesOf([7])).toEqual({ median: 7, p90: 7, p99: 7 });
    expect(quantilesOf([])).toBeNull();
  });
});
