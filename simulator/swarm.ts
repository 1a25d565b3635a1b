import { FAULT_NAMES, FAULTS_THAT_DELAY, FAULTS_THAT_MUTE, type FaultName } from './faults/names.ts';
import type { Plan } from './plan.ts';
import { randomStream } from './seeded-random.ts';

const MIN_NODES = 3;
const MAX_NODES = 6;
const MIN_MINUTES = 1;
const MAX_MINUTES = 3;
const SPACING_SECONDS = 10;
/**
 * The shares of runs without faults that delay messages between honest nodes, and without those that suppress them; other
 * faults are more likely there. In these runs the checks of time, and of what operators want, apply.
 */
const PROMPT_SHARE = 0.3;
const AUDIBLE_SHARE = 0.15;
const OTHER_FAULT_SHARE = 0.3;
/** Each fault is in about a quarter of all runs: enough to meet others, few enough to be seen alone (Groce et al., "Swarm testing", 2012). */
const FAULT_SHARE = 0.22;
const MAX_TRANSACTIONS_PER_MINUTE = 30;
const MAX_DELAY_MS = 800;

const NO_FAULTS: ReadonlySet<FaultName> = new Set();

/** A plan that only the seed decides: some nodes and some faults, each of random strength. */
export function swarmPlan(seed: number, overrides: Partial<Plan> = {}): Plan {
  const random = randomStream(seed, 'swarm');
  const nodes = MIN_NODES + random.below(MAX_NODES - MIN_NODES + 1);
  const least = random.between(1, MAX_DELAY_MS / 2);
  const faults = new Map<FaultName, number>();
  const kind = random.fraction();
  const excluded =
    kind < PROMPT_SHARE ? FAULTS_THAT_DELAY : kind < PROMPT_SHARE + AUDIBLE_SHARE ? FAULTS_THAT_MUTE : NO_FAULTS;
  for (const name of FAULT_NAMES) {
    const strength = random.fraction();
    const isDrawn = random.chance(excluded === NO_FAULTS ? FAULT_SHARE : OTHER_FAULT_SHARE);
    if (isDrawn && !excluded.has(name)) faults.set(name, strength);
  }
  return {
    name: `swarm ${seed}`,
    seed,
    nodes,
    outbound: 1 + random.below(3),
    connections: null,
    minutes: MIN_MINUTES + random.below(MAX_MINUTES - MIN_MINUTES + 1),
    spacingSeconds: SPACING_SECONDS,
    delayMs: [least, least + random.between(0, MAX_DELAY_MS / 2)],
    bytesPerSecond: null,
    links: [],
    hashShares: random.chance(0.3) ? Array.from({ length: nodes }, () => random.fraction() ** 3) : null,
    transactionsPerMinute: random.below(MAX_TRANSACTIONS_PER_MINUTE),
    contractShare: 0,
    events: [],
    heals: true,
    faults,
    ...overrides,
  };
}
