import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { COIN } from '../consensus/amount.ts';
import { customNetwork } from '../consensus/custom-network.ts';
import { DEVELOPMENT_ALLOCATIONS, WELL_KNOWN_ACCOUNTS } from '../consensus/development-accounts.ts';
import type { Network } from '../consensus/genesis.ts';
import { type BlockHeader, blockHash, encodeHeader } from '../consensus/header.ts';
import { bytesToHex } from '../consensus/hex.ts';
import { REGTEST } from '../consensus/networks.ts';
import { workOfBits } from '../consensus/target.ts';
import { solveHeader } from '../simulator/solve.ts';

/** A hash that tests tell apart. */
export const hashOf = (number: number): string => number.toString(16).padStart(64, '0');

const EPOCH = '2026-01-01T00:00:00.000Z';
const SPACING_SECONDS = 10;

// biome-ignore lint/suspicious/noExplicitAny: it answers whatever a test makes up
type Data = Record<string, any>;

/** A block with real proof of work, and no body. */
export interface FakeBlock {
  readonly hash: string;
  readonly header: BlockHeader;
  readonly height: number;
  readonly totalWork: bigint;
}

export const genesisOf = ({ genesis }: Network = REGTEST): FakeBlock => ({
  hash: genesis.hash,
  header: genesis.header,
  height: 0,
  totalWork: workOfBits(genesis.header.bits),
});

/** A network that only the fake nodes are in. */
export function otherNetwork(name: string, developmentAccounts = false): Network {
  return customNetwork({
    name,
    addressPrefix: 'fake',
    allocations: new Map(developmentAccounts ? DEVELOPMENT_ALLOCATIONS : []),
    spacingSeconds: SPACING_SECONDS,
    halfLifeSeconds: 600,
    bits: 0x207f_ffff,
    retarget: true,
    futureLimitSeconds: 7_200,
    initialSubsidy: 50n * COIN,
    halvingInterval: 1_000,
    genesisTime: 1_767_225_600,
    genesisNonce: 0,
    developmentAccounts: developmentAccounts ? WELL_KNOWN_ACCOUNTS : null,
    controls: false,
  });
}

/** Mines a block. @param salt another one gives another block on the same parent */
export function mineOn(parent: FakeBlock, salt = 0): FakeBlock {
  const { bits } = parent.header;
  const time = parent.header.time + SPACING_SECONDS;
  const open = { version: 1, prevHash: parent.hash, merkleRoot: hashOf(salt), time, bits, nonce: 0 };
  const header = { ...open, nonce: solveHeader(open) };
  return { hash: blockHash(header), header, height: parent.height + 1, totalWork: parent.totalWork + workOfBits(bits) };
}

/** Mines `count` blocks on another, lowest first. */
export function mineChain(parent: FakeBlock, count: number, salt = 0): FakeBlock[] {
  const chain: FakeBlock[] = [];
  for (let last = parent; chain.length < count; chain.push(last)) last = mineOn(last, salt);
  return chain;
}

/** What a node answers at first, as far as a test does not say otherwise: that it stands on the last of its blocks. */
export function snapshotOf(
  url: string,
  {
    info = {},
    network = REGTEST,
    blocks = [genesisOf(network)],
    ...overrides
  }: Data & { network?: Network; blocks?: readonly FakeBlock[] } = {},
): Data {
  const { hash, height } = blocks.at(-1) ?? genesisOf(network);
  return {
    nodeInfo: {
      name: 'fake',
      version: '0.1.0',
      network: network.name,
      genesisHash: network.genesis.hash,
      addressPrefix: network.addressPrefix,
      targetSpacingSeconds: SPACING_SECONDS,
      startedAt: EPOCH,
      listenUrl: url,
      graphqlUrl: `${url}/graphql`,
      mayControl: true,
      cursor: '00000000-0',
      sync: { state: 'SYNCED', height, targetHeight: height, waiting: null },
      weather: [],
      ...info,
    },
    tip: { hash, height },
    peers: [],
    miner: { mode: 'OFF', working: false, hashrate: 0, hashesDone: '0', expectedHashes: '1' },
    devAccounts: [],
    mempool: pageOf([], null),
    genesis: { header: { raw: rawOf(genesisOf(network)) } },
    blockTree: blocks.map((block) => treeNode(block)),
    ...overrides,
  };
}

const rawOf = ({ header }: FakeBlock): string => bytesToHex(encodeHeader(header));

const bodyOf = ({ header }: FakeBlock): Data => ({
  time: new Date(header.time * 1_000).toISOString(),
  difficulty: 1,
  size: 100,
  miner: 'rlore1x',
  reward: '50',
  transactionCount: 1,
});

/** A block as a node lists it. */
export function treeNode(block: FakeBlock, overrides: Data = {}): Data {
  const { hash, height, totalWork } = block;
  const seen = { firstSeenAt: EPOCH, firstSeenFrom: 'self' };
  const header = { raw: rawOf(block) };
  const body = bodyOf(block);
  return { hash, height, status: 'ACTIVE', totalWork: `${totalWork}`, header, ...seen, block: body, ...overrides };
}

/** The event of a block that a node took up. */
export function blockEvent(block: FakeBlock, overrides: Data = {}): Data {
  const { hash, height, header, totalWork } = block;
  return {
    __typename: 'BlockEvent',
    cursor: `00000000-${height}`,
    block: {
      hash,
      height,
      ...bodyOf(block),
      totalWork: `${totalWork}`,
      firstSeenAt: EPOCH,
      firstSeenFrom: 'self',
      header: { prevHash: header.prevHash, bits: header.bits.toString(16), raw: rawOf(block) },
      ...overrides,
    },
  };
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
    method: null,
    arguments: null,
    status: 'PENDING',
    statusReason: null,
  };
}

/** A peer with this listening URL. */
export const peerAt = (url: string): Data => ({ id: url, url, remote: 'x', direction: 'INBOUND', state: 'READY' });

/** Speaks the API's protocols and answers what a test makes up, also what no real node would. */
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
