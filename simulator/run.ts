import { checkAgreement } from './checks/agreement.ts';
import { CheckFailure } from './checks/check.ts';
import { Inspector, type LogEntry } from './checks/inspector.ts';
import { startClients } from './clients.ts';
import { distancesOf } from './distances.ts';
import { FAULTS } from './faults/catalogue.ts';
import { CLEAR_PATH, type PathConditions } from './network.ts';
import type { Plan, PlannedLink, TimedAction } from './plan.ts';
import type { SimulatedNode } from './simulated-node.ts';
import { type Crypto, Simulation } from './simulation.ts';
import type { Figures } from './statistics.ts';
import { Trace } from './trace.ts';

const MS_PER_SECOND = 1_000;
const MS_PER_MINUTE = 60_000;
/** Interval at which progress is reported, in virtual time. */
const PROGRESS_MS = 30_000;
/** Interval of the checks that compare nodes. */
const COMPARISON_MS = 1_000;
/** Above this the topology is what the plan says, and nodes do not look for further peers. */
const MAX_NODES_THAT_GOSSIP = 50;

/** What did not hold in a simulation, where and when. */
export interface SimulationFailure {
  /** The part that found it: a check's name, `crash` where a node threw, `determinism`. */
  readonly check: string;
  readonly message: string;
  /** Number of the node; null where the failure is not that of one node. */
  readonly node: number | null;
  readonly atSeconds: number;
  readonly stack: string | null;
}

export interface Outcome {
  readonly plan: Plan;
  readonly failure: SimulationFailure | null;
  /** Given up before its end: nothing failed until then. */
  readonly isPartial: boolean;
  readonly figures: Figures;
  /** Digest of everything that happened. */
  readonly trace: string;
}

/** Something that a node logs, or that happens to it; `node` is null where it happens to the network. */
export interface LogLine extends Pick<LogEntry, 'level' | 'message'> {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly atSeconds: number;
  readonly node: SimulatedNode | null;
}

/** Callbacks of a simulation. */
export interface SimulationListener {
  onLog?(line: LogLine): void;
  /** The simulation has ended, and can be examined beyond its outcome. */
  onEnd?(simulation: Simulation): void;
}

/**
 * Runs a simulation to its end, or to the first check that does not hold.
 * @param shouldContinue asked after each step; false ends the run, which then has its figures so far
 */
export function simulate(plan: Plan, crypto: Crypto, shouldContinue: () => boolean = () => true): Outcome {
  const steps = simulateInSteps(plan, crypto);
  let step = steps.next(true);
  while (!step.done) step = steps.next(shouldContinue());
  return step.value;
}

/**
 * As `simulate`, for callers that do other work between steps: yields the share that is done, from 0 to 1, and receives
 * whether to continue. A run that is ended early has its figures so far.
 */
export function* simulateInSteps(
  plan: Plan,
  crypto: Crypto,
  listener: SimulationListener = {},
): Generator<number, Outcome, boolean> {
  const trace = new Trace();
  let inspector: Inspector | undefined;
  const log = (node: SimulatedNode | null, entry: Omit<LogLine, 'atSeconds' | 'node'>): void =>
    listener.onLog?.({ ...entry, node, atSeconds: secondsOf(simulation) });
  const simulation: Simulation = new Simulation(
    plan,
    crypto,
    (each) => {
      inspector = new Inspector(each, trace, log);
      return inspector;
    },
    (node, message, fields) => log(node, { level: 'info', message, fields }),
  );
  let failure: SimulationFailure | null = null;
  let isPartial = false;
  try {
    build(simulation);
    if (inspector) scheduleComparison(simulation, inspector);
    isPartial = !(yield* runToHealing(simulation));
    if (plan.heals && !isPartial) {
      simulation.heal();
      for (const _ of checkAgreement(simulation)) {
        isPartial = !(yield 1);
        if (isPartial) break;
      }
    }
    for (const node of simulation.runningHonest()) inspector?.inspect(node);
  } catch (error) {
    failure = failureOf(error, simulation);
  }
  listener.onEnd?.(simulation);
  return { plan, failure, isPartial, figures: simulation.statistics.figures(), trace: trace.digest() };
}

/** Schedules the comparison of nodes, again after each; less often in large networks, where it takes long. */
function scheduleComparison(simulation: Simulation, inspector: Inspector): void {
  const delayMs = COMPARISON_MS * Math.max(1, simulation.plan.nodes / MAX_NODES_THAT_GOSSIP);
  simulation.network.clock.schedule(delayMs, () => {
    inspector.compareNodes();
    scheduleComparison(simulation, inspector);
  });
}

function secondsOf({ nowMs }: Simulation): number {
  return nowMs / MS_PER_SECOND;
}

