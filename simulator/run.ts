import { checkAgreement } from './checks/agreement.ts';
import { CheckFailure } from './checks/check.ts';
import { Inspector, type LogEntry } from './checks/inspector.ts';
import { startClients } from './clients.ts';
import { FAULTS } from './faults/catalogue.ts';
import type { PathConditions } from './network.ts';
import type { Plan, TimedAction } from './plan.ts';
import type { SimulatedNode } from './simulated-node.ts';
import { type Crypto, Simulation } from './simulation.ts';
import type { Figures } from './statistics.ts';
import { Trace } from './trace.ts';

const MS_PER_SECOND = 1_000;
const MS_PER_MINUTE = 60_000;
/** Progress is told so often, in virtual time. */
const PROGRESS_MS = 30_000;
/** How much the delay of a message varies around that of its path, as a share of it. */
const JITTER = 0.1;
/** Above this the topology is what the plan says, and nodes do not look for further peers. */
const MOST_NODES_THAT_GOSSIP = 50;

/** What did not hold in a simulation, where and when. */
export interface Failure {
  /** The part that found it: a check's name, `crash` where a node threw, `determinism`. */
  readonly check: string;
  readonly message: string;
  /** Number of the node; null where it is nobody's alone. */
  readonly node: number | null;
  readonly atSeconds: number;
  readonly stack: string | null;
}

export interface Outcome {
  readonly plan: Plan;
  readonly failure: Failure | null;
  readonly figures: Figures;
  /** Digest of everything that happened. */
  readonly trace: string;
}

/** Who is told of a simulation while it runs. */
export interface Audience {
  /** The share that is done, from 0 to 1. */
  progress?(share: number): void;
  /** A node logs something. */
  log?(atSeconds: number, node: SimulatedNode, entry: LogEntry): void;
}

/** Runs a simulation to its end, or to the first thing that does not hold. */
export function simulate(plan: Plan, crypto: Crypto, audience: Audience = {}): Outcome {
  const trace = new Trace();
  let inspector: Inspector | undefined;
  const simulation = new Simulation(plan, crypto, (each) => {
    inspector = new Inspector(each, trace, (node, entry) => audience.log?.(each.nowMs / MS_PER_SECOND, node, entry));
    return inspector;
  });
  let failure: Failure | null = null;
  try {
    build(simulation);
    runToHealing(simulation, audience);
    if (plan.heals) {
      simulation.heal();
      checkAgreement(simulation);
    }
    for (const node of simulation.runningHonest()) inspector?.inspect(node);
  } catch (error) {
    failure = failureOf(error, simulation);
  }
  return { plan, failure, figures: simulation.statistics.figures(), trace: trace.digest() };
}

/** As `simulate`, twice: a run that is not the same the second time is a failure, whatever else it shows. */
export function simulateTwice(plan: Plan, crypto: Crypto, audience: Audience = {}): Outcome {
  const first = simulate(plan, crypto, audience);
  const second = simulate(plan, crypto);
  if (first.trace === second.trace) return first;
  const message = `two runs of the same seed differ: ${first.trace} and ${second.trace}`;
  return { ...first, failure: { check: 'determinism', message, node: null, atSeconds: 0, stack: null } };
}

function build(simulation: Simulation): void {
  const { plan, network, honest } = simulation;
  network.pathOf = distances(simulation);
  const topology = simulation.stream('topology');
  const miners = plan.hashShares?.filter((share) => share > 0).length ?? plan.nodes;
  const total = plan.hashShares?.reduce((sum, share) => sum + share, 0) ?? plan.nodes;
  for (let index = 0; index < plan.nodes; index++) {
    const peers = new Set(Array.from({ length: Math.min(plan.outbound, index) }, () => topology.below(index)));
    const share = (plan.hashShares ? (plan.hashShares[index] ?? 0) : 1) / total;
    const hashrate = simulation.equalHashrate(miners) * miners * share;
    const node = network.addNode({ peers: [...peers], hashrate, learnAddresses: plan.nodes <= MOST_NODES_THAT_GOSSIP });
    honest.push(node);
    if (simulation.mines(node)) simulation.setMining(node, 'continuous');
  }
  for (const [name, strength] of plan.faults) FAULTS[name].install(simulation, strength);
  startClients(simulation);
  for (const { atSeconds, action } of plan.events) {
    network.clock.schedule(atSeconds * MS_PER_SECOND, () => perform(simulation, action));
  }
}

/** Each pair of nodes has a distance of its own, the same in both directions. */
function distances(simulation: Simulation): (from: { index: number }, to: { index: number }) => PathConditions {
  const { plan } = simulation;
  const [least, most] = plan.delayMs;
  const random = simulation.stream('distances');
  const places = Array.from({ length: plan.nodes }, () => random.fraction());
  const placeOf = (index: number): number => places[index % places.length] ?? 0;
  const common = { bytesPerSecond: plan.bytesPerSecond, loss: 0, duplication: 0, reordering: 0 };
  return (from, to) => {
    const delayMs = least + Math.abs(placeOf(from.index) - placeOf(to.index)) * (most - least);
    return { delayMs: [delayMs * (1 - JITTER), delayMs * (1 + JITTER)], ...common };
  };
}

function perform(simulation: Simulation, action: TimedAction): void {
  const { network, honest } = simulation;
  switch (action.kind) {
    case 'partition': {
      const groups = action.groups.map((group) => group.flatMap((index) => network.nodes[index] ?? []));
      return network.partition(...groups);
    }
    case 'heal':
      return network.heal();
    case 'crash':
      return honest[action.node]?.kill();
    case 'start': {
      const node = honest[action.node];
      if (node && !node.isRunning) simulation.revive(node);
      return;
    }
    case 'hashrate': {
      const node = honest[action.node];
      if (!node) return;
      node.hashrate = simulation.equalHashrate(simulation.plan.nodes) * action.factor;
      simulation.setMining(node, action.factor > 0 ? 'continuous' : 'off');
    }
  }
}

function runToHealing(simulation: Simulation, audience: Audience): void {
  const endMs = simulation.plan.minutes * MS_PER_MINUTE;
  while (simulation.nowMs < endMs) {
    simulation.network.runFor(Math.min(PROGRESS_MS, endMs - simulation.nowMs));
    audience.progress?.(simulation.nowMs / endMs);
  }
}

function failureOf(thrown: unknown, simulation: Simulation): Failure {
  const atSeconds = simulation.nowMs / MS_PER_SECOND;
  const error = thrown instanceof Error && thrown.cause instanceof CheckFailure ? thrown.cause : thrown;
  if (error instanceof CheckFailure)
    return { check: error.check, message: error.message, node: error.node?.index ?? null, atSeconds, stack: null };
  const message = error instanceof Error ? error.message : String(error);
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const stack = cause instanceof Error ? (cause.stack ?? null) : null;
  return { check: 'crash', message, node: null, atSeconds, stack };
}
