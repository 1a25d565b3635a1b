import type { Effect } from '../../protocol/effects.ts';
import type { SimulatedNode } from '../simulated-node.ts';
import { Trace } from '../trace.ts';
import { CheckFailure, type NodeCheck } from './check.ts';

/** How often a node may ask the same peer the same question … */
const MAX_REPETITIONS = 40;
/** … within this time. */
const WINDOW_MS = 60_000;

/** No node asks the same peer the same question over and over. */
export class StormCheck implements NodeCheck {
  readonly #node: SimulatedNode;
  readonly #asked = new Map<string, number>();
  #windowMs = 0;

  constructor(node: SimulatedNode) {
    this.#node = node;
  }

  onPerformed(effect: Effect): void {
    if (effect.type !== 'send' || !effect.isQuestion) return;
    const nowMs = this.#node.clock.instant().monotonicMs;
    if (nowMs - this.#windowMs >= WINDOW_MS) {
      this.#windowMs = nowMs;
      this.#asked.clear();
    }
    const digest = new Trace();
    digest.addText(effect.peer);
    digest.addBytes(effect.bytes);
    const question = digest.digest();
    const times = (this.#asked.get(question) ?? 0) + 1;
    this.#asked.set(question, times);
    if (times <= MAX_REPETITIONS) return;
    const message = `asks the same peer the same (message kind ${effect.bytes[0]}) ${times} times in a minute`;
    throw new CheckFailure('storm', this.#node, message);
  }
}
