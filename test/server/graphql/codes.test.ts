import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGraphql } from '../../../server/graphql/graphql.ts';
import { startHttpServer } from '../../../server/http/http-server.ts';
import type { NodeContext } from '../../../server/node/node-context.ts';
import { type LiveNode, startLiveNode } from '../../../testing/live-node.ts';
import { RawSocket } from '../../../testing/raw-socket.ts';

interface ToldError {
  readonly message: string;
  readonly extensions?: { readonly code?: string };
}

let live: LiveNode;
beforeAll(async () => {
  live = await startLiveNode();
});
afterAll(() => live.stop());

function post(body: string, headers: Record<string, string> = {}): Promise<Response> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body };
  return fetch(`${live.url}/graphql`, init);
}

/** What is told of an operation on each way in: POST, server-sent events, WebSocket. */
async function told(query: string, variables: Record<string, unknown> = {}): Promise<ToldError[]> {
  const body = JSON.stringify({ query, variables });
  const { errors: overHttp = [] } = (await (await post(body)).json()) as { errors?: ToldError[] };
  const events = await (await post(body, { accept: 'text/event-stream' })).text();
  const { errors: overEvents = [] } = JSON.parse(/^data: (.*)$/m.exec(events)?.[1] ?? '{}');
  const client = live.client();
  let overSocket: readonly ToldError[] = [];
  try {
    for await (const { errors } of client.iterate({ query, variables })) overSocket = (errors ?? []) as ToldError[];
  } catch (error) {
    overSocket = error as ToldError[];
  }
  await client.dispose();
  return [overHttp[0], overEvents[0], overSocket[0]].map((error) => error ?? { message: 'no error' });
}

describe('every error has a code, on every way in', () => {
  it.each([
    ['GRAPHQL_PARSE_FAILED', '{ tip', {}],
    ['GRAPHQL_VALIDATION_FAILED', '{ top { height } }', {}],
    ['BAD_INPUT', 'query ($hash: Hash!) { block(hash: $hash) { height } }', {}],
    ['BAD_INPUT', 'query ($hash: Hash) { block(hash: $hash) { height } }', { hash: 'x' }],
    ['BAD_INPUT', '{ block(hash: "x") { height } }', {}],
    ['BAD_INPUT', 'query ($count: Int) { blocks(first: $count) { edges { cursor } } }', { count: 'x' }],
    ['BAD_INPUT', '{ account(address: "Zed") { balance } }', {}],
    ['BAD_INPUT', '{ mempool { transactions(first: 1, after: "x") { edges { cursor } } } }', {}],
    ['BAD_INPUT', '{ events(after: "x") { cursor } }', {}],
    ['TOO_MUCH', `{ tip ${'{ parent '.repeat(9)} { hash } ${'}'.repeat(9)} }`, {}],
  ])('%s: %s %j', async (code, query, variables) => {
    const errors = await told(query, variables);
    expect(errors.map(({ message, extensions }) => extensions?.code ?? message)).toEqual([code, code, code]);
  });

  it('also where the request is none', async () => {
    const codeOf = async (response: Response) => ((await response.json()) as { errors: ToldError[] }).errors[0];
    const query = '{ tip { height } }';
    for (const [body, headers] of [
      ['{', {}],
      ['{}', {}],
      ['[]', {}],
      [JSON.stringify({ query: 1 }), {}],
      [JSON.stringify({ query, frob: 1 }), {}],
      [JSON.stringify({ query, operationName: 'Other' }), {}],
      [JSON.stringify({ query }), { origin: 'http://elsewhere.example' }],
      [JSON.stringify({ query }), { 'content-type': 'text/plain' }],
    ] as const) {
      const error = await codeOf(await post(body, headers));
      expect(error?.extensions?.code, body).toMatch(/^[A-Z_]+$/);
    }
    const get = await fetch(`${live.url}/graphql?query=${encodeURIComponent('mutation { mine { __typename } }')}`);
    expect((await codeOf(get))?.extensions?.code).toMatch(/^[A-Z_]+$/);
  });

  it('also where an operation that is named does not exist', async () => {
    const client = live.client();
    const failed = client.iterate({ query: '{ tip { height } }', operationName: 'Other' }).next();
    await expect(failed).rejects.toEqual([expect.objectContaining({ extensions: { code: 'BAD_REQUEST' } })]);
    await client.dispose();
  });
});

describe('every refusal around the API has a code', () => {
  it.each([
    ['FORBIDDEN', '/graphql', { accept: 'text/html', 'x-forwarded-for': '203.0.113.7' }],
    ['NOT_FOUND', '/playground/none.js', {}],
    ['NOT_FOUND', '/none', {}],
    ['FORBIDDEN', '/metrics', { 'sec-fetch-site': 'cross-site' }],
    ['BAD_REQUEST', '/graphql', { accept: 'application/json' }],
  ])('%s: %s %j', async (code, path, headers) => {
    const { errors } = (await (await fetch(`${live.url}${path}`, { headers })).json()) as { errors: ToldError[] };
    expect(errors).toEqual([{ message: expect.any(String), extensions: { code } }]);
  });

  it.each([
    ['NOT_FOUND', '/none', 'graphql-transport-ws', ''],
    ['FORBIDDEN', '/graphql', 'graphql-transport-ws', 'Origin: http://elsewhere.example\r\n'],
    ['BAD_REQUEST', '/graphql', 'other', ''],
    ['FORBIDDEN', '/p2p', 'forklore.1', 'Origin: http://localhost\r\n'],
    ['BAD_REQUEST', '/p2p', 'other', ''],
  ])('%s: an upgrade of %s to %s with %j', async (code, path, protocol, more) => {
    const raw = await RawSocket.upgrade(live.url, path, protocol, more);
    await raw.closed;
    const { errors } = JSON.parse(raw.received.split('\r\n\r\n')[1] ?? '');
    expect(errors).toEqual([{ message: expect.any(String), extensions: { code } }]);
  });
});

