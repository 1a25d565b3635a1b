import type { Socket } from 'node:net';
import { clientOf } from '../transport/remote-address.ts';

/** For whom work is done. */
export interface Asker {
  /** See `clientOf`. */
  readonly client: string;
  /** Which of its connections. */
  readonly connection: { readonly destroyed: boolean };
}

/** What nobody has asked for. */
const NODE_ITSELF: Asker = { client: '', connection: { destroyed: false } };

/** Whoever is at the other end of a connection. */
export function askerOn(connection: Socket): Asker {
  return { client: clientOf(connection.remoteAddress), connection };
}

type Waiting = (() => void)[];

/**
 * Lets one piece of long work begin in each turn of the event loop. Whatever is short goes on in between: sockets are
 * read, short queries answered, blocks connected. Without it, a hundred long queries that came together would be executed
 * in one go, and everybody would wait for all of them. Who may wait here is bounded by the limits of connections, and of
 * operations on a socket.
 *
 * Turns go round the clients that wait, so that nobody waits for all that somebody else has asked for; and each turn of a
 * client goes to the next of its connections. On loopback and behind a proxy all have one address: there the connections
 * are what tells those who ask much from those who ask little. They do not come first, since one client may have hundreds
 * of them. What waits on one connection keeps its order.
 */
export class Turns {
  /** Whose turn comes next is first: of the clients, and of the connections of each. */
  readonly #clients = new Map<string, Map<object, Waiting>>();

  /** Resolves when it is the caller's turn: at once in the next turn of the event loop when nobody waits. */
  next({ client, connection }: Asker = NODE_ITSELF): Promise<void> {
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
      // Behind all others.
      if (waiting.length > 0) connections.set(connection, waiting);
    }
    if (connections.size > 0) this.#clients.set(client, connections);
    if (this.#clients.size > 0) setImmediate(this.#serve);
  };
}
