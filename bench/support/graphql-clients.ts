import { Agent, request } from 'node:http';
import { CountingSocket } from './graphql-frames.ts';

// Clients of the GraphQL benchmarks: a process of its own, so that it takes no time from the server that is measured. They
// send bare requests and count bare frames instead of using client/, whose work would limit the load.

/** What the program is told. */
export type ClientOrder =
  /** Sends one query again and again over a few connections. */
  | { readonly kind: 'queries'; readonly url: string; readonly body: string; readonly durationMs: number }
  /** Opens sockets with one subscription each, until there are so many. They stay open. */
  | { readonly kind: 'subscribe'; readonly url: string; readonly query: string; readonly sockets: number }
  /** Answers when all sockets have had so many messages since the last time. */
  | { readonly kind: 'await'; readonly messages: number };

/** What it answers, once for each order: queries answered and milliseconds; else nothing. */
export interface ClientReport {
  readonly done: number;
  readonly elapsedMs: number;
}

const CONNECTIONS = 4;
/** The server takes 64 sockets from one address; the whole of 127.0.0.0/8 is this machine. */
const SOCKETS_PER_ADDRESS = 60;
const SOCKETS_AT_ONCE = 50;
const OK = 200;

const sockets: CountingSocket[] = [];
let received = 0;
let expected = Number.POSITIVE_INFINITY;
let onReceived: () => void = () => {};

process.on('message', (order: ClientOrder) => {
  carryOut(order).then(
    (report) => process.send?.(report),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit(0));

async function carryOut(order: ClientOrder): Promise<ClientReport> {
  const startMs = performance.now();
  let done = 0;
  if (order.kind === 'queries') done = await queries(order);
  if (order.kind === 'subscribe') await subscribe(order);
  if (order.kind === 'await') await messages(order.messages * sockets.length);
  return { done, elapsedMs: performance.now() - startMs };
}

async function queries({ url, body, durationMs }: ClientOrder & { kind: 'queries' }): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const endMs = performance.now() + durationMs;
  let done = 0;
  const keepAsking = async () => {
    while (performance.now() < endMs) {
      await ask(url, body, agent);
      done++;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, keepAsking));
  agent.destroy();
  return done;
}

function ask(url: string, body: string, agent: Agent): Promise<void> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const asking = request(url, { agent, method: 'POST', headers }, (response) => {
      if (response.statusCode !== OK) reject(new Error(`answered with ${response.statusCode}`));
      response.on('data', () => {});
      response.on('end', resolve);
    });
    asking.on('error', reject);
    asking.end(body);
  });
}

async function subscribe({ url, query, sockets: count }: ClientOrder & { kind: 'subscribe' }): Promise<void> {
  const start = JSON.stringify({ id: '1', type: 'subscribe', payload: { query } });
  while (sockets.length < count) {
    const first = sockets.length;
    const more = Math.min(SOCKETS_AT_ONCE, count - first);
    const opened = await Promise.all(Array.from({ length: more }, (_, i) => open(url, first + i)));
    for (const socket of opened) socket.send(start);
    sockets.push(...opened);
  }
}

async function open(url: string, index: number): Promise<CountingSocket> {
  const localAddress = `127.0.0.${2 + Math.floor(index / SOCKETS_PER_ADDRESS)}`;
  let onMessage: () => void = () => {};
  const socket = await CountingSocket.open(url, 'graphql-transport-ws', localAddress, () => onMessage());
  await new Promise<void>((acknowledged) => {
    onMessage = acknowledged;
    socket.send('{"type":"connection_init"}');
  });
  onMessage = count;
  return socket;
}

function count(): void {
  received++;
  if (received === expected) onReceived();
}

async function messages(count: number): Promise<void> {
  expected = count;
  if (received < count) {
    await new Promise<void>((resolve) => {
      onReceived = resolve;
    });
  }
  received -= count;
  expected = Number.POSITIVE_INFINITY;
}