describe('a mistake of ours', () => {
  /** A request that passed the guard, and of which then no URL can be made. */
  const sendBroken = async (accept: string) => {
    const logged: object[] = [];
    const log = { info: () => {}, warn: () => {}, error: (fields: object) => logged.push(fields) };
    const nobody = () => false;
    const options = { isLocalUser: nobody, authorize: nobody, hasPlayground: nobody, log };
    const graphql = createGraphql({} as NodeContext, options);
    const http = await startHttpServer({
      host: '127.0.0.1',
      port: 0,
      policy: { hosts: [], allowedOrigins: [] },
      routes: {
        graphql: (request, response, visit) => {
          request.headers.host = '127.0.0.1:99999';
          return graphql.handleRequest(request, response, visit);
        },
        playground: () => {},
        snapshots: () => {},
        readiness: () => ({ ready: true }),
        metrics: { contentType: '', render: async () => '' },
      },
      upgrades: {
        peer: () => {
          throw new Error('secret');
        },
        graphql: () => {},
      },
      log,
    });
    const headers = { 'content-type': 'application/json', accept };
    const response = await fetch(`${http.url}/graphql`, { method: 'POST', headers, body: '{"query":"{ top }"}' });
    const text = await response.text();
    const upgrade = await RawSocket.peer(http.url);
    await upgrade.closed;
    await http.close();
    return { status: response.status, body: text, upgrade: upgrade.received, logged };
  };

  it.each(['application/json', 'text/event-stream'])('is told to nobody but the log, asked for %s', async (accept) => {
    const told = '{"errors":[{"message":"internal error","extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}';
    const { status, body, upgrade, logged } = await sendBroken(accept);
    expect({ status, body }).toEqual({ status: 500, body: told });
    expect(upgrade).toContain(told);
    expect(logged).toMatchObject([{ err: { code: 'ERR_INVALID_URL' } }, { err: { message: 'secret' } }]);
  });
});

describe('a page that is larger than any', () => {
  const paged = 'edges { cursor }';

  it.each([
    ['first', 100, `{ blocks(first: $count) { ${paged} } }`],
    ['last', 100, `{ blocks(last: $count) { ${paged} } }`],
    ['first', 100, `{ mempool { transactions(first: $count) { ${paged} } } }`],
    ['first', 100, `{ tip { transactions(first: $count) { ${paged} } } }`],
    ['last', 100, `{ tip { transactions(last: $count, first: 1) { ${paged} } } }`],
    ['first', 100, `{ account(address: "Alice") { transactions(first: $count) { ${paged} } } }`],
    ['limit', 2_000, '{ headers(fromHeight: 0, limit: $count) { hash } }'],
    ['depth', 1_000, '{ blockTree(depth: $count) { hash } }'],
    ['first', 1_000, '{ events(first: $count) { cursor } }'],
    ['count', 1_000, '{ latestEvents(count: $count) { cursor } }'],
    ['count', 1_000, 'mutation ($count: Int) { mine(count: $count) { __typename } }'],
  ])('is refused by its argument: %s above %i in %s', async (argument, maximum, query) => {
    const document = query.startsWith('mutation') ? query : `query ($count: Int) ${query}`;
    for (const count of [maximum + 1, 2_147_483_647, -1]) {
      const { errors } = (await (await post(JSON.stringify({ query: document, variables: { count } }))).json()) as {
        errors: ToldError[];
      };
      expect(errors[0]).toMatchObject({
        message: expect.stringMatching(new RegExp(`^${argument}: must be from [01] to ${maximum}$`)),
        extensions: { code: 'BAD_INPUT', argument },
      });
    }
  });

  it('is not one of just the largest size', async () => {
    expect((await live.api.query('{ blocks(first: 100) { edges { cursor } } }')).blocks.edges).toHaveLength(1);
    expect((await live.api.query('{ headers(fromHeight: 0, limit: 2000) { hash } }')).headers).toHaveLength(1);
  });
});

describe('minus zero', () => {
  const inline = 'mutation { sendFromDevAccount(from: "Alice", to: "Bob", amount: -0) { __typename } }';
  const variable =
    'mutation ($amount: Amount!) { sendFromDevAccount(from: "Alice", to: "Bob", amount: $amount) { __typename } }';

  it('is refused inline and as a variable, number or string', async () => {
    const messages = await Promise.all([
      post(JSON.stringify({ query: inline })),
      // JSON.stringify would lose the sign.
      post(`{"query":${JSON.stringify(variable)},"variables":{"amount":-0}}`),
      post(JSON.stringify({ query: variable, variables: { amount: '-0' } })),
    ]).then((answers) => Promise.all(answers.map((answer) => answer.json() as Promise<{ errors: ToldError[] }>)));
    for (const { errors } of messages) {
      expect(errors[0]).toMatchObject({
        message: expect.stringContaining('amount is negative'),
        extensions: { code: 'BAD_INPUT' },
      });
    }
  });
});
