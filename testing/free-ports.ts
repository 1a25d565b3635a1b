import { createServer } from 'node:net';

/** Range that is searched for consecutive free ports. */
const FIRST_PORT = 20_000;
const LAST_PORT = 30_000;

/** Whether nothing listens on this port. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** The first of `count` consecutive free ports, as a cluster needs for its nodes. */
export async function freePorts(count: number): Promise<number> {
  const places = Math.floor((LAST_PORT - FIRST_PORT) / count);
  for (let place = 0; place < places; place++) {
    // Processes that look at the same time begin at different places.
    const base = FIRST_PORT + ((process.pid + place) % places) * count;
    const ports = Array.from({ length: count }, (_, index) => base + index);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return base;
  }
  throw new Error(`no ${count} free ports in a row`);
}
