import type { Socket } from 'node:net';
import { clientOf } from '../transport/remote-address.ts';

/** Who has asked for work. */
export interface Requester {
  /** Address of the client; see `clientOf`. */
  readonly client: string;
  /** Which of its connections; destroyed once the client is gone. */
  readonly connection: { readonly destroyed: boolean };
}

/** Stands for work that no client has asked for. */
const NODE_ITSELF: Requester = { client: '', connection: { destroyed: false } };

/** The client at the other end of a connection. */
export function requesterOn(connection: Socket): Requester {
  return { client: clientOf(connection.remoteAddress), connection };
}

type Waiting = (() => void)[];

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
  /** The next one to be served is first: of the clients, and of the connections of each. */
  readonly #clients = new Map<string, Map<object, Waiting>>();

  /** Resolves when the requester may start: in the next iteration of the event loop if nothing else waits. */
  waitForTurn({ client, connection }: Requester = NODE_ITSELF): Promise<void> {
    return new Promise((resolve) => {
      if (this.#clients.size === 0) setImmediate(this.#serve);
      const connections = this.#clients.get(client) ?? new Map<object, Waiting>();
      this.#clients.set(client, connections);
      const waiting = connections.get(connection) ?? [];
      connections.set(connection, waiting);
      waiting.push(resolve);
    });
  }

  readonly #serve = (): void => {
    const [next] = this.#clients;
    if (!next) return;
    const [client, connections] = next;
    this.#clients.delete(client);
    const [first] = connections;
    if (first) {
      const [connection, waiting] = first;
      connections.delete(connection);
      waiting.shift()?.();
      // Moves behind all others.
      if (waiting.length > 0) connections.set(connection, waiting);
    }
    if (connections.size > 0) this.#clients.set(client, connections);
    if (this.#clients.size > 0) setImmediate(this.#serve);
  };
}
