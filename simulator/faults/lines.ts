import type { PathConditions } from '../network.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { SimulatedNode } from '../simulated-node.ts';
import type { Simulation } from '../simulation.ts';
import { type Fault, meanWaitMs } from './fault.ts';

const MAX_WAIT_MS = 240_000;
const MIN_WAIT_MS = 10_000;
/** How long a partition lasts, on average. */
const PARTITION_MS = 60_000;
const MAX_DROP = 0.1;
const MAX_DUPLICATION = 0.3;
const MAX_REORDERING = 0.3;
/** The slowest line: a modem of 1996. */
const MIN_BYTES_PER_SECOND = 3_600;
const MAX_BYTES_PER_SECOND = 200_000;
const MAX_DELAY_MS = 3_000;

/** The nodes are split into two groups that cannot reach each other. */
export const partition: Fault = {
  install(simulation, strength) {
    const random = simulation.stream('partition');
    simulation.repeat(random, meanWaitMs(strength, MAX_WAIT_MS, PARTITION_MS), () => {
      const group = new Set(simulation.network.nodes.filter(() => random.chance(0.5)));
      simulation.reportFault('partition', null, { group: [...group].map(({ index }) => index) });
      if (random.chance(0.5)) simulation.network.partition([...group]);
      else silenceBetween(simulation, group);
      healLater(simulation, random);
    });
  },
};

/** A partition that nodes do not notice: connections between the two groups stay open, and carry nothing. */
function silenceBetween({ network }: Simulation, group: ReadonlySet<SimulatedNode>): void {
  for (const from of network.nodes) {
    for (const to of network.nodes) if (group.has(from) !== group.has(to)) network.silence(from, to);
  }
}

/** One direction between two nodes fails, and their connection stays open. */
export const oneWay: Fault = {
  install(simulation, strength) {
    const random = simulation.stream('one-way');
    simulation.repeat(random, meanWaitMs(strength, MAX_WAIT_MS, MIN_WAIT_MS), () => {
      const [from, to] = [random.pick(simulation.honest), random.pick(simulation.honest)];
      if (!from || !to || from === to) return;
      simulation.reportFault('one-way', null, { from: from.index, to: to.index });
      simulation.network.silence(from, to);
      healLater(simulation, random);
    });
  },
};

function healLater(simulation: Simulation, random: SeededRandom): void {
  simulation.runLater(random.exponential(PARTITION_MS), () => {
    simulation.network.heal();
    simulation.report(null, 'all lines work again');
  });
}

/** Connections break. */
export const cut: Fault = {
  install(simulation, strength) {
    const random = simulation.stream('cut');
    simulation.repeat(random, meanWaitMs(strength, MAX_WAIT_MS / 2, MIN_WAIT_MS / 5), () => {
      if (simulation.network.cut(random)) simulation.reportFault('cut');
    });
  },
};

/** Single messages do not arrive, and their connections go on without them. */
export const drop: Fault = {
  install: (simulation, strength) => degrade(simulation, () => ({ drop: strength * MAX_DROP })),
};

/** Messages arrive twice. */
export const duplication: Fault = {
  install: (simulation, strength) => degrade(simulation, () => ({ duplication: strength * MAX_DUPLICATION })),
};

/** Messages overtake each other. */
export const reordering: Fault = {
  install: (simulation, strength) => degrade(simulation, () => ({ reordering: strength * MAX_REORDERING })),
};

/** Some lines are slow and narrow. */
export const slowLines: Fault = {
  install(simulation, strength) {
    const random = simulation.stream('slow-lines');
    simulation.reportFault('slow-lines');
    degrade(simulation, () => (random.chance(0.3 + strength / 2) ? slowPath(random, strength) : {}));
  },
};

function slowPath(random: SeededRandom, strength: number): Partial<PathConditions> {
  const most = random.fraction() * strength * MAX_DELAY_MS;
  const speed = (MIN_BYTES_PER_SECOND / MAX_BYTES_PER_SECOND) ** (strength * random.fraction());
  return { delayMs: [most / 2, most + 1], bytesPerSecond: MAX_BYTES_PER_SECOND * speed };
}

/** Makes the paths between nodes worse, each as `change` says when the path is first used. */
function degrade(simulation: Simulation, change: () => Partial<PathConditions>): void {
  const { network } = simulation;
  const before = network.pathOf;
  const paths = new Map<number, PathConditions>();
  network.pathOf = (from, to) => {
    const key = from.index * network.nodes.length + to.index;
    const known = paths.get(key);
    if (known) return known;
    const path = { ...before(from, to), ...change() };
    paths.set(key, path);
    return path;
  };
  simulation.onHeal(() => {
    network.pathOf = before;
  });
}
