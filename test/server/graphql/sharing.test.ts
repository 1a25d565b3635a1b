import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import WebSocket from 'ws';
import { type LiveNode, startLiveNode } from '../../../testing/live-node.ts';
import { watch } from '../../../testing/watch.ts';

let live: LiveNode;

beforeEach(async () => {
  live = await startLiveNode();
});

afterEach(() => live.stop());

const mine = (count: number) => live.api.query('mutation ($n: Int) { mine(count: $n) { __typename } }', { n: count });
const heights = (first: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({ blockAdded: { height: first + i } }));

/** How often the miner is looked at while one event reaches `count` subscribers of each query. */
async function looksFor(queries: readonly string[], count: number): Promise<number> {
  const setMode = (mode: string) => live.api.query(`mutation { setMining(mode: ${mode}) { __typename } }`);
  await setMode('OFF');
  const asked = queries.flatMap((query) => Array<string>(count).fill(query));
  const watches = await Promise.all(asked.map((query) => watch(live, query)));
  const miner = vi.spyOn(live.node.core, 'miner');
  await setMode('ON_TRANSACTION');
  const values = await Promise.all(watches.map((each) => each.next()));
  const looks = miner.mock.calls.length;
  miner.mockRestore();
  expect(new Set(values.map((value) => JSON.stringify(value))).size).toBe(queries.length);
  await Promise.all(watches.map((each) => each.stop()));
  return looks;
}

describe('subscribers that ask for the same', () => {
  it('share one execution of each event, and those that ask for something else have their own', async () => {
    const [one, other] = ['subscription { minerChanged { mode } }', 'subscription { minerChanged { threads } }'];
    const alone = await looksFor([one], 1);
    expect(await looksFor([one], 5)).toBe(alone);
    expect(await looksFor([one, other], 5)).toBe(alone + 1);
  });

  it('each have what their variables say', async () => {
    const query = 'subscription ($kinds: [EventKind!]) { events(kinds: $kinds) { __typename } }';
    const blocks = await watch(live, query, { kinds: ['BLOCK'] });
    const more = await watch(live, query, { kinds: ['BLOCK'] });
    const mempool = await watch(live, query, { kinds: ['MEMPOOL'] });
    await live.api.query('mutation { sendFromDevAccount(from: "Alice", to: "Bob", amount: "1") { __typename } }');
    await mine(1);
    expect(await blocks.next()).toEqual({ events: { __typename: 'BlockEvent' } });
    expect(await more.next()).toEqual({ events: { __typename: 'BlockEvent' } });
    expect(await mempool.next()).toEqual({ events: { __typename: 'MempoolEvent' } });
  });

  it('miss nothing and get everything in order, whenever they come and go', async () => {
    const query = 'subscription { blockAdded { height } }';
    const [stays, leaves] = await Promise.all([watch(live, query), watch(live, query)]);
    await mine(10);
    expect(await leaves.take(5)).toEqual(heights(1, 5));
    await leaves.stop();
    const comes = await watch(live, query);
    await mine(10);
    expect(await stays.take(20)).toEqual(heights(1, 20));
    expect(await comes.take(10)).toEqual(heights(11, 10));
  });

  it('share it over WebSocket and as server-sent events', async () => {
    const query = 'subscription { blockAdded { hash height } }';
    const abort = new AbortController();
    const response = await fetch(`${live.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query }),
      signal: abort.signal,
    });
    const overSocket = await watch(live, query);
    await mine(1);
    const value = await overSocket.next();
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk as Uint8Array).toString();
      if (text.includes('data: {')) break;
    }
    expect(/^data: (.*)$/m.exec(text)?.[1]).toBe(JSON.stringify({ data: value }));
    abort.abort();
  });

  it('are each told by the id of their own operation, whatever it is', async () => {
    const ids = ['1', 'a "quoted" \\ id', '다리'];
    const socket = new WebSocket(`${live.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    const told: unknown[] = [];
    const isTold = new Promise<void>((resolve) => {
      socket.on('message', (data) => {
        const message = JSON.parse(String(data));
        if (message.type === 'next') told.push(message);
        if (told.length > ids.length) resolve();
      });
    });
    await once(socket, 'open');
    socket.send('{"type":"connection_init"}');
    await once(socket, 'message');
    for (const id of ids) {
      socket.send(
        JSON.stringify({ id, type: 'subscribe', payload: { query: 'subscription { blockAdded { height } }' } }),
      );
    }
    socket.send('{"id":"q","type":"subscribe","payload":{"query":"{ __typename }"}}');
    await once(socket, 'message');
    await mine(1);
    await isTold;
    expect(told.slice(1)).toEqual(
      ids.map((id) => ({ id, type: 'next', payload: { data: { blockAdded: { height: 1 } } } })),
    );
    socket.close();
    await once(socket, 'close');
  });
});
