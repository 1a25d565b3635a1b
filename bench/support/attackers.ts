import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { setPriority } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { workOfBits } from '../../consensus/target.ts';
import { PROTOCOL_VERSION } from '../../protocol/limits.ts';
import { encodeMessage } from '../../protocol/messages.ts';
import { parseNetworkFile } from '../../server/settings/network-file.ts';
import { send } from '../../testing/attacked-node.ts';
import { NASTY_DOCUMENTS } from '../../testing/nasty-documents.ts';
import { frameOf, OPCODE, RawSocket } from '../../testing/raw-socket.ts';

// Those who attack a node in `attack`: a process of their own, which the question ends.

export type AttackKind = keyof typeof ATTACKS;

export interface AttackOrder {
  readonly kind: AttackKind;
  readonly url: string;
  /** Of the node's network. */
  readonly networkFile: string;
}

/** What has been tried so far. */
export interface AttackReport {
  readonly attempts: number;
}

const CONNECTIONS = 16;
const SOCKETS = 48;
const SUBSCRIPTIONS_PER_SOCKET = 20;
const FLOODERS = 4;
const FRAMES_AT_ONCE = 200;
/** Half-open connections that are opened in one go, and the pause to the next: about 2,000 a second. */
const OPENED_AT_ONCE = 20;
const OPENING_PAUSE_MS = 10;
/** A flooder whose bytes are not taken waits so long. */
const STALLED_MS = 100;
const FLOOD_BYTES = 1024 * 1024;
/** So that the attackers take no processor from the node where both want it. */
const LOW_PRIORITY = 15;
const LONG_QUERY =
  '{ blocks(first: 100) { edges { node { hash height time miner reward size difficulty totalWork transactions(first: 15) { edges { node { id fee amount raw } } } } } } }';

let attempts = 0;
let networkFile = '';

/** Each runs until the process is ended. */
const ATTACKS = {
  websites: (url: string) =>
    keepAsking(url, () => ({
      body: '{"query":"mutation { mine { __typename } }"}',
      headers: { origin: 'http://evil.example' },
    })),
  documents: (url: string) =>
    keepAsking(url, (i) => ({
      body: JSON.stringify({ query: `${NASTY_DOCUMENTS[i % NASTY_DOCUMENTS.length]?.query}#${i}` }),
    })),
  longQueries: (url: string) => keepAsking(url, () => ({ body: JSON.stringify({ query: LONG_QUERY }) })),
  halfOpen: async (url: string) => {
    for (;;) {
      for (let i = 0; i < OPENED_AT_ONCE; i++) {
        attempts++;
        RawSocket.connect(url).then(({ tcp }) => tcp.write('POST /graphql HTTP/1.1\r\nHost: '), ignore);
      }
      await delay(OPENING_PAUSE_MS);
    }
  },
  hoarders: (url: string) =>
    all(SOCKETS, async (i) => {
      const socket = await greeted(url);
      for (let id = 0; id < SUBSCRIPTIONS_PER_SOCKET; id++) {
        attempts++;
        // Each asks for something else, so that none is executed for two of them.
        const fields = `s${i % SOCKETS}x${id}: hash transactions(first: 100) { edges { node { id raw } } }`;
        const payload = { query: `subscription { blockAdded { ${fields} } }` };
        socket.tcp.write(frameOf(JSON.stringify({ id: `${id}`, type: 'subscribe', payload })));
      }
      socket.tcp.pause();
      await socket.closed;
    }),
  pings: (url: string) => all(FLOODERS, async () => flood(await greeted(url), frameOf('{"type":"ping"}'))),
  frames: (url: string) =>
    all(CONNECTIONS, async (i) => {
      const socket = await (i % 2 === 0 ? RawSocket.graphql(url) : RawSocket.peer(url));
      attempts++;
      socket.tcp.write(frameOf('x', { reserved: 0x70, opcode: i % 16 }));
      await socket.untilClosing();
      socket.end();
    }),
  silentPeers: (url: string) =>
    all(CONNECTIONS, async () => {
      attempts++;
      await RawSocket.peer(url);
    }),
  peerFlood: (url: string) =>
    all(FLOODERS, async (i) => {
      const socket = await RawSocket.peer(url);
      socket.tcp.write(frameOf(hello(), { opcode: OPCODE.binary }));
      const txids = Array.from({ length: 1_000 }, (_, each) => (i * 1_000 + each).toString(16).padStart(64, '0'));
      const asked = encodeMessage({ type: 'getHeaders', locator: ['ab'.repeat(32)], stop: '00'.repeat(32) });
      const told = encodeMessage({ type: 'inv', txids });
      await flood(socket, frameOf(i % 2 === 0 ? asked : told, { opcode: OPCODE.binary }));
    }),
} as const satisfies Record<string, (url: string) => Promise<unknown>>;

process.on('message', (order: AttackOrder | 'report') => {
  if (order === 'report') {
    process.send?.({ attempts } satisfies AttackReport);
    return;
  }
  networkFile = order.networkFile;
  setPriority(LOW_PRIORITY);
  ATTACKS[order.kind](order.url).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  });
});
process.on('disconnect', () => process.exit(0));

interface Asked {
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Asks over a few connections, each time as soon as there is an answer. */
async function keepAsking(url: string, make: (index: number) => Asked): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  await all(CONNECTIONS, async () => {
    attempts++;
    await send(`${url}/graphql`, { ...make(attempts), agent }).catch(ignore);
  });
}

/** Does the same again and again, `count` at a time. */
async function all(count: number, once: (index: number) => Promise<void>): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      for (let round = 0; ; round++) {
        await once(index + round * count);
        await new Promise(setImmediate);
      }
    }),
  );
}

async function greeted(url: string): Promise<RawSocket> {
  const socket = await RawSocket.graphql(url);
  socket.tcp.write(frameOf('{"type":"connection_init"}'));
  await socket.until(/connection_ack/);
  return socket;
}

/** Sends the same frame for as long as the node takes it, and reads nothing. */
async function flood(socket: RawSocket, frame: Buffer): Promise<void> {
  const frames = Buffer.concat(Array<Buffer>(FRAMES_AT_ONCE).fill(frame));
  socket.tcp.pause();
  while (!socket.isClosed && socket.tcp.writable) {
    const taken = await socket.flood(frames, FLOOD_BYTES, STALLED_MS);
    attempts += taken / frame.length;
    // The node reads no more: the attacker starts again with a new connection.
    if (taken < FLOOD_BYTES) break;
  }
  socket.end();
}

function hello(): Uint8Array {
  const { genesis, genesisBits } = parseNetworkFile(readFileSync(networkFile, 'utf8'));
  return encodeMessage({
    type: 'hello',
    version: PROTOCOL_VERSION,
    genesisHash: genesis.hash,
    nonce: BigInt(Math.floor(Math.random() * Number.MAX_SAFE_INTEGER)),
    tipHash: genesis.hash,
    height: 0,
    chainWork: workOfBits(genesisBits),
    listenUrl: null,
    userAgent: 'flood',
  });
}

function ignore(): void {}
