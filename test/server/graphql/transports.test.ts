import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LiveNode, startLiveNode } from '../../../testing/live-node.ts';

let live: LiveNode;
let blockHash: string;

beforeAll(async () => {
  live = await startLiveNode();
  await live.api.query(
    'mutation { sendFromDevAccount(from: "Alice", to: "Bob", amount: "1", memo: "hello") { __typename } }',
  );
  await live.api.query('mutation { mine(count: 3) { __typename } }');
  await live.api.query('mutation { sendFromDevAccount(from: "Bob", to: "Carol", amount: "0.5") { __typename } }');
  blockHash = await live.api.tip();
});

afterAll(() => live.stop());

interface Asked {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly operationName?: string;
}

async function post(asked: object, headers: Record<string, string> = {}) {
  const response = await fetch(`${live.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(asked),
  });
  return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
}

/** The result of a query on a WebSocket, as text. */
async function overSocket(asked: Asked): Promise<string> {
  const client = live.client();
  for await (const result of client.iterate(asked)) {
    await client.dispose();
    return JSON.stringify(result);
  }
  throw new Error('no result');
}

const BLOCK = `fragment B on Block { hash height ...C } fragment C on Block { parent { hash } header { raw bits } }`;

/** Fragments that spread the next one twice: two to the power of forty fields, if each were looked at again. */
const DOUBLING = [
  '{ tip { ...F0 } } fragment F40 on Block { height }',
  ...Array.from({ length: 40 }, (_, i) => `fragment F${i} on Block { ...F${i + 1} ...F${i + 1} }`),
].join(' ');

/** Few words, and six hundred fields: four parents of four parents of four parents. */
const LARGE = [
  '{ tip { ...P1 } }',
  ...[1, 2, 3].map((i) => {
    const parents = ['a', 'b', 'c', 'd'].map((name) => `${name}${i}: parent { ...P${i + 1} }`);
    return `fragment P${i} on Block { ${parents.join(' ')} }`;
  }),
  'fragment P4 on Block { hash height time size miner reward difficulty totalWork }',
].join(' ');

const QUERIES: readonly (readonly [string, Asked])[] = [
  [
    'a page of blocks',
    {
      query:
        '{ blocks(first: 2) { edges { cursor node { hash time reward miner } } pageInfo { hasNextPage endCursor } } }',
    },
  ],
  ['aliases', { query: '{ a: tip { h: height } b: block(height: 0) { h: height parent { hash } } }' }],
  [
    'fields in the order of the query, whatever is awaited',
    { query: '{ blocks(last: 1) { edges { node { height } } } tip { height } }' },
  ],
  ['fragments, also one in another', { query: `{ tip { ...B ... on Block { size } ... { difficulty } } } ${BLOCK}` }],
  ['the same field more than once', { query: '{ tip { header { nonce } height header { version } } tip { size } }' }],
  ['names of types', { query: '{ __typename tip { __typename height } events(first: 1) { __typename } }' }],
  [
    'events of several types',
    {
      query:
        '{ events { __typename cursor ... on BlockEvent { block { height } } ... on MempoolEvent { change { added size } } } }',
    },
  ],
  ['a fragment on an interface', { query: '{ events { ...E } } fragment E on Event { ... on Event { cursor at } }' }],
  [
    'variables, and what is set in their place',
    {
      query:
        'query ($n: Int = 2, $h: Hash) { blocks(first: $n) { edges { node { height } } } block(hash: $h) { height } }',
      variables: { h: null },
    },
  ],
  ['one operation of several', { query: 'query A { tip { hash } } query B { tip { height } }', operationName: 'B' }],
  ['what is null', { query: `{ block(height: 999) { hash } transaction(id: "${'0'.repeat(64)}") { id } }` }],
  [
    'transactions of all kinds',
    {
      query:
        '{ blocks(first: 3) { edges { node { transactions(first: 5) { edges { node { kind id sender recipient amount fee nonce memo status confirmations } } } } } } }',
    },
  ],
  [
    'accounts',
    {
      query: '{ account(address: "Alice") { address name balance pendingBalance nonce } devAccounts { name address } }',
    },
  ],
  ['directives', { query: '{ tip { hash @skip(if: true) height ... @include(if: false) { size } } }' }],
  ['questions about the schema', { query: '{ __type(name: "Block") { name } }' }],
  ['hundreds of fields', { query: LARGE }],
  ['a key that is none in JavaScript', { query: '{ tip { __proto__: hash } }' }],
  [
    'the state of the node',
    {
      query:
        '{ nodeInfo { name version integrity { mode ok } } mempool { size } chainTips { status height } peers { url } miner { mode } }',
    },
  ],
];

describe('a query', () => {
  it.each(QUERIES)('has the same answer by POST and on a WebSocket, byte by byte: %s', async (_, asked) => {
    const answer = await post(asked);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body).errors).toBeUndefined();
    expect(await post(asked)).toEqual(answer);
    expect(await overSocket(asked)).toBe(answer.body);
  });

  it.each([
    ['*/*', 'application/json'],
    ['application/json', 'application/json'],
    ['application/graphql-response+json', 'application/graphql-response+json'],
    ['application/graphql-response+json, application/json', 'application/graphql-response+json'],
  ])('is answered in the type that the client takes: %s', async (accept, type) => {
    expect((await post({ query: '{ tip { hash } }' }, { accept })).type).toBe(`${type}; charset=utf-8`);
  });

  it('shows what is true now, however often it was asked before', async () => {
    const other = await startLiveNode();
    for (const height of [0, 1, 2]) {
      expect(await other.api.height()).toBe(height);
      await other.api.query('mutation { mine(count: 1) { __typename } }');
    }
    await other.stop();
  });
});

describe('what cannot be answered', () => {
  it.each<[string, object]>([
    ['a wrong argument', { query: '{ block(hash: "ab", height: 1) { hash } }' }],
    ['a resolver that refuses', { query: '{ headers(fromHeight: -1) { hash } tip { hash } }' }],
    ['a page that is too long backwards', { query: '{ blocks(last: -1) { edges { node { hash } } } }' }],
    [
      'a variable of the wrong type',
      { query: 'query ($n: Int) { blocks(first: $n) { edges { cursor } } }', variables: { n: 'x' } },
    ],
    ['a variable that is missing', { query: 'query ($id: Hash!) { transaction(id: $id) { id } }' }],
    ['an unknown operation', { query: '{ tip { hash } }', operationName: 'Nobody' }],
    ['an unknown field', { query: '{ tip { nothing } }' }],
    ['no GraphQL', { query: '{' }],
    ['fragments that spread each other twice, forty levels deep', { query: DOUBLING }],
    ['an unknown parameter', { query: '{ tip { hash } }', more: 1 }],
    ['variables that are a list', { query: '{ tip { hash } }', variables: [] }],
    ['a subscription without a stream', { query: 'subscription { blockAdded { hash } }', operationName: 'x' }],
  ])('has the same error each time: %s', async (_, asked) => {
    const first = await post(asked);
    expect(first.body).toMatch(/"errors"/);
    expect(await post(asked)).toEqual(first);
  });
});

/** Sends a body in pieces without saying how long it is. */
function sendChunked(pieces: readonly string[]): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
    const asking = request(`${live.url}/graphql`, { method: 'POST', headers }, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode, body }));
    });
    asking.on('error', reject);
    for (const piece of pieces) asking.write(piece);
    asking.end();
  });
}

describe('a request', () => {
  it('whose length is not declared is read all the same', async () => {
    const { body } = await sendChunked(['{"query":', '"{ tip { hash } }"}']);
    expect(JSON.parse(body)).toEqual({ data: { tip: { hash: blockHash } } });
  });

  it('whose length is not declared is refused above 128 KiB', async () => {
    const { status, body } = await sendChunked(['{"query":"{ tip { hash } } # ', 'x'.repeat(128 * 1024), '"}']);
    expect(status).toBe(413);
    expect(JSON.parse(body).errors[0].extensions.code).toBe('REQUEST_ENTITY_TOO_LARGE');
  });

  it('whose caller leaves before its body is complete disturbs nobody', async () => {
    await new Promise<void>((resolve) => {
      const headers = { 'content-type': 'application/json', 'content-length': 100 };
      const asking = request(`${live.url}/graphql`, { method: 'POST', headers });
      asking.on('error', () => resolve());
      asking.write('{"query":', () => asking.destroy(new Error('leaves')));
    });
    expect(await live.api.tip()).toBe(blockHash);
    expect(live.log()).not.toContain('request failed');
  });
});
