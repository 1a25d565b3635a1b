import type { Effect } from '../../protocol/effects.ts';
import type { NodeEvent } from '../../protocol/events.ts';
import type { SimulatedNode } from '../simulated-node.ts';

/** What must always hold does not. */
export class CheckFailure extends Error {
  override readonly name = 'CheckFailure';
  /** Which check it is, by the name of its part. */
  readonly check: string;
  readonly node: SimulatedNode | null;

  constructor(check: string, node: SimulatedNode | null, message: string) {
    super(message);
    this.check = check;
    this.node = node;
  }
}

/** Watches one honest node. Every method may throw `CheckFailure`. */
export interface NodeCheck {
  /** The node starts on what it has stored; its core is loaded, and nothing has happened yet. */
  onStarted?(): void;
  /** The core gave these effects; nothing of them is done yet. */
  onHandled?(event: NodeEvent, effects: readonly Effect[]): void;
  /** All that was handled until now is durable. */
  onCommitted?(): void;
  /** This effect leaves the node. Only a question to a peer may leave before what was handled with it is durable. */
  onPerformed?(effect: Effect): void;
  /** The node rests: all that came of its events is durable and has left. */
  onSettled?(): void;
  /** Asked now and then of a node that rests: for what takes longer to look at. */
  inspect?(): void;
}
