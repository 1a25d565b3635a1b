import type { NodeEvent } from '../../protocol/events.ts';
import { FAULTS_THAT_MUTE } from '../faults/names.ts';
import type { SimulatedNode } from '../simulated-node.ts';
import type { Simulation } from '../simulation.ts';
import { CheckFailure } from './check.ts';

/** Longest life of a connection that was on its way when an operator disconnected two nodes. */
const PASSING_MS = 5_000;

/** Two honest nodes that an operator has disconnected stay disconnected until an operator connects them or one restarts. */
export class PartingCheck {
  readonly #simulation: Simulation;
  readonly #applies: boolean;
  /** Pairs that are parted, and since when. */
  readonly #parted = new Map<string, number>();

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    const { faults, events, links } = simulation.plan;
    this.#applies =
      events.length + links.length === 0 && ![...faults.keys()].some((name) => FAULTS_THAT_MUTE.has(name));
  }

  onHandled(node: SimulatedNode, event: NodeEvent): void {
    if (!this.#applies) return;
    const { network, honest, nowMs } = this.#simulation;
    if (event.type === 'disconnect-peer') {
      const other = network.otherEnd(event.peer);
      if (other) this.#parted.set(pairOf(node, other), nowMs);
    } else if (event.type === 'connect-peer') {
      const other = honest.find(({ url }) => url === event.url);
      if (other) this.#parted.delete(pairOf(node, other));
    }
  }

  /** To be called about once a second. */
  look(): void {
    const { network, nowMs } = this.#simulation;
    for (const { nodes, openedMs } of this.#parted.size > 0 ? network.links() : []) {
      const [a, b] = nodes;
      const sinceMs = this.#parted.get(pairOf(a, b));
      if (sinceMs === undefined || nowMs - Math.max(sinceMs, openedMs) < PASSING_MS) continue;
      throw new CheckFailure(
        'parting',
        a,
        `is connected to node ${b.index}, though an operator has disconnected the two`,
      );
    }
  }
}

/** Two processes, in any order. */
function pairOf(a: SimulatedNode, b: SimulatedNode): string {
  return [a, b]
    .map(({ index, life }) => `${index}.${life}`)
    .sort()
    .join(' ');
}
