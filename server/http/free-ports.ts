import { createServer, type Server } from 'node:http';
import { MAX_PORT } from '../../protocol/limits.ts';
import { listen } from './listen.ts';
import { ListenError } from './listen-error.ts';
import { isBlockedPort } from './ports.ts';

/** Ports skipped in search of free ones. More occupied ports in a row are not a coincidence. */
const MAX_PASSED_OVER = 1_000;

/** Ports reserved for this program until they are released. */
export class ReservedPorts {
  /** Lowest first. */
  readonly ports: readonly number[];
  readonly #servers: ReadonlyMap<number, Server>;

  constructor(servers: ReadonlyMap<number, Server>) {
    this.ports = [...servers.keys()];
    this.#servers = servers;
  }

  /** Releases a port just before it is listened on. */
  async release(port: number): Promise<void> {
    const server = this.#servers.get(port);
    if (server?.listening) await new Promise((resolve) => server.close(resolve));
  }

  /** Releases all ports that are still reserved. */
  async releaseAll(): Promise<void> {
    await Promise.all(this.ports.map((port) => this.release(port)));
  }
}

/**
 * Reserves the first `count` free ports from `first` on that browsers do not block.
 * @param count number of ports
 * @param without ports that are already assigned
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

/** Listens, and closes incoming connections; null if the port is in use. */
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
