import { getEventListeners, once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { connectNode } from '../../client/node/main.ts';
import { nextMessage, type StubAnswers, type StubNode, startStubNode } from '../../testing/stub-node.ts';

const stubs: StubNode[] = [];
afterEach(async () => {
  await Promise.all(stubs.splice(0).map((stub) => stub.stop()));
});

async function stubNode(answers: StubAnswers): Promise<StubNode> {
  const stub = await startStubNode(answers);
  stubs.push(stub);
  return stub;
}

const TRANSACTION_ID = 'ab'.repeat(32);

/** Answers every operation over a socket with this. */
const answering = (data: unknown) => stubNode({ operation: (id, socket) => socket.send(nextMessage(id, data)) });

describe('a socket for single operations', () => {
  it('ends an operation with its first answer, and closes', async () => {
    const stub = await answering({ mine: { __typename: 'BlocksMined', blocks: [] } });
    await connectNode({ url: stub.url }).mine();
    await Promise.all([...stub.sockets].map((socket) => once(socket, 'close')));
    expect(stub.sockets.size).toBe(0);
  });

  it('leaves no listener on the signal of its caller', async () => {
    const mined = { mine: { __typename: 'BlocksMined', blocks: [] } };
    const { signal } = new AbortController();
    const stub = await stubNode({
      http: () => ({
        body: { data: { transaction: { amount: '1', fee: '0', nonce: '0', confirmations: 1, block: { height: 1 } } } },
      }),
      operation: (id, socket) => socket.send(nextMessage(id, mined)),
    });
    const node = connectNode({ url: stub.url });
    await node.mine({}, { signal });
    await node.waitForTransaction(TRANSACTION_ID, { signal });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('is unreachable where nothing answers, also after a connection', async () => {
    const stub = await answering({ mine: { __typename: 'BlocksMined', blocks: [] } });
    const closed: Promise<unknown>[] = [];
    const webSocket = class extends WebSocket {
      constructor(url: string, protocols?: string | string[]) {
        super(url, protocols);
        closed.push(new Promise((resolve) => this.on('close', resolve)));
      }
    };
    const node = connectNode({ url: stub.url, webSocket });
    await node.mine();
    await Promise.all(closed);
    await stub.stop();
    stubs.pop();
    await expect(node.mine()).rejects.toMatchObject({ kind: 'unreachable' });
  });

  it('is lost where the connection ends before the answer', async () => {
    const stub = await stubNode({ operation: (_, socket) => socket.terminate() });
    await expect(connectNode({ url: stub.url }).mine()).rejects.toMatchObject({ kind: 'lost' });
  });
});

describe("an answer that is not a node's", () => {
  it.each([[{ data: {} }], [{ data: null }], [{ data: { nodeInfo: null } }], [[]]])(
    'is refused over HTTP: %j',
    async (body) => {
      const stub = await stubNode({ http: () => ({ body }) });
      await expect(connectNode({ url: stub.url }).nodeInfo()).rejects.toMatchObject({ kind: 'not-a-node' });
    },
  );

  it.each([[{}], [null], [{ mine: null }], [{ mine: 5 }]])('is refused over a socket: %j', async (data) => {
    const { url } = await answering(data);
    await expect(connectNode({ url }).mine()).rejects.toMatchObject({ kind: 'not-a-node' });
  });

  it('is refused where a socket says what its protocol does not allow', async () => {
    const stub = await stubNode({
      operation: (id, socket) => socket.send(`{"type":"next","id":"${id}","payload":null}`),
    });
    await expect(connectNode({ url: stub.url }).mine()).rejects.toMatchObject({ kind: 'not-a-node' });
  });

  it.each([
    [{ tip: { reward: '1e9', totalWork: '2' } }, 'tip'],
    [{ tip: { reward: 50, totalWork: '2' } }, 'tip'],
    [{ tip: { reward: '50', totalWork: '-2' } }, 'tip'],
    [{ tip: { reward: '50', totalWork: '9'.repeat(79) } }, 'tip'],
    [{ tip: { reward: '9'.repeat(1_000_000), totalWork: '2' } }, 'tip'],
    [{ mempool: { minimumFeeRate: '0', transactions: [] } }, 'mempool'],
    [{ chainTips: { totalWork: '2' } }, 'chainTips'],
    [{ devAccounts: [{ balance: null }] }, 'devAccounts'],
  ] as const)('is refused where a number is none: %#', async (data, operation) => {
    const stub = await stubNode({ http: () => ({ body: { data } }) });
    await expect(connectNode({ url: stub.url })[operation]()).rejects.toMatchObject({ kind: 'not-a-node' });
  });

  it.each([
    [200, { id: 5 }],
    [200, []],
    [500, {}],
    [409, { errors: ['no'] }],
    [404, 'gone'],
  ])('is refused for a state file: %d %j', async (status, body) => {
    const { url } = await stubNode({ http: () => ({ status, body }) });
    const refused = { message: expect.stringMatching(/not as a node does|without a message/) };
    await expect(connectNode({ url }).uploadSnapshot(new Uint8Array(1))).rejects.toMatchObject(refused);
  });

  it('is refused where an event holds a number that is none', async () => {
    const event = { __typename: 'BlockEvent', cursor: 'a-1', at: '', block: { reward: 'much' } };
    const { url } = await answering({ events: event });
    await expect(connectNode({ url }).events({ after: 'a-0' }).next()).rejects.toMatchObject({ kind: 'not-a-node' });
  });

  it('has a null that the schema allows', async () => {
    const stub = await stubNode({ http: () => ({ body: { data: { block: null } } }) });
    expect(await connectNode({ url: stub.url }).block(7)).toBeNull();
  });

  it.each([[{ toString: 1 }], [null], [7]])('gives no code that is not text: %j', async (code) => {
    const errors = [{ message: 'no', extensions: { code } }];
    const stub = await stubNode({ http: () => ({ body: { errors } }) });
    await expect(connectNode({ url: stub.url }).nodeInfo()).rejects.toMatchObject({
      kind: 'failed',
      code: 'graphql-error',
      message: 'no',
    });
  });
});

describe('a transfer', () => {
  const info = { network: 'regtest', genesisHash: 'ab'.repeat(32), addressPrefix: 'x' };

  it.each([
    ['no network', { nodeInfo: {} }],
    ['a network that is a number', { nodeInfo: { ...info, genesisHash: 7 } }],
    ['nothing', { nodeInfo: null }],
  ])('is not signed for a node that says of its network: %s', async (_, data) => {
    const stub = await stubNode({ http: () => ({ body: { data } }) });
    const sending = connectNode({ url: stub.url }).send({ from: 'Alice', to: 'Bob', amount: 1n });
    await expect(sending).rejects.toMatchObject({ name: 'ClientError', kind: 'not-a-node' });
  });
});
