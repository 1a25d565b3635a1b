import { createServer, type Server } from 'node:http';
import { MAX_PORT } from '../../protocol/limits.ts';
import { listen } from './listen.ts';
import { ListenError } from './listen-error.ts';
import { isBlockedPort } from './ports.ts';

/** Ports that are passed over in search of free ones. More that are taken in a row are no accident. */
const MAX_PASSED_OVER = 1_000;

/** Ports that nobody else gets before they are released. */
export class ReservedPorts {
  /** Lowest first. */
  readonly ports: readonly number[];
  readonly #servers: ReadonlyMap<number, Server>;

  constructor(servers: ReadonlyMap<number, Server>) {
    this.ports = [...servers.keys()];
    this.#servers = servers;
  }

  /** Lets a port go, for whoever listens there at once. */
  async release(port: number): Promise<void> {
    const server = this.#servers.get(port);
    if (server?.listening) await new Promise((resolve) => server.close(resolve));
  }

  /** Lets all go that have not been released yet. */
  async releaseAll(): Promise<void> {
    await Promise.all(this.ports.map((port) => this.release(port)));
  }
}

/**
 * Takes the first `count` ports from `first` on at which nobody listens and to which browsers connect.
 * @param count how many are needed
 * @param without ports that are somebody's already
 * @throws ListenError when the host cannot be used, or there are too few
 */
export async function reservePorts(
  host: string,
  first: number,
  count: number,
  without: readonly number[] = [],
): Promise<ReservedPorts> {
  const servers = new Map<number, Server>();
  const last = Math.min(MAX_PORT, first + count + MAX_PASSED_OVER);
  try {
    for (let port = first; port <= last && servers.size < count; port++) {
      if (isBlockedPort(port) || without.includes(port)) continue;
      const server = await placeholderAt(host, port);
      if (server) servers.set(port, server);
    }
    if (servers.size === count) return new ReservedPorts(servers);
    throw new ListenError(`there are no ${count} free ports from ${first} to ${last}; choose others with --base-port`);
  } catch (error) {
    await new ReservedPorts(servers).releaseAll();
    throw error;
  }
}

/** Listens, and hangs up on whoever calls; null where somebody else listens. */
async function placeholderAt(host: string, port: number): Promise<Server | null> {
  const server = createServer().on('connection', (socket) => socket.destroy());
  try {
    await listen(server, { host, port });
    return server;
  } catch (error) {
    if (error instanceof ListenError && error.isPortTaken) return null;
    throw error;
  }
}
