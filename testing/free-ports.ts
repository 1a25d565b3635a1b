import { createServer } from 'node:net';

/** Ports that are looked through for free ones that follow each other. */
const FIRST_PORT = 20_000;
const LAST_PORT = 30_000;

/** Whether nobody listens there. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** The first of so many ports in a row that are free; a cluster numbers its nodes' ports, so it cannot take any. */
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
