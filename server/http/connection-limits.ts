import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { clientOf } from '../transport/remote-address.ts';

/** TCP connections of all clients: enough for all sockets of the API, peers and requests. */
export const MAX_HTTP_CONNECTIONS = 4_096;
/** TCP connections of one client, so that a single one cannot take all. */
export const MAX_CONNECTIONS_PER_CLIENT = 512;
/**
 * Idle or fresh connections of one client above which it counts as having too many when all places are taken. Lower
 * numbers prove nothing: a page opens a dozen at once, and an attacker with many addresses opens one from each.
 */
export const MAX_ORDINARY_WAITING = 32;

/** The connections of one client: of an IPv4 address, or of an IPv6 network. */
interface Client {
  count: number;
  /** Connections that have not sent a complete request yet, oldest first. */
  readonly fresh: Set<Socket>;
  /** Connections whose requests have been answered, in order of the answers. */
  readonly idle: Set<Socket>;
}

/**
 * Keeps room for new connections by closing old ones that do nothing. At the limit per client, it closes the client's
 * connection that has gone longest without a complete request, or else the one that has been idle longest. At the total
 * limit, it closes one of the client with the most such connections, if that is an extraordinary number, or else the one
 * that has waited longest of all. A client that opens connections and sends nothing, or very slowly, thereby displaces
 * its own, from however many addresses; requests are answered, and neither sockets nor answers are cut off for others.
 */
export class ConnectionLimits {
  readonly #maxTotal: number;
  readonly #maxPerClient: number;
  readonly #maxOrdinaryWaiting: number;
  readonly #clients = new Map<string, Client>();
  /** Fresh and idle connections of all clients, in the order in which they began to wait. */
  readonly #waiting = new Map<Socket, Client>();
  #total = 0;

  constructor({
    maxTotal = MAX_HTTP_CONNECTIONS,
    maxPerClient = MAX_CONNECTIONS_PER_CLIENT,
    maxOrdinaryWaiting = MAX_ORDINARY_WAITING,
  } = {}) {
    this.#maxTotal = maxTotal;
    this.#maxPerClient = maxPerClient;
    this.#maxOrdinaryWaiting = maxOrdinaryWaiting;
  }

  /** Counts a new connection until it closes. */
  add(socket: Socket): void {
    const name = clientOf(socket.remoteAddress);
    const client = this.#clients.get(name) ?? { count: 0, fresh: new Set(), idle: new Set() };
    this.#clients.set(name, client);
    client.count++;
    client.fresh.add(socket);
    this.#waiting.set(socket, client);
    this.#total++;
    socket.once('close', () => {
      this.#total--;
      client.count--;
      this.#release(client, socket);
      if (client.count === 0) this.#clients.delete(name);
    });
    if (client.count > this.#maxPerClient) this.#end(longestWaitingOf(client, socket));
    else if (this.#total > this.#maxTotal) this.#end(this.#longestWaiting(socket));
  }

  /** Protects the connection from being closed for others until the response to this request has ended. */
  onRequest(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const client = this.#clients.get(clientOf(socket.remoteAddress));
    if (!client) return;
    const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
    if (length === undefined && encoding === undefined) this.#release(client, socket);
    else request.once('end', () => this.#release(client, socket));
    response.once('close', () => {
      if (socket.destroyed || client.fresh.has(socket)) return;
      client.idle.add(socket);
      this.#waiting.set(socket, client);
    });
  }

  /** Stops counting a connection that has become a WebSocket, which has its own limits. */
  onUpgrade(socket: Socket): void {
    const client = this.#clients.get(clientOf(socket.remoteAddress));
    if (client) this.#release(client, socket);
  }

  #longestWaiting(newcomer: Socket): Socket {
    let largest: Client | undefined;
    let most = this.#maxOrdinaryWaiting;
    for (const client of this.#clients.values()) {
      const waiting = client.fresh.size + client.idle.size;
      if (waiting <= most) continue;
      largest = client;
      most = waiting;
    }
    if (largest) return longestWaitingOf(largest, newcomer);
    const [longest = newcomer] = this.#waiting.keys();
    return longest;
  }

  #end(socket: Socket): void {
    const client = this.#waiting.get(socket);
    // Once: the event of its close comes later.
    if (client) this.#release(client, socket);
    socket.destroy();
  }

  #release({ fresh, idle }: Client, socket: Socket): void {
    fresh.delete(socket);
    idle.delete(socket);
    this.#waiting.delete(socket);
  }
}

function longestWaitingOf({ fresh, idle }: Client, newcomer: Socket): Socket {
  const [oldest = newcomer] = fresh;
  const [longestIdle = oldest] = idle;
  return oldest === newcomer ? longestIdle : oldest;
}
