import { once } from 'node:events';
import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { MAX_LOGGED_EVENTS } from '../../../server/events/event-log.ts';
import { eventually } from '../../../testing/eventually.ts';
import { type LiveNode, startLiveNode } from '../../../testing/live-node.ts';
import { watch } from '../../../testing/watch.ts';

const TOO_MANY = 4429;
const INIT_TIMEOUT = 4408;
const UNAUTHORISED = 4401;
const BAD_MESSAGE = 4400;

let live: LiveNode;

beforeAll(async () => {
  live = await startLiveNode();
});

afterAll(() => live.stop());

interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test knows the shape that it asked for
  data: any;
  errors: { message: string; extensions?: Record<string, unknown> }[] | undefined;
}

async function post(body: string, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(`${live.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  const text = await response.text();
  return { status: response.status, ...(text.startsWith('{') ? JSON.parse(text) : { data: text }) };
}

const operation = (query: string, variables = {}) => JSON.stringify({ query, variables });

/** The first error of an operation on each way in: POST, server-sent events, WebSocket. */
async function errorsOf(query: string, variables: Record<string, unknown> = {}): Promise<string[]> {
  const [answer] = (await post(operation(query, variables))).errors ?? [];
  const events = await fetch(`${live.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: operation(query, variables),
  });
  const [, sent = '{}'] = /^data: (.*)$/m.exec(await events.text()) ?? [];
  const client = live.client();
  let overSocket: string | undefined;
  try {
    for await (const { errors } of client.iterate({ query, variables })) overSocket = errors?.[0]?.message;
  } catch (error) {
    overSocket = (error as { message: string }[])[0]?.message;
  }
  await client.dispose();
  return [answer?.message, JSON.parse(sent).errors?.[0]?.message, overSocket].map(String);
}

const nested = (levels: number) => `{ tip ${'{ parent '.repeat(levels)} { hash } ${'}'.repeat(levels)} }`;

