import type { Effect } from './effects.ts';
import type { PeerId } from './events.ts';
import type { StoreWrite } from './store-writes.ts';

/** An effect that leaves the node: all but writes to its own store. */
export type OutwardEffect = Exclude<Effect, { type: 'persist' }>;

/** What a host does with the effects of one event before it passes the next one to the core. */
export interface Admitted {
  /** To be applied, in order, to the transaction of the store that is open. The core reads them from now on. */
  readonly writes: readonly StoreWrite[];
  /** To be performed, in order, without waiting for the disk. */
  readonly atOnce: readonly OutwardEffect[];
}

/**
 * The rule that every host of the core follows: **persist, then tell; only a question that tells nothing overtakes.**
 *
 * Events that wait are handled inside one transaction of the store, so that many of them share one flush to disk. What
 * they make the node say (messages, replies, notices) must not leave before that flush is done: a power cut would leave
 * others with an answer that the node has forgotten. So it is held back here, and released after the commit in the order
 * in which the core gave it. The exception is a question to a peer (`isQuestion`), which tells nothing that could be lost:
 * it leaves at once, and the peer works on the answer while the disk writes. If another message to the same peer is held
 * back, the question waits behind it, because a peer sees the messages of a node in order.
 *
 * A host makes one outbox for each transaction and drops it where the transaction fails:
 *
 * ```ts
 * const outbox = new Outbox();
 * store.transaction((apply) => {
 *   for (const event of waitingEvents) {
 *     const { writes, atOnce } = outbox.admit(core.handleEvent(event, now()));
 *     if (writes.length > 0) apply(writes);
 *     for (const effect of atOnce) perform(effect);
 *   }
 * }); // Returns when all is durable.
 * for (const effect of outbox.release()) perform(effect);
 * ```
 */
export class Outbox {
  #held: OutwardEffect[] = [];
  /** Peers to which a message is held back. */
  readonly #heldPeers = new Set<PeerId>();

  /** Accepts the effects of one event, in order, and returns what is to be done with them now. */
  admit(effects: readonly Effect[]): Admitted {
    const writes: StoreWrite[] = [];
    const atOnce: OutwardEffect[] = [];
    for (const effect of effects) {
      if (effect.type === 'persist') for (const write of effect.writes) writes.push(write);
      else if (effect.type !== 'send') this.#held.push(effect);
      else if (effect.isQuestion && !this.#heldPeers.has(effect.peer)) atOnce.push(effect);
      else {
        this.#heldPeers.add(effect.peer);
        this.#held.push(effect);
      }
    }
    return { writes, atOnce };
  }

  /** All admitted writes are durable: returns what was held back, to be performed in this order. */
  release(): OutwardEffect[] {
    const released = this.#held;
    this.#held = [];
    this.#heldPeers.clear();
    return released;
  }
}
