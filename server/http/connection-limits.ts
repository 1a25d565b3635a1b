import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { plainAddress } from '../transport/remote-address.ts';

/** TCP connections of all kinds: enough for all sockets of the API, peers and requests. */
export const MAX_CONNECTIONS = 4_096;
/** The same of one client address, so that one alone cannot have them all. */
export const MAX_CONNECTIONS_PER_ADDRESS = 512;

/** The connections of one address. */
interface Client {
  count: number;
  /** Those that have not sent a whole request yet, oldest first. */
  readonly fresh: Set<Socket>;
  /** Those whose requests have been answered, in the order in which they were. */
  readonly idle: Set<Socket>;
}

/**
 * Keeps room for newcomers. Where a limit is reached, the connection ends that has gone longest without a whole request,
 * or else the one that has been idle longest: of the address itself, or of the one that has the most where it is the
 * limit of all. Whoever opens connections and says nothing, or a little at a time, pushes out its own, and a client that
 * comes and asks is answered.
 */
export class ConnectionLimits {
  readonly #maxTotal: number;
  readonly #maxPerAddress: number;
  readonly #clients = new Map<string, Client>();
  #total = 0;

  constructor(limits = { maxTotal: MAX_CONNECTIONS, maxPerAddress: MAX_CONNECTIONS_PER_ADDRESS }) {
    this.#maxTotal = limits.maxTotal;
    this.#maxPerAddress = limits.maxPerAddress;
  }

  /** Counts a new connection until it closes. */
  add(socket: Socket): void {
    const address = plainAddress(socket.remoteAddress);
    const client = this.#clients.get(address) ?? { count: 0, fresh: new Set(), idle: new Set() };
    this.#clients.set(address, client);
    client.count++;
    client.fresh.add(socket);
    this.#total++;
    socket.once('close', () => {
      this.#total--;
      client.count--;
      release(client, socket);
      if (client.count === 0) this.#clients.delete(address);
    });
    if (client.count > this.#maxPerAddress) makeRoom(client, socket);
    else if (this.#total > this.#maxTotal) makeRoom(this.#largest() ?? client, socket);
  }

  /** The connection does not end for others from the end of this request to that of its response. */
  onRequest(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const client = this.#clients.get(plainAddress(socket.remoteAddress));
    if (!client) return;
    const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
    if (length === undefined && encoding === undefined) release(client, socket);
    else request.once('end', () => release(client, socket));
    response.once('close', () => {
      if (!socket.destroyed && !client.fresh.has(socket)) client.idle.add(socket);
    });
  }

  /** The connection has become a WebSocket, which has limits of its own. */
  onUpgrade(socket: Socket): void {
    const client = this.#clients.get(plainAddress(socket.remoteAddress));
    if (client) release(client, socket);
  }

  #largest(): Client | undefined {
    let largest: Client | undefined;
    for (const client of this.#clients.values()) {
      if (client.count > (largest?.count ?? 0)) largest = client;
    }
    return largest;
  }
}

function release({ fresh, idle }: Client, socket: Socket): void {
  fresh.delete(socket);
  idle.delete(socket);
}

function makeRoom(client: Client, newcomer: Socket): void {
  const [oldest = newcomer] = client.fresh;
  const [longestIdle = oldest] = client.idle;
  const ended = oldest === newcomer ? longestIdle : oldest;
  // Once: the event of its close comes later.
  release(client, ended);
  ended.destroy();
}
