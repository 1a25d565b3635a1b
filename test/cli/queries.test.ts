import { createServer } from 'node:http';
import { GraphQLError } from 'graphql';
import { afterEach, describe, expect, it } from 'vitest';
import { CommandError } from '../../cli/cli-errors.ts';
import { inWords } from '../../cli/commands/client-context.ts';
import { NodeTransport } from '../../client/node-transport.ts';
import { TipQuery } from '../../client/operation-documents.ts';
import {
  forklore,
  listen,
  type Resolvers,
  type StubNode,
  startStubNode,
  stubBlock,
  stubTransaction,
  urlOf,
} from './stub-node.ts';

const HASH = 'ab'.repeat(32);

let node: StubNode | undefined;
afterEach(async () => {
  await node?.close();
  node = undefined;
});

async function ask(args: readonly string[], resolvers: Resolvers) {
  node = await startStubNode(resolvers);
  return await forklore([...args, '--node', node.url]);
}

/** The exact text of a record's line. */
function line(stdout: string, name: string): string | undefined {
  return stdout
    .split('\n')
    .find((candidate) => candidate.startsWith(`${name} `))
    ?.slice(name.length)
    .trim();
}

describe('forklore tip and block', () => {
  const failedCall = stubTransaction({
    kind: 'CALL',
    method: 'vote',
    receipt: { ok: false, error: { message: 'the vote is closed' } },
  });
  const byHash = {
    Query: {
      block: (_: unknown, args: { hash?: string; height?: number }) =>
        args.hash === HASH ? { ...stubBlock(), transactions: { edges: [{ node: failedCall }] } } : null,
    },
  };
  const byHeight = {
    Query: { block: (_: unknown, args: { height?: number }) => (args.height === 7 ? stubBlock() : null) },
  };

  it('show the last block as a record', async () => {
    const { code, stdout, stderr } = await ask(['tip'], { Query: { tip: () => stubBlock() } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(line(stdout, 'height')).toBe('7');
    expect(line(stdout, 'hash')).toBe(HASH);
    expect(line(stdout, 'place')).toBe('active chain, 3 confirmations');
    expect(line(stdout, 'reward')).toBe('50');
  });

  it('print plain data and nothing else with --json', async () => {
    const { stdout, stderr } = await ask(['tip', '--json'], { Query: { tip: () => stubBlock() } });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual(stubBlock());
  });

  it('find a block by hash in any case, and tell in words what its transactions do', async () => {
    const { stdout } = await ask(['block', HASH.toUpperCase()], byHash);
    expect(line(stdout, 'height')).toBe('7');
    expect(stdout).toMatch(/^\w{8}…\w{8} +call of vote \(failed: the vote is closed\) /m);
  });

  it('find a block by height', async () => {
    expect(line((await ask(['block', '7'], byHeight)).stdout, 'hash')).toBe(HASH);
  });

  it('show the tip when no block is named, and say when it is on a side branch', async () => {
    const { stdout } = await ask(['block'], { Query: { tip: () => stubBlock({ canonical: false }) } });
    expect(line(stdout, 'place')).toBe('side branch');
  });

  it('say that there is no such block', async () => {
    const { code, stderr } = await ask(['block', '8'], byHeight);
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'error: the node knows no block at height 8\n' });
  });

  it.each(['-1', '1e3', '2147483648', 'abc', HASH.slice(1)])('refuse %s', async (id) => {
    const { code, stderr } = await forklore(['block', '--', id]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `error: HASH|HEIGHT must be a block hash (64 hex digits) or a height, not "${id}"\n`,
    });
  });
});

describe('forklore tx', () => {
  it('shows a transaction and where it is', async () => {
    const block = { hash: HASH, height: 7 };
    const { stdout } = await ask(['tx', '12'.repeat(32)], {
      Query: { transaction: () => stubTransaction({ status: 'CONFIRMED', block, confirmations: 2 }) },
    });
    expect(line(stdout, 'status')).toBe('confirmed');
    expect(line(stdout, 'block')).toBe(`7, ${HASH}`);
    expect(line(stdout, 'from')).toBe('lore1alice');
  });

  it('shows why one was dropped, and foreign text without its control characters', async () => {
    const { stdout } = await ask(['tx', '12'.repeat(32)], {
      Query: {
        transaction: () => stubTransaction({ status: 'DROPPED', statusReason: 'expired', memo: 'hi\u001b[2J' }),
      },
    });
    expect(line(stdout, 'status')).toBe('dropped (expired)');
    expect(line(stdout, 'memo')).toBe('hi\ufffd[2J');
  });

  it('says that the node does not know it, and what an id looks like', async () => {
    const unknown = await ask(['tx', HASH], { Query: { transaction: () => null } });
    expect(unknown).toMatchObject({ code: 1, stderr: `error: the node knows no transaction ${HASH}\n` });
    const wrong = await forklore(['tx', '12']);
    expect(wrong).toMatchObject({ code: 2, stderr: 'error: ID must be a transaction id (64 hex digits), not "12"\n' });
  });
});

