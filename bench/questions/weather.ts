import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { CLEAR, type LinkConditions } from '../../protocol/link-conditions.ts';
import { Transport } from '../../server/transport/transport.ts';
import { Weather } from '../../server/transport/weather.ts';
import { type LiveNode, startLiveNode } from '../../testing/live-node.ts';
import { type Candidate, summary } from '../measure.ts';
import type { Question } from '../question.ts';

const ROUNDS = 9;
const PER_WAY_MS = 50;
const BYTES_PER_SECOND = 1_000_000;
const FRAME_BYTES = 32 * 1024;
const FRAMES = 64;
const MS_PER_SECOND = 1_000;
const SET = `mutation ($peer: ID!, $conditions: LinkConditionsInput!) {
  setLinkConditions(peer: $peer, conditions: $conditions) { __typename }
}`;
const CLEAR_ALL = 'mutation { clearLinkConditions { __typename } }';
const CONNECT = 'mutation ($url: String!) { connectPeer(url: $url) { __typename } }';
const DISCONNECT = 'mutation ($id: ID!) { disconnectPeer(id: $id) { __typename } }';
const PEERS = '{ peers { id latencyMs } }';
const ANY_EVENT = 'subscription { events { cursor } }';

interface PeerAnswer {
  readonly id: string;
  readonly latencyMs: number | null;
}

const peersOf = async ({ api }: LiveNode): Promise<PeerAnswer[]> => (await api.query(PEERS)).peers;

async function mine({ api }: LiveNode, count: number): Promise<void> {
  await api.query('mutation ($count: Int!) { mine(count: $count) { __typename } }', { count });
}

async function setBetween(a: LiveNode, b: LiveNode, conditions: Partial<LinkConditions>): Promise<void> {
  await a.api.query(SET, { peer: b.url, conditions });
  await b.api.query(SET, { peer: a.url, conditions });
}

async function clear(...nodes: LiveNode[]): Promise<void> {
  for (const { api } of nodes) await api.query(CLEAR_ALL);
}

/** Round trip of the first ping of a new connection, in milliseconds. */
async function roundTripMs(a: LiveNode, b: LiveNode): Promise<number> {
  await a.api.query(CONNECT, { url: b.url });
  const [peer] = await a.api.until(
    ANY_EVENT,
    () => peersOf(a),
    ([first]) => first?.latencyMs != null,
  );
  await a.api.query(DISCONNECT, { id: peer?.id });
  for (const node of [a, b])
    await node.api.until(
      ANY_EVENT,
      () => peersOf(node),
      (peers) => peers.length === 0,
    );
  return peer?.latencyMs ?? Number.NaN;
}

async function roundTrips(label: string, a: LiveNode, b: LiveNode): Promise<Candidate> {
  const values: number[] = [];
  for (let i = 0; i < ROUNDS; i++) values.push(await roundTripMs(a, b));
  return summary({ label, values });
}

/** From the end of a cut on both sides to one tip, in milliseconds. One node has one block of its own, the other two. */
async function healings(a: LiveNode, b: LiveNode): Promise<Candidate> {
  const values: number[] = [];
  await a.api.query(CONNECT, { url: b.url });
  for (let i = 0; i < ROUNDS; i++) {
    await setBetween(a, b, { cut: true });
    await mine(a, 1);
    await mine(b, 2);
    const tip = await b.api.tip();
    const startMs = performance.now();
    await clear(a, b);
    await a.api.untilTip(tip);
    values.push(performance.now() - startMs);
  }
  return summary({ label: 'from the end of a cut to one tip, after a reorg of one block', values });
}

/** Bytes per second that come through a transport, from the first frame sent to the last one received. */
async function ratesSeen(): Promise<Candidate> {
  const values: number[] = [];
  for (let i = 0; i < ROUNDS; i++) values.push(await rateSeen());
  return summary({ label: `bytes per second, ${BYTES_PER_SECOND} set`, values });
}

async function rateSeen(): Promise<number> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const weather = new Weather('bench', () => {});
  weather.set(url, { ...CLEAR, bytesPerSecond: BYTES_PER_SECOND });
  const received = new Promise<number>((resolve) => {
    server.once('connection', (socket) => {
      let count = 0;
      socket.on('message', () => {
        if (++count === FRAMES) resolve(performance.now());
      });
    });
  });
  let startMs = 0;
  const transport: Transport = new Transport({
    maxInbound: 1,
    maxOutbound: 1,
    weather,
    peerOf: () => ({ url, remote: url, direction: 'outbound', state: 'ready' }),
    emit: (event) => {
      if (event.type !== 'peer-connected') return;
      startMs = performance.now();
      for (let i = 0; i < FRAMES; i++) transport.send(event.peer, new Uint8Array(FRAME_BYTES));
    },
  });
  transport.dial(url);
  const endMs = await received;
  await transport.close();
  await new Promise((resolve) => server.close(resolve));
  return (FRAMES * FRAME_BYTES * MS_PER_SECOND) / (endMs - startMs);
}

/** Whether conditions of links do what they say. */
export const weather: Question = {
  name: 'weather',
  title: 'Conditions of links: set, and seen',
  async run() {
    const [a, b] = [await startLiveNode(), await startLiveNode()];
    try {
      const none = await roundTrips('round trip without conditions', a, b);
      const delayMs = [PER_WAY_MS, PER_WAY_MS] as const;
      await a.api.query(SET, { peer: b.url, conditions: { delayMs } });
      const one = await roundTrips(`round trip, ${PER_WAY_MS} ms set in one direction`, a, b);
      await setBetween(a, b, { delayMs });
      const both = await roundTrips(`round trip, ${PER_WAY_MS} ms set in both directions`, a, b);
      await clear(a, b);
      const rate = await ratesSeen();
      const healing = await healings(a, b);
      return {
        unit: 'ms',
        candidates: [none, one, both, { ...rate, unit: 'bytes/s' }, healing],
        results: [
          {
            what: 'round trip seen, of the delay set in one direction',
            value: one.median / PER_WAY_MS,
            unit: '×',
            goal: { least: 1 },
          },
          {
            what: 'round trip seen, of the delays set in both',
            value: both.median / (2 * PER_WAY_MS),
            unit: '×',
            goal: { least: 1 },
          },
          { what: 'rate, of the one set', value: rate.median / BYTES_PER_SECOND, unit: '×', goal: { most: 1 } },
        ],
        notes: [
          'Two nodes in this process, and real sockets. A round trip is that of the first ping of a new connection, as the node' +
            ' that dialled reports it. The rate is that of frames of 32 KiB through one connection.',
        ],
      };
    } finally {
      await Promise.all([a.stop(), b.stop()]);
    }
  },
};