describe('an operation that asks for too much is refused on every way in', () => {
  const fragments = `fragment A on Block { parent { ...B } } fragment B on Block { parent { ...C } }
    fragment C on Block { parent { parent { parent { parent { parent { hash } } } } } }`;

  it.each([
    ['nested too deeply', nested(7), 'the operation is more than 8 levels deep'],
    ['nested 200 levels', nested(200), 'the operation is more than 8 levels deep'],
    ['nested through fragments', `{ tip { ...A } } ${fragments}`, 'the operation is more than 8 levels deep'],
    [
      'fragments in a circle',
      '{ tip { ...A } } fragment A on Block { parent { ...A } }',
      'the operation is more than 8 levels deep',
    ],
    [
      'too many aliases',
      `{ ${Array.from({ length: 16 }, (_, i) => `a${i}: tip { hash }`).join(' ')} }`,
      'the document has more than 15 aliases',
    ],
    [
      'too many tokens',
      `{ ${'__typename '.repeat(1_000)} }`,
      'Syntax Error: Document contains more that 1000 tokens. Parsing aborted.',
    ],
    ['the same field too often', `{ ${'tip { hash } '.repeat(21)} }`, 'the same field is selected more than 20 times'],
    [
      'too many comments',
      `{ tip { hash } }${'#\n'.repeat(1_000)}`,
      'the document has more than 1000 tokens and comments',
    ],
    [
      'lists of lists',
      `{ blocks(first: 100) { edges { node { transactions(first: 100) { edges { node { id raw } } } } } } }`,
      'the operation asks for about 40301 fields, at most 20000 are allowed',
    ],
    [
      'block templates under many names',
      `{ ${Array.from({ length: 4 }, (_, i) => `t${i}: blockTemplate { height }`).join(' ')} }`,
      'the operation asks for about 20004 fields, at most 20000 are allowed',
    ],
  ])('%s', async (_, query, message) => {
    expect(await errorsOf(query)).toEqual([message, message, message]);
  });

  it('lists counted by variables', async () => {
    const query = `query ($n: Int!) { blocks(first: $n) { edges { node { transactions(first: $n) {
      edges { node { id raw } } } } } } }`;
    for (const message of await errorsOf(query, { n: 100 })) expect(message).toMatch(/^the operation asks for about/);
    expect((await post(operation(query, { n: 10 }))).errors).toBeUndefined();
  });

  it('subscriptions count like queries', async () => {
    const query = `subscription { blockAdded {
      transactions(first: 100) { edges { node { block { transactions(first: 100) { edges { node { id } } } } } } } } }`;
    expect(await errorsOf(query)).toEqual(Array(3).fill('the operation is more than 8 levels deep'));
  });

  it('what is just allowed passes: eight levels, fifteen aliases, a hundred blocks', async () => {
    expect((await post(operation(nested(6)))).errors).toBeUndefined();
    const aliases = Array.from({ length: 15 }, (_, i) => `a${i}: tip { hash }`).join(' ');
    expect((await post(operation(`{ ${aliases} }`))).errors).toBeUndefined();
    const list = '{ blocks(first: 100) { edges { node { hash height time miner reward size transactionCount } } } }';
    expect((await post(operation(list))).errors).toBeUndefined();
  });

  it('all of two thousand headers just passes, and no more than that', async () => {
    const headers =
      '{ headers(fromHeight: 0, limit: 2000) { version prevHash merkleRoot time bits nonce raw hash height';
    expect((await post(operation(`${headers} __typename } }`))).errors).toBeUndefined();
    expect((await post(operation(`${headers} a: hash b: hash } }`))).errors).toMatchObject([
      { message: 'the operation asks for about 22000 fields, at most 20000 are allowed' },
    ]);
  });

  it('tells ten mistakes of a document, with as much of each as fits a line', async () => {
    const fields = Array.from({ length: 50 }, (_, i) => `nothing${i}${'x'.repeat(1_000)}`).join(' ');
    const { errors = [] } = await post(operation(`{ tip { ${fields} } }`));
    expect(errors.map(({ message }) => message.length)).toEqual(Array(10).fill(501));
    expect(errors[0]?.message).toMatch(/^Cannot query field "nothing0x+…$/);
  });

  it("the playground's own question about the schema passes", async () => {
    const { data, errors } = await post(operation(getIntrospectionQuery({ inputValueDeprecation: true })));
    expect(errors).toBeUndefined();
    expect(data.__schema.types.length).toBeGreaterThan(40);
  });
});

describe('requests over HTTP', () => {
  it('are refused above 128 KiB', async () => {
    const { status } = await post(operation(`{ tip { hash } } # ${'x'.repeat(128 * 1024)}`));
    expect(status).toBe(413);
  });

  it('come one operation at a time', async () => {
    const { status } = await post(`[${operation('{ tip { hash } }')},${operation('{ tip { hash } }')}]`);
    expect(status).toBe(400);
  });

  it.each([
    ['no JSON', '{', 400, 'POST body sent invalid JSON.'],
    ['no object', '"x"', 400, 'POST body is expected to be object but received string'],
    ['no query', '{}', 200, 'Must provide query string.'],
    ['a query that is no text', '{"query":1}', 400, 'Expected "query" param to be a string, but given number.'],
    [
      'variables that are no object',
      '{"query":"{ tip { hash } }","variables":[1]}',
      400,
      'Expected "variables" param to be empty or an object, but given array.',
    ],
  ])('that are malformed get an error and no more: %s', async (_, body, status, message) => {
    expect(await post(body)).toMatchObject({ status, errors: [{ message }] });
  });

  it('by GET cannot change anything', async () => {
    const url = `${live.url}/graphql?query=${encodeURIComponent('mutation { mine { __typename } }')}`;
    const response = await fetch(url, { headers: { accept: 'application/json' } });
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(await live.api.height()).toBe(0);
  });
});

/** A socket that speaks graphql-transport-ws by hand. */
async function rawSocket(): Promise<{ socket: WebSocket; closed: Promise<{ code: number; reason: string }> }> {
  const socket = new WebSocket(`${live.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  await once(socket, 'open');
  return { socket, closed };
}

const acknowledged = async (socket: WebSocket): Promise<void> => {
  const answer = once(socket, 'message');
  socket.send('{"type":"connection_init"}');
  expect(String((await answer)[0])).toBe('{"type":"connection_ack"}');
};

const subscribe = (id: number) =>
  JSON.stringify({ id: String(id), type: 'subscribe', payload: { query: 'subscription { blockAdded { hash } }' } });

describe('sockets', () => {
  it('that do not introduce themselves are closed after three seconds', async () => {
    const startMs = performance.now();
    const { closed } = await rawSocket();
    expect((await closed).code).toBe(INIT_TIMEOUT);
    expect(performance.now() - startMs).toBeGreaterThan(2_900);
  });

  it('that ask before they introduce themselves are closed', async () => {
    const { socket, closed } = await rawSocket();
    socket.send(subscribe(1));
    expect((await closed).code).toBe(UNAUTHORISED);
  });

  it.each(['garbage', '{}', '{"type":"nonsense"}', '{"type":"subscribe","id":""}'])(
    'that send %s are closed',
    async (message) => {
      const { socket, closed } = await rawSocket();
      await acknowledged(socket);
      socket.send(message);
      expect((await closed).code).toBe(BAD_MESSAGE);
    },
  );

  it('may have twenty subscriptions, and are closed with the reason at the next', async () => {
    const { socket, closed } = await rawSocket();
    await acknowledged(socket);
    for (let id = 1; id <= 20; id++) socket.send(subscribe(id));
    const alive = once(socket, 'pong');
    socket.ping();
    await alive;
    expect(socket.readyState).toBe(WebSocket.OPEN);
    socket.send(subscribe(21));
    expect(await closed).toEqual({ code: TOO_MANY, reason: 'more than 20 operations' });
  });

  it('count operations that are under way, not those that have ended', async () => {
    const client = live.client();
    for (let round = 0; round < 30; round++) {
      for await (const { data } of client.iterate({ query: '{ tip { height } }' })) {
        expect(data).toEqual({ tip: { height: 0 } });
      }
    }
  });

  it('cannot send more than 128 KiB in one message', async () => {
    const { socket, closed } = await rawSocket();
    socket.send('x'.repeat(128 * 1024 + 1));
    expect((await closed).code).toBe(1009);
  });

  it('whose messages are taken too slowly lose their subscriptions with the reason; others miss nothing', {
    timeout: 300_000,
  }, async () => {
    const fields = Array.from({ length: 15 }, (_, i) => `h${i}: raw`).join(' ');
    const query = `subscription { blockAdded { height header { ${fields} } } }`;
    const { socket, closed } = await rawSocket();
    await acknowledged(socket);
    for (let id = 1; id <= 20; id++) {
      socket.send(JSON.stringify({ id: String(id), type: 'subscribe', payload: { query } }));
    }
    const answered = once(socket, 'pong');
    socket.ping();
    await answered;
    socket.pause();

    const watching = await watch(live, query);
    const genesis = await live.api.tip();
    const { mine } = await live.api.query('mutation { mine(count: 1000) { ... on BlocksMined { blocks { hash } } } }');
    const hashes: string[] = mine.blocks.map(({ hash }: { hash: string }) => hash);
    const [lowest = '', highest = ''] = [hashes[0], hashes.at(-1)];
    const expected = hashes.map((_, i) => 1 + i);
    expect((await watching.take(hashes.length)).map(({ blockAdded }) => blockAdded.height)).toEqual(expected);
    // More than the log of events holds, and than the system takes for a socket.
    for (let told = 0; told <= MAX_LOGGED_EVENTS; told += hashes.length) {
      // It reads no pings, and would be given up where this takes long.
      socket.pong();
      await live.api.query(`mutation { invalidateBlock(hash: "${lowest}") { __typename } }`);
      await live.api.untilTip(genesis);
      await live.api.query(`mutation { reconsiderBlock(hash: "${lowest}") { __typename } }`);
      await live.api.untilTip(highest);
      expect((await watching.take(hashes.length)).map(({ blockAdded }) => blockAdded.height)).toEqual(expected);
    }
    const lost = new Promise<object>((resolve) => {
      socket.on('message', (data) => {
        const message = JSON.parse(String(data));
        if (message.type === 'error') resolve(message.payload[0]);
      });
    });
    socket.resume();
    expect(await lost).toEqual({
      message: 'too far behind: the next event is no longer stored; subscribe again with the last cursor',
      extensions: { code: 'SLOW_SUBSCRIBER' },
    });
    socket.close();
    await closed;
  });

  it('and event streams share one limit for each address', async () => {
    const abort = new AbortController();
    const open = () =>
      fetch(`${live.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
        body: operation('subscription { blockAdded { hash } }'),
        signal: abort.signal,
      });
    const { socket, closed } = await rawSocket();
    await Promise.all(Array.from({ length: 63 }, open));
    expect(await (await open()).text()).toContain('too many streams are open');
    expect((await post(operation('{ tip { height } }'))).errors).toBeUndefined();
    abort.abort();
    socket.close();
    await closed;
    await eventually(async () => {
      const again = await rawSocket();
      again.socket.close();
      await again.closed;
    });
  });

  it('of another subprotocol are refused', async () => {
    const socket = new WebSocket(`${live.url.replace('http', 'ws')}/graphql`, 'graphql-ws');
    const [, response] = await once(socket, 'unexpected-response').catch((error: unknown) => [null, error]);
    expect(response).toMatchObject({ statusCode: 400 });
  });
});
