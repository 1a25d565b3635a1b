import { REGTEST } from '../../consensus/networks.ts';
import { SimulatedNetwork } from '../../simulator/network.ts';
import { inTurns, lawOf } from '../measure.ts';
import type { Question } from '../question.ts';

const ROUNDS = 3;
const SIZES = [10, 30, 100] as const;
const VIRTUAL_MINUTES = 30;
const MS_PER_MINUTE = 60_000;
const MINUTES_PER_HOUR = 60;
/** Connections that each node opens, to nodes before it. */
const DEGREE = 3;
/** Hashes per second of the whole network: every second hash is a block, so that one comes every ten seconds. */
const NETWORK_HASHRATE = 0.2;

/** A network of so many nodes that mine, gossip and fork for a while; real seconds that it took. */
function simulate(nodes: number): number {
  const network = new SimulatedNetwork({ seed: nodes, params: REGTEST });
  const startMs = performance.now();
  for (let i = 0; i < nodes; i++) {
    const peers = Array.from({ length: Math.min(i, DEGREE) }, (_, k) => (i * 7 + k * 3) % i);
    const node = network.addNode({
      peers: [...new Set(peers)],
      hashrate: NETWORK_HASHRATE / nodes,
      learnAddresses: false,
    });
    node.request((request) => ({
      type: 'set-mining',
      request,
      mode: 'continuous',
      threads: null,
      intervalMs: null,
      hashrateLimit: null,
      recipient: null,
    }));
  }
  network.runFor(VIRTUAL_MINUTES * MS_PER_MINUTE);
  return (performance.now() - startMs) / 1_000;
}

/** How much network time the simulator gets through. */
export const simulator: Question = {
  name: 'simulator',
  title: 'Simulated network',
  async run() {
    simulate(SIZES[0]);
    const candidates = await inTurns(
      ROUNDS,
      SIZES.toReversed().map((nodes) => ({
        label: `${nodes} nodes, each mining`,
        measure: () => (nodes * VIRTUAL_MINUTES) / MINUTES_PER_HOUR / simulate(nodes),
      })),
    );
    const [most] = candidates;
    const sizes = SIZES.toReversed();
    return {
      unit: 'node-hours/s',
      candidates,
      results: [{ what: `${SIZES[2]} nodes`, value: most?.median ?? 0, unit: 'node-hours/s', goal: null }],
      growth: [
        lawOf(
          'The time for an hour of the network',
          candidates.map(({ median }, i) => ({ size: sizes[i] ?? 0, cost: (sizes[i] ?? 0) / median })),
        ),
      ],
      notes: [
        `${VIRTUAL_MINUTES} virtual minutes, a block every ten seconds somewhere, delays of 5 to 15 ms, one core.`,
      ],
    };
  },
};
