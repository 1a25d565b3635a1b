/** Something that went from one node to another, or came up on one. */
export interface GossipHop {
  readonly kind: 'block' | 'transaction';
  /** Block hash or transaction id. */
  readonly id: string;
  /** Null where it came up on the node itself. */
  readonly from: string | null;
  readonly to: string;
}

/** Reports hops to the listeners that draw them. Nothing is kept: gossip that nobody looks at is gone. */
export class Gossip {
  readonly #listeners = new Set<(hop: GossipHop) => void>();

  /** @returns ends the listening */
  listen(listener: (hop: GossipHop) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  report(hop: GossipHop): void {
    for (const listener of this.#listeners) listener(hop);
  }
}