/** As `simulate`, twice: a run that is not the same the second time is a failure, whatever else it shows. */
export function simulateTwice(plan: Plan, crypto: Crypto, shouldContinue?: () => boolean): Outcome {
  const first = simulate(plan, crypto, shouldContinue);
  return compareRuns(first, simulate(plan, crypto, shouldContinue));
}

/** The outcome of two runs of one plan: the first, failed where the second differs. Runs that were ended early are not compared. */
export function compareRuns(first: Outcome, second: Outcome): Outcome {
  if (first.isPartial || second.isPartial) return { ...first, isPartial: true };
  if (first.trace === second.trace) return first;
  const message = `two runs of the same seed differ: ${first.trace} and ${second.trace}`;
  return { ...first, failure: { check: 'determinism', message, node: null, atSeconds: 0, stack: null } };
}

function build(simulation: Simulation): void {
  const { plan, network, honest } = simulation;
  network.pathOf = distances(simulation);
  const topology = simulation.stream('topology');
  const drawEarlier = (index: number): number[] =>
    Array.from({ length: Math.min(plan.outbound, index) }, () => topology.below(index));
  // A topology that is given stays what it is.
  const learnAddresses = plan.connections === null && plan.nodes <= MAX_NODES_THAT_GOSSIP;
  const miners = plan.hashShares?.filter((share) => share > 0).length ?? plan.nodes;
  const total = plan.hashShares?.reduce((sum, share) => sum + share, 0) ?? plan.nodes;
  for (let index = 0; index < plan.nodes; index++) {
    const peers = new Set(plan.connections ? calledBy(index, plan.connections) : drawEarlier(index));
    const share = (plan.hashShares ? (plan.hashShares[index] ?? 0) : 1) / total;
    const hashrate = simulation.equalHashrate(miners) * miners * share;
    const node = network.addNode({ peers: [...peers], hashrate, learnAddresses });
    honest.push(node);
    if (simulation.mines(node)) simulation.setMining(node, 'continuous');
  }
  setConditions(simulation, plan.links);
  simulation.onHeal(() => network.clearConditions());
  for (const [name, strength] of plan.faults) FAULTS[name].install(simulation, strength);
  startClients(simulation);
  for (const { atSeconds, action } of plan.events) {
    network.clock.schedule(atSeconds * MS_PER_SECOND, () => perform(simulation, action));
  }
}

/** The nodes to which a node opens a connection. */
function calledBy(index: number, connections: NonNullable<Plan['connections']>): number[] {
  return connections.flatMap(([from, to]) => (from === index ? [to] : []));
}

/** The paths of a plan, also to nodes that come on top. */
function distances({ plan }: Simulation): (from: { index: number }, to: { index: number }) => PathConditions {
  const distanceOf = distancesOf(plan);
  return (from, to) => ({ ...CLEAR_PATH, ...distanceOf(from.index, to.index) });
}

function perform(simulation: Simulation, action: TimedAction): void {
  const { network, honest } = simulation;
  const { kind, ...fields } = action;
  simulation.reportFault(kind, null, fields);
  switch (action.kind) {
    case 'partition': {
      const groups = action.groups.map((group) => group.flatMap((index) => network.nodes[index] ?? []));
      return network.partition(...groups);
    }
    case 'heal':
      return network.heal();
    case 'links':
      return setConditions(simulation, action.links);
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

function setConditions({ network, honest }: Simulation, links: readonly PlannedLink[]): void {
  for (const { from, to, conditions } of links) {
    const [sender, receiver] = [honest[from], honest[to]];
    if (sender && receiver) network.setConditions(sender, receiver, conditions);
  }
}

/** Runs until the plan's end. False where it was ended early. */
function* runToHealing(simulation: Simulation): Generator<number, boolean, boolean> {
  const endMs = simulation.plan.minutes * MS_PER_MINUTE;
  while (simulation.nowMs < endMs) {
    simulation.network.runFor(Math.min(PROGRESS_MS, endMs - simulation.nowMs));
    if (!(yield simulation.nowMs / endMs)) return false;
  }
  return true;
}

function failureOf(thrown: unknown, simulation: Simulation): SimulationFailure {
  const atSeconds = secondsOf(simulation);
  const error = thrown instanceof Error && thrown.cause instanceof CheckFailure ? thrown.cause : thrown;
  if (error instanceof CheckFailure)
    return { check: error.check, message: error.message, node: error.node?.index ?? null, atSeconds, stack: null };
  const message = error instanceof Error ? error.message : String(error);
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const stack = cause instanceof Error ? (cause.stack ?? null) : null;
  return { check: 'crash', message, node: null, atSeconds, stack };
}
