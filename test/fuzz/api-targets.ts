import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import fc from 'fast-check';
import { EXAMPLE_TABS } from '../../server/graphql/examples.ts';
import { type LiveNode, startLiveNode } from '../../testing/live-node.ts';
import { forklore, listen, stubBlock, stubTransaction, urlOf } from '../cli/stub-node.ts';
import { checkErrorOutput } from './judgement.ts';
import { type FuzzTarget, slowTarget } from './target.ts';
import { jsonValue, nearly, nearlyJson } from './text-mutations.ts';

/** Characters of an error on the command line, whatever a node answered. */
const MAX_ERROR_CHARS = 600;
const INTERNAL_ERROR = 500;

const ADDRESS = 'rlore1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqsevk63';
const PEER = {
  id: 'c1',
  url: null,
  remote: '127.0.0.1:1',
  direction: 'INBOUND',
  state: 'READY',
  height: 1,
  latencyMs: 1,
  userAgent: 'x',
};

/** What a node may answer, for each command that asks one. */
const ANSWERS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  tip: { tip: stubBlock() },
  'block 7': { block: stubBlock() },
  [`tx ${'12'.repeat(32)}`]: { transaction: stubTransaction() },
  'account Alice': {
    account: {
      address: ADDRESS,
      name: 'Alice',
      balance: '1',
      nonce: '0',
      pendingBalance: '1',
      pendingNonce: '0',
      transactions: { edges: [{ node: stubTransaction() }] },
    },
  },
  peers: { peers: [PEER] },
  mempool: {
    mempool: {
      readyCount: 1,
      queuedCount: 0,
      sizeBytes: 147,
      minimumFeeRate: '0.00001',
      transactions: { edges: [{ node: stubTransaction() }] },
    },
  },
  'send Alice Bob 1': {
    nodeInfo: { network: 'regtest', genesisHash: 'ab'.repeat(32) },
    sender: { address: ADDRESS, pendingNonce: '0' },
    recipient: { address: ADDRESS },
    mempool: { minimumFeeRate: '0.00001' },
    submitTransaction: { __typename: 'TransactionAccepted', transaction: { id: 'x', status: 'PENDING' } },
  },
};

/** Puts `value` in the place of some part of a JSON document; the numbers choose the way down. */
function withPart(document: unknown, way: readonly number[], value: unknown): unknown {
  const [turn, ...rest] = way;
  if (turn === undefined || typeof document !== 'object' || document === null) return value;
  const keys = Object.keys(document);
  const key = keys[turn % Math.max(1, keys.length)];
  if (key === undefined) return value;
  if (Array.isArray(document)) return document.with(Number(key), withPart(document[Number(key)], rest, value));
  return { ...document, [key]: withPart((document as Record<string, unknown>)[key], rest, value) };
}

let answer = '';
let stubUrl = '';

async function openStub(): Promise<() => Promise<void>> {
  const server = createServer((request, response) => {
    request.resume();
    response.setHeader('Content-Type', 'application/json').end(answer);
  });
  await listen(server);
  stubUrl = urlOf(server);
  return async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
}

/** The command line believes a node no more than it must: whatever it answers, there is one line that says so. */
const nodeAnswers = slowTarget(
  'cli-node-answers',
  fc.record({
    command: fc.constantFrom(...Object.keys(ANSWERS)),
    way: fc.array(fc.nat(20), { maxLength: 6 }),
    value: jsonValue,
    asError: fc.nat(9),
    damage: fc.option(nearly(fc.constant('')), { freq: 9 }),
    json: fc.boolean(),
  }),
  async ({ command, way, value, asError, damage, json }) => {
    let part: unknown = null;
    try {
      part = JSON.parse(value);
    } catch {
      // Not JSON: then nothing is there.
    }
    const data = withPart(ANSWERS[command], way, part);
    answer = damage ?? JSON.stringify(asError === 0 ? { errors: [{ message: part }] } : { data });
    const args = [...command.split(' '), '--node', stubUrl, ...(json ? ['--json'] : [])];
    const { code, stderr } = await forklore(args);
    assert.ok(code === 0 || code === 1 || code === 2, `exit code ${code}`);
    assert.ok(!stderr.startsWith('internal error'), stderr);
    assert.ok(stderr.length <= MAX_ERROR_CHARS);
    checkErrorOutput(stderr);
  },
  { notation: 'json', shortRuns: 100, weight: 4, open: openStub },
);

let node: LiveNode | null = null;

async function openNode(): Promise<() => Promise<void>> {
  const started = await startLiveNode();
  node = started;
  return async () => {
    node = null;
    await started.stop();
  };
}

const QUERIES = [
  ...EXAMPLE_TABS.map(({ query }) => query).filter((query) => !query.includes('mine(')),
  '{ block(height: 0) { hash transactions(first: 5) { edges { node { id } } } } }',
  'query ($hash: Hash, $height: Int) { block(hash: $hash, height: $height) { hash } }',
  'query ($address: String!) { account(address: $address) { balance transactions(first: 3, after: "x") { edges { cursor } } } }',
  'mutation ($raw: Hex!) { submitTransaction(raw: $raw) { ... on TransactionRejected { code message } } }',
  'mutation { invalidateBlock(hash: "00") { __typename } connectPeer(url: "x") { __typename } }',
  '{ headers(fromHeight: 0, limit: 2000) { hash } events(after: "x", first: 5) { cursor } blocks(first: 3, before: "x") { edges { cursor } } }',
];

/** The API of a running node, over HTTP: every answer is one of the API's, and nothing is an error of its own. */
const http = slowTarget(
  'graphql-http',
  nearlyJson({
    query: nearly(fc.constantFrom(...QUERIES)).map((query) => JSON.stringify(query)),
    variables: fc.oneof(
      fc.dictionary(fc.constantFrom('hash', 'height', 'address', 'raw', '__proto__'), jsonValue, { maxKeys: 3 }).map(
        (values) =>
          `{${Object.entries(values)
            .map(([name, value]) => `"${name}": ${value}`)
            .join(', ')}}`,
      ),
      jsonValue,
    ),
    operationName: fc.constantFrom('null', '"Look"', '1', '""'),
  }),
  async (body) => {
    if (!node) throw new Error('the node is open while its target runs');
    const accept = body.length % 2 === 0 ? 'application/json' : 'application/graphql-response+json';
    const headers = { 'content-type': 'application/json', accept };
    const response = await fetch(`${node.url}/graphql`, { method: 'POST', headers, body });
    const text = await response.text();
    assert.ok(response.status < INTERNAL_ERROR, `HTTP ${response.status}: ${text.slice(0, 300)}`);
    const { data, errors } = JSON.parse(text) as { data?: unknown; errors?: { message: string }[] };
    assert.ok(data !== undefined || (errors?.length ?? 0) > 0);
    for (const { message } of errors ?? []) {
      assert.ok(!/unexpected error|internal/i.test(message), `${message} for ${body.slice(0, 300)}`);
    }
  },
  { notation: 'text', shortRuns: 100, weight: 4, open: openNode },
);

/** The two ends of the API. */
export const API_TARGETS: readonly FuzzTarget[] = [nodeAnswers, http];
