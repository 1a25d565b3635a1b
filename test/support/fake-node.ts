import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** A hash that tests tell apart. */
export const hashOf = (number: number): string => number.toString(16).padStart(64, '0');

const EPOCH = '2026-01-01T00:00:00.000Z';

// biome-ignore lint/suspicious/noExplicitAny: it answers whatever a test makes up
type Data = Record<string, any>;

/** What a node answers at first, as far as a test does not say otherwise. */
export function snapshotOf(url: string, { info = {}, ...overrides }: Data = {}): Data {
  return {
    nodeInfo: {
      name: 'fake',
      version: '0.1.0',
      network: 'lab',
      genesisHash: hashOf(0xabc),
      addressPrefix: 'lore',
      targetSpacingSeconds: 10,
      startedAt: EPOCH,
      listenUrl: url,
      graphqlUrl: `${url}/graphql`,
      mayControl: true,
      cursor: '00000000-0',
      sync: { state: 'SYNCED', height: 1, targetHeight: 1, waiting: null },
      ...info,
    },
    tip: { hash: hashOf(1), height: 1 },
    peers: [],
    miner: { mode: 'OFF', working: false, hashrate: 0, hashesDone: '0', expectedHashes: '1' },
    devAccounts: [],
    mempool: pageOf([], null),
    blockTree: [treeNode(1, '100')],
    ...overrides,
  };
}

export function treeNode(number: number, totalWork: string): Data {
  const seen = { firstSeenAt: EPOCH, firstSeenFrom: 'self' };
  return { hash: hashOf(number), parentHash: hashOf(0), height: 1, status: 'ACTIVE', totalWork, ...seen, block: null };
}

/** A page of a mempool; `after` is where the next one begins. */
export function pageOf(ids: readonly number[], after: string | null): Data {
  const edges = ids.map((id) => ({ node: transactionOf(id) }));
  return {
    size: ids.length,
    minimumFeeRate: '0.00001',
    transactions: { edges, pageInfo: { hasNextPage: after !== null, endCursor: after } },
  };
}

export function transactionOf(number: number): Data {
  const parties = { sender: 'lore1a', recipient: 'lore1b' };
  const sums = { amount: '1', fee: '0.1', nonce: String(number), size: 200 };
  return {
    id: hashOf(number),
    kind: 'TRANSFER',
    ...parties,
    ...sums,
    memo: null,
    status: 'PENDING',
    statusReason: null,
  };
}

/** A peer with this listening URL. */
export const peerAt = (url: string): Data => ({ id: url, url, remote: 'x', direction: 'INBOUND', state: 'READY' });

/** Speaks the API's protocols, and says what a test makes up: also what no real node would. */
export class FakeNode {
  readonly url: string;
  /** Sockets that are open. */
  readonly sockets = new Set<WebSocket>();
  readonly #streams: { readonly socket: WebSocket; readonly id: string }[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    new WebSocketServer({ server, handleProtocols: () => 'graphql-transport-ws' }).on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      socket.on('message', (text) => this.#onMessage(socket, JSON.parse(String(text))));
    });
  }

  /** @param answer gives the data of a query by its name */
  static async start(answer: (name: string, url: string) => Data | Promise<Data>): Promise<FakeNode> {
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const part of request) body += part;
      const [, name = ''] = /(?:query|mutation) (\w+)/.exec(JSON.parse(body).query) ?? [];
      const data = await answer(name, node.url);
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ data }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const node = new FakeNode(server);
    return node;
  }

  /** Streams that are open. */
  get streamCount(): number {
    return this.#streams.filter(({ socket }) => this.sockets.has(socket)).length;
  }

  emit(event: Data): void {
    for (const { socket, id } of this.#streams) {
      socket.send(JSON.stringify({ id, type: 'next', payload: { data: { events: { at: EPOCH, ...event } } } }));
    }
  }

  /** Ends all streams with an error. */
  fail(): void {
    for (const { socket, id } of this.#streams) {
      socket.send(JSON.stringify({ id, type: 'error', payload: [{ message: 'internal error' }] }));
    }
  }

  /** Breaks all connections. */
  drop(): void {
    for (const socket of this.sockets) socket.terminate();
  }

  async stop(): Promise<void> {
    this.drop();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #onMessage(socket: WebSocket, { type, id }: Data): void {
    if (type === 'connection_init') socket.send('{"type":"connection_ack"}');
    if (type === 'ping') socket.send('{"type":"pong"}');
    if (type === 'subscribe') this.#streams.push({ socket, id });
  }
}
