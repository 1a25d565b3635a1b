import { nativeCrypto } from '../../simulator/command/native-crypto.ts';
import { simulate } from '../../simulator/run.ts';
import { DEFAULT_PLAN } from '../../simulator/scenario.ts';
import { inTurns, lawOf } from '../measure.ts';
import type { Question } from '../question.ts';

const ROUNDS = 3;
/** Nodes, and for how many virtual minutes. */
const NETWORKS = [
  { nodes: 1_000, minutes: 5 },
  { nodes: 100, minutes: 30 },
  { nodes: 10, minutes: 120 },
] as const;
const MINERS = 10;
const MINUTES_PER_HOUR = 60;

/** A network of this many nodes, ten of which mine, with every check; real seconds that it took. */
function run(nodes: number, minutes: number): number {
  const startMs = performance.now();
  const hashShares = Array.from({ length: MINERS }, () => 1);
  const plan = { ...DEFAULT_PLAN, seed: nodes, nodes, minutes, hashShares, heals: false };
  const { failure } = simulate(plan, nativeCrypto());
  if (failure) throw new Error(`the simulation failed: ${failure.message}`);
  return (performance.now() - startMs) / 1_000;
}

/** How much network time the simulator gets through. */
export const simulator: Question = {
  name: 'simulator',
  title: 'Simulated network',
  async run() {
    run(MINERS, 1);
    const candidates = await inTurns(
      ROUNDS,
      NETWORKS.map(({ nodes, minutes }) => ({
        label: `${nodes} nodes`,
        measure: () => (nodes * minutes) / MINUTES_PER_HOUR / run(nodes, minutes),
      })),
    );
    const [largest] = candidates;
    return {
      unit: 'node-hours/s',
      candidates,
      results: [{ what: `${NETWORKS[0].nodes} nodes`, value: largest?.median ?? 0, unit: 'node-hours/s', goal: null }],
      growth: [
        lawOf(
          'The time for an hour of the network',
          candidates.map(({ median }, i) => {
            const size = NETWORKS[i]?.nodes ?? 0;
            return { size, cost: size / median };
          }),
        ),
      ],
      notes: ['Ten miners, a block every ten seconds, 10 to 100 ms between two nodes, every check; one core.'],
    };
  },
};
