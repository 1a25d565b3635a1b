import type { Socket } from 'node:net';
import { clientOf } from '../transport/remote-address.ts';
import { RoundRobin } from './round-robin.ts';

/** Who has asked for work. */
export interface Requester {
  /** Address of the client; see `clientOf`. */
  readonly client: string;
  /** Which of its connections; destroyed once the client is gone. */
  readonly connection: { readonly destroyed: boolean };
}

/** Stands for work that no client has asked for. */
export const NODE_ITSELF: Requester = { client: '', connection: { destroyed: false } };

/** The client at the other end of a connection. */
export function requesterOn(connection: Socket): Requester {
  return { client: clientOf(connection.remoteAddress), connection };
}

/**
 * Starts one piece of long work per iteration of the event loop. Short work runs in between: sockets are read, short
 * queries answered, blocks connected. Without it, a hundred long queries that arrive together would run back to back, and
 * every other client would wait for all of them. The queue is bounded by the limits on connections and on operations per
 * socket.
 *
 * Scheduling is round robin, first over clients, then over the connections of each client, so that one client's backlog
 * does not delay another's request. On loopback and behind a proxy all clients have one address; there the connections
 * separate heavy from light users. Connections are not the first criterion, since one client may have hundreds of them.
 * Work of one connection keeps its order.
 */
export class FairQueue {
  readonly #waiting = new RoundRobin<() => void>();

  /** Resolves when the requester may start: in the next iteration of the event loop if nothing else waits. */
  waitForTurn(requester: Requester = NODE_ITSELF): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiting.isEmpty) setImmediate(this.#serve);
      this.#waiting.add(requester, resolve);
    });
  }

  readonly #serve = (): void => {
    this.#waiting.take()?.();
    if (!this.#waiting.isEmpty) setImmediate(this.#serve);
  };
}