describe('forklore account', () => {
  const account = {
    address: 'lore1alice',
    addressHex: 'ab'.repeat(20),
    name: 'Alice',
    balance: '990',
    nonce: '1',
    pendingBalance: '980',
    pendingNonce: '2',
    transactions: {
      edges: [{ node: stubTransaction() }, { node: stubTransaction({ sender: null, recipient: 'lore1alice' }) }],
    },
  };

  it('shows balances and latest transactions', async () => {
    const { stdout } = await ask(['account', 'Alice'], { Query: { account: () => account } });
    expect(line(stdout, 'balance')).toBe('990');
    expect(line(stdout, 'pending nonce')).toBe('2');
    expect(stdout).toMatch(/12121212…12121212 +pending +-10 +to lore1bob\n/);
    expect(stdout).toMatch(/12121212…12121212 +pending +\+10 +mined\n/);
  });

  it('hands on what the node says about a bad name, which is wrong usage as if it had been seen here', async () => {
    const refuse = () => {
      const extensions = { code: 'BAD_INPUT', argument: 'address' };
      throw new GraphQLError('address: not an address: it should start with lore1', { extensions });
    };
    const { code, stderr } = await ask(['account', 'Zed'], { Query: { account: refuse } });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'error: address: not an address: it should start with lore1\n',
    });
  });
});

describe('forklore peers', () => {
  const peer = {
    id: 'p1',
    url: 'http://127.0.0.1:5001',
    direction: 'OUTBOUND',
    state: 'READY',
    height: 7,
    latencyMs: 0.25,
    userAgent: 'evil\u001b]0;title\u0007',
    connectedAt: '2026-01-01T00:00:00.000Z',
    graphqlUrl: null,
  };

  it('shows a row for each, with foreign text made harmless', async () => {
    const { stdout } = await ask(['peers'], { Query: { peers: () => [peer, { ...peer, id: 'p2', latencyMs: null }] } });
    expect(stdout).toMatch(/^p1 +http:\/\/127\.0\.0\.1:5001 +outbound +ready +7 +0\.3 ms +evil\ufffd\]0;title\ufffd$/m);
    expect(stdout).toMatch(/^p2 .* – /m);
  });

  it('says that there are none, in words or as data', async () => {
    expect((await ask(['peers'], { Query: { peers: () => [] } })).stdout).toBe('no peers\n');
    await node?.close();
    expect((await ask(['peers', '--json'], { Query: { peers: () => [] } })).stdout).toBe('[]\n');
  });
});

describe('forklore mempool', () => {
  const mempool = (size: number) => ({
    size,
    bytes: size * 147,
    minimumFeeRate: '0.00001',
    transactions: (args: { first: number }) => ({
      edges: Array.from({ length: Math.min(size, args.first) }, () => ({ node: stubTransaction() })),
    }),
  });

  it('shows what waits, and how much more there is', async () => {
    const { stdout } = await ask(['mempool', '--limit', '2'], { Query: { mempool: () => mempool(3) } });
    expect(line(stdout, 'transactions')).toBe('3 (441 bytes), best 2 shown');
    expect(line(stdout, 'minimum fee')).toBe('0.00001 per 1,000 bytes or 20,000 gas');
    expect(stdout.match(/12121212…12121212/g)).toHaveLength(2);
  });

  it('shows no table when nothing waits', async () => {
    const { stdout } = await ask(['mempool'], { Query: { mempool: () => mempool(0) } });
    expect(stdout).toBe('transactions  0 (0 bytes)\nminimum fee   0.00001 per 1,000 bytes or 20,000 gas\n');
  });

  it('refuses a limit that is not one', async () => {
    const { code, stderr } = await forklore(['mempool', '--limit', '101']);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'error: --limit must be a whole number from 1 to 100, not "101"\n',
    });
  });
});

describe('the way to the node', () => {
  it('is named by FORKLORE_NODE too, and may be the GraphQL URL', async () => {
    node = await startStubNode({ Query: { tip: () => stubBlock() } });
    const environment = { FORKLORE_NODE: `${node.url}/graphql` };
    expect((await forklore(['tip'], { environment })).code).toBe(0);
  });

  it('explains that nobody answers, and how to start a node', async () => {
    node = await startStubNode({});
    const { url } = node;
    await node.close();
    const { port } = new URL(url);
    expect(await forklore(['tip', '--node', url])).toEqual({
      code: 1,
      stdout: '',
      stderr: `error: no node answers at ${url} (connection refused); start one with: npm run node -- --port ${port}\n`,
    });
  });

  it.each([
    [404, '<html>', 'answers, but not like a Forklore node (HTTP 404)'],
    [200, '[1]', 'answers, but not like a Forklore node (HTTP 200)'],
    [200, '{"data":null}', 'answers, but not like a Forklore node'],
    [403, 'host "x" is not this node\u001b[31m', 'refuses the request (HTTP 403): host "x" is not this node\ufffd[31m'],
    [503, '{"ready":false}', 'refuses the request (HTTP 503): {"ready":false}'],
  ])('explains an answer %d %s', async (status, body, message) => {
    const server = createServer((_request, response) => response.writeHead(status).end(body));
    await listen(server);
    const url = urlOf(server);
    const { code, stderr } = await forklore(['tip', '--node', url]);
    server.close();
    expect({ code, stderr }).toEqual({ code: 1, stderr: `error: ${url} ${message}\n` });
  });

  it('gives up on a node that stays silent', async () => {
    const server = createServer(() => {});
    await listen(server);
    const url = urlOf(server);
    const asked = new NodeTransport({ url, answerTimeoutMs: 50 }).query(TipQuery, {});
    const problem = await asked.catch((error: unknown) => inWords({ url, adminToken: null }, error));
    expect(problem).toEqual(new CommandError(`the node at ${url} did not answer within 0.05 s`));
    server.closeAllConnections();
    server.close();
  });
});
