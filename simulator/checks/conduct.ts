import type { Effect } from '../../protocol/effects.ts';
import { BYE } from '../../protocol/peers.ts';
import type { SimulatedNode } from '../simulated-node.ts';
import type { Simulation } from '../simulation.ts';
import { CheckFailure, type NodeCheck } from './check.ts';

/**
 * Honest nodes never punish each other, whatever happens to their messages and whatever other nodes do, and keep the
 * connections that they have opened however many callers there are.
 */
export class ConductCheck implements NodeCheck {
  readonly #node: SimulatedNode;
  readonly #simulation: Simulation;

  constructor(node: SimulatedNode, simulation: Simulation) {
    this.#node = node;
    this.#simulation = simulation;
  }

  onPerformed(effect: Effect): void {
    if (effect.type !== 'disconnect') return;
    if (effect.code === BYE.full && this.#simulation.network.isCaller(effect.peer))
      throw new CheckFailure('conduct', this.#node, 'ends a connection of its own to make room for a caller');
    if (effect.code !== BYE.misbehaviour) return;
    const other = this.#simulation.network.otherEnd(effect.peer);
    if (!other || !this.#simulation.isHonest(other)) return;
    throw new CheckFailure('conduct', this.#node, `punishes the honest node ${other.index}: ${effect.reason}`);
  }
}
