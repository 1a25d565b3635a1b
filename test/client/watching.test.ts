import { getEventListeners, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { connectNode } from '../../client/node/main.ts';
import type { NodeClient } from '../../client/node-client.ts';
import { NodeTransport } from '../../client/node-transport.ts';
import { NodeWatch } from '../../client/watch-node.ts';
import { COIN } from '../../consensus/amount.ts';
import { REGTEST } from '../../consensus/networks.ts';
import { nextMessage, type StubAnswers, type StubNode, sendTogether, startStubNode } from '../../testing/stub-node.ts';

const stubs: StubNode[] = [];
afterEach(async () => {
  await Promise.all(stubs.splice(0).map((stub) => stub.stop()));
});

async function stubNode(answers: StubAnswers): Promise<StubNode> {
  const stub = await startStubNode(answers);
  stubs.push(stub);
  return stub;
}

/** Where a node of regtest stands. */
const place = (cursor: string, startedAt = '2026-01-01T00:00:00.000Z') => ({
  nodeInfo: {
    network: REGTEST.name,
    genesisHash: REGTEST.genesis.hash,
    addressPrefix: REGTEST.addressPrefix,
    cursor,
    startedAt,
  },
  tip: { hash: '00'.repeat(32), height: 0 },
});

const minerEvent = (cursor: string) => ({ events: { __typename: 'MinerEvent', cursor, at: '', miner: {} } });

describe('a watch of a node', () => {
  it('tells no event that was read together with a gap before what the gap leads to', async () => {
    let streams = 0;
    const stub = await stubNode({
      http: () => ({ body: { data: place('b-5') } }),
      operation: (id, socket) => {
        streams++;
        const gap = { events: { __typename: 'GapEvent', cursor: 'b-0', missed: null } };
        if (streams === 1) {
          sendTogether(
            socket,
            [gap, minerEvent('b-1'), minerEvent('b-2')].map((data) => nextMessage(id, data)),
          );
        } else socket.send(nextMessage(id, minerEvent('b-6')));
      },
    });
    const events = connectNode({ url: stub.url }).events({ after: 'a-9' });
    const cursors = [(await events.next()).value?.cursor, (await events.next()).value?.cursor];
    await events.return();
    expect(cursors).toEqual(['b-5', 'b-6']);
  });

  it('tells once that the node went back, then its tip, then all events behind that', async () => {
    const subscribed: unknown[] = [];
    let asked = 0;
    const stub = await stubNode({
      http: () => {
        asked++;
        // The first answer is lost with the connection: the node is asked again, and nothing was told until then.
        if (asked > 1) return { body: { data: place('a-7') } };
        for (const socket of stub.sockets) socket.terminate();
        return null;
      },
      operation: (id, socket, { after }) => {
        subscribed.push(after);
        const reset = { events: { __typename: 'ResetEvent', cursor: 'a-6', at: '', tip: { hash: '', height: 0 } } };
        const events = after === 'a-6' ? [minerEvent('a-7')] : [reset, minerEvent('a-7')];
        sendTogether(
          socket,
          events.map((data) => nextMessage(id, data)),
        );
      },
    });
    const updates = new NodeWatch({
      transport: new NodeTransport({ url: stub.url, webSocket: WebSocket }),
      pick: (update) => (update.kind === 'tip' ? 'tip' : `${update.event.__typename} ${update.event.cursor}`),
      after: 'a-5',
    });
    const told: unknown[] = [];
    while (told.length < 3) told.push((await updates.next()).value);
    await updates.return();
    expect(told).toEqual(['ResetEvent a-6', 'tip', 'MinerEvent a-7']);
    expect(subscribed).toEqual(['a-5', 'a-5', 'a-6']);
  });

  it('leaves out what a reader does not read, and says so behind a new snapshot', async () => {
    const streams: ((data: object) => void)[] = [];
    let resume = () => {};
    const resumed = new Promise<void>((resolve) => {
      resume = resolve;
    });
    const stub = await stubNode({
      http: () => ({ body: { data: place('a-20000') } }),
      operation: (id, socket) => {
        streams.push((data) => socket.send(nextMessage(id, data)));
        if (streams.length === 2) resume();
        else for (let count = 1; count <= 10_002; count++) streams[0]?.(minerEvent(`a-${count}`));
      },
    });
    const events = connectNode({ url: stub.url }).events({ after: 'a-0' });
    const read = async () => (await events.next()).value;
    expect(await read()).toMatchObject({ cursor: 'a-1' });
    await resumed;
    streams[1]?.(minerEvent('a-20001'));
    expect([await read(), await read()]).toMatchObject([
      { __typename: 'GapEvent', cursor: 'a-20000', missed: null },
      { cursor: 'a-20001' },
    ]);
    await events.return();
  });

  it('closes its connection at once when it is given up, and wakes its reader', async () => {
    const stub = await watchedNode();
    const abort = new AbortController();
    const events = connectNode({ url: stub.url }).events({ signal: abort.signal });
    await events.next();
    const closed = Promise.all([...stub.sockets].map((socket) => once(socket, 'close')));
    const refused = expect(events.next()).rejects.toMatchObject({ kind: 'aborted' });
    abort.abort();
    await Promise.all([closed, refused]);
    expect(await events.next()).toEqual({ done: true, value: undefined });
    expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
  });

  it('closes its connection at once when its reader returns while it waits', async () => {
    const stub = await watchedNode();
    const events = connectNode({ url: stub.url }).events();
    await events.next();
    const closed = Promise.all([...stub.sockets].map((socket) => once(socket, 'close')));
    const waiting = events.next();
    await events.return();
    expect(await waiting).toEqual({ done: true, value: undefined });
    await closed;
  });
});

/** A node with one event. */
const watchedNode = () =>
  stubNode({
    http: () => ({ body: { data: place('a-1') } }),
    operation: (id, socket) => socket.send(nextMessage(id, minerEvent('a-2'))),
  });

const refusal = (code: string) => ({ errors: [{ message: 'not now', extensions: { code } }] });

describe('a node that cannot be watched', () => {
  it.each([
    [200, refusal('INTERNAL_SERVER_ERROR')],
    [200, refusal('REVERTED')],
    [429, {}],
    [503, refusal('UNAVAILABLE')],
  ])('is asked again after a failure that passes: %j', async (status, body) => {
    let asked = 0;
    const http = () => (asked++ === 0 ? { status, body } : { body: { data: place('a-1') } });
    const { url } = await stubNode({ http });
    expect(await connectNode({ url }).waitForHeight(0)).toMatchObject({ height: 0 });
  });

  it('ends the wait with its own code and message where it refuses', async () => {
    const { url } = await stubNode({ http: () => ({ body: refusal('FORBIDDEN') }) });
    const refused = { kind: 'failed', code: 'FORBIDDEN', message: 'not now' };
    await expect(connectNode({ url }).waitForHeight(1)).rejects.toMatchObject(refused);
  });

  it('ends the wait where it claims a network that cannot exist', async () => {
    const { nodeInfo, tip } = place('a-1');
    const { url } = await stubNode({
      http: () => ({ body: { data: { nodeInfo: { ...nodeInfo, genesisHash: 'ab'.repeat(32) }, tip } } }),
    });
    await expect(connectNode({ url }).waitForHeight(1)).rejects.toMatchObject({
      kind: 'not-a-node',
      message: expect.stringContaining('claims a network that cannot exist'),
    });
  });
});

/** A transfer as the API gives it. */
const transfer = (status: string, block: object | null) => ({
  transaction: { status, statusReason: null, amount: '1', fee: '0', nonce: '0', confirmations: block ? 1 : 0, block },
});

describe('a wait', () => {
  it.each([
    ['a height', (node: NodeClient) => node.waitForHeight(1)],
    ['peers', (node: NodeClient) => node.waitForPeers(1)],
    ['a transaction', (node: NodeClient) => node.waitForTransaction('00'.repeat(32))],
  ])('for %s ends at once where nothing is there', async (_, wait) => {
    await expect(wait(connectNode({ url: 'http://127.0.0.1:1' }))).rejects.toMatchObject({ kind: 'unreachable' });
  });

  it('ends where something answers that is no node', async () => {
    const server = createServer((_, response) => response.end('hello'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const wait = connectNode({ url: String(port) }).waitForTransaction('00'.repeat(32));
    await expect(wait).rejects.toMatchObject({ kind: 'not-a-node' });
    server.close();
  });

  it('goes on after a connection that was lost', async () => {
    let streams = 0;
    const http = (question: string) => {
      if (question.includes('query Place')) return { body: { data: place('a-1') } };
      return {
        body: { data: streams > 1 ? transfer('CONFIRMED', { hash: '', height: 1 }) : transfer('PENDING', null) },
      };
    };
    const { url } = await stubNode({
      http,
      operation: (id, socket) => {
        streams++;
        if (streams === 1) return socket.terminate();
        const reset = { __typename: 'ResetEvent', cursor: 'a-2', at: '', tip: { hash: '', height: 1 } };
        socket.send(nextMessage(id, { events: reset }));
      },
    });
    expect(await connectNode({ url }).waitForTransaction('00'.repeat(32))).toMatchObject({
      status: 'CONFIRMED',
      amount: COIN,
    });
  });

  it('ends at its time limit also while a question is not answered', async () => {
    let asked = 0;
    const { url } = await stubNode({ http: () => (asked++ === 0 ? { body: { data: place('a-1') } } : null) });
    const node = connectNode({ url });
    await node.waitForHeight(0);
    await expect(node.waitForHeight(1, { timeoutMs: 50 })).rejects.toMatchObject({ kind: 'timeout', code: 'timeout' });
  });
});
