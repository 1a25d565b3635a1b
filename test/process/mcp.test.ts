import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  killPrograms,
  type NodeProcess,
  PROGRAM,
  removeFolders,
  run,
  startNode,
  temporaryFolder,
} from '../../testing/processes.ts';
import { startStubNode } from '../../testing/stub-node.ts';

const UNKNOWN = 'f'.repeat(64);
const clients: Client[] = [];
let node: NodeProcess;

const startLone = () => startNode(['--network', 'regtest', '--port', '0', '--ephemeral', '--no-discovery']);

beforeAll(async () => {
  node = await startLone();
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

afterAll(async () => {
  await killPrograms();
  removeFolders();
});

/** An agent, with the program as its child. */
async function connect(...flags: readonly string[]): Promise<Client> {
  const client = new Client({ name: 'test', version: '0' });
  clients.push(client);
  const args = [PROGRAM, 'mcp', '--node', node.url, ...flags];
  await client.connect(new StdioClientTransport({ command: process.execPath, args, stderr: 'pipe' }));
  return client;
}

type Answer = Awaited<ReturnType<Client['callTool']>>;

/** What a tool answers, the same as structure and as text. */
async function ask(client: Client, name: string, args: Record<string, unknown> = {}) {
  const { structuredContent, content, isError } = await client.callTool({ name, arguments: args });
  expect({ isError, content }).toMatchObject({ isError: undefined, content: [{ type: 'text' }] });
  expect(JSON.parse(textOf(content))).toEqual(structuredContent);
  // biome-ignore lint/suspicious/noExplicitAny: the tests say what they expect.
  return structuredContent as any;
}

/** Why a tool does not answer, in words. */
async function refusal(client: Client, name: string, args: Record<string, unknown> = {}): Promise<string> {
  const { content, isError } = await client.callTool({ name, arguments: args });
  expect(isError).toBe(true);
  return textOf(content);
}

const textOf = (content: Answer['content']): string => (content as [{ text: string }])[0].text;

describe('an agent', () => {
  it('is offered few tools with exact arguments, and to send only where it was given an account', async () => {
    const [reader, payer] = await Promise.all([connect(), connect('--from', 'Alice')]);
    const { tools } = await reader.listTools();
    const reading = ['tip', 'block', 'explain_reorg', 'transaction', 'account', 'peers'];
    expect(tools.map(({ name }) => name)).toEqual([...reading, 'mine']);
    for (const { name, inputSchema, annotations } of tools) {
      expect(inputSchema, name).toMatchObject({
        additionalProperties: false,
        properties: { node: { default: node.url, description: expect.stringContaining(node.url) } },
      });
      expect(annotations?.readOnlyHint, name).toBe(reading.includes(name));
    }
    expect((await payer.listTools()).tools.map(({ name }) => name)).toEqual([...reading, 'mine', 'send']);
  });

  it('sends, mines, and sees what came of it', async () => {
    const client = await connect('--from', 'Alice');
    const sent = await ask(client, 'send', { to: 'Bob', amount: '7.5', memo: 'for tea' });
    expect(sent).toMatchObject({ network: 'regtest', amount: '7.5', nonce: '0', status: 'PENDING' });
    const { blocks, stopped } = await ask(client, 'mine', { count: 2, to: 'Carol' });
    expect(stopped).toBeNull();
    expect(blocks).toMatchObject([
      { height: 1, reward: '50.00001', transactionCount: 2 },
      { height: 2, reward: '50' },
    ]);
    const { transaction } = await ask(client, 'transaction', { id: sent.id });
    expect(transaction).toMatchObject({ status: 'CONFIRMED', confirmations: 2, memo: 'for tea', amount: '7.5' });
    const { account } = await ask(client, 'account', { account: 'Bob' });
    expect(account).toMatchObject({ name: 'Bob', balance: '1007.5', transactions: [{ id: sent.id }] });
    const { tip } = await ask(client, 'tip');
    expect(tip).toMatchObject({ height: 2, hash: blocks[1].hash });
    expect((await ask(client, 'block', { id: '1' })).block.hash).toBe(blocks[0].hash);
    expect((await ask(client, 'block', { id: 1 })).block.hash).toBe(blocks[0].hash);
    expect((await ask(client, 'block', { id: tip.hash })).block.header.prevHash).toBe(blocks[0].hash);
    expect(await ask(client, 'peers')).toEqual({ peers: [] });
    expect(await ask(client, 'explain_reorg')).toEqual({ reorgs: [] });
  });

  //  genesis - a1          disconnected, with a transfer of Dave
  //          \ b1 - b2     connected
  it('is told why a node left its branch, and what became of the transactions', async () => {
    const [a, b] = await Promise.all([startLone(), startLone()]);
    const client = await connect('--node', a.url, '--node', b.url, '--from', 'Dave');
    const { id } = await ask(client, 'send', { node: a.url, to: 'Erin', amount: '1' });
    const lost = await ask(client, 'mine', { node: a.url });
    const kept = await ask(client, 'mine', { node: b.url, count: 2 });
    await a.api.query('mutation ($url: String!) { connectPeer(url: $url) { __typename } }', { url: b.url });
    await a.api.untilTip(kept.blocks[1].hash, 60_000);
    expect((await ask(client, 'peers', { node: a.url })).peers).toMatchObject([{ url: b.url, state: 'READY' }]);
    const { reorgs } = await ask(client, 'explain_reorg', { node: a.url, count: 3 });
    expect(reorgs).toMatchObject([
      {
        explanation: expect.stringMatching(
          /^The node left 1 block and took up 2 of another branch after block 0 .* because that branch has more work: 6 .* against 4\./,
        ),
        forkPoint: { height: 0 },
        disconnected: { blocks: 1, last: { hash: lost.blocks[0].hash, totalWork: '4' } },
        connected: { blocks: 2, last: { hash: kept.blocks[1].hash, totalWork: '6' } },
        transactions: [
          { id, fate: 'back in the mempool', reason: null, transaction: { amount: '1', status: 'PENDING' } },
        ],
      },
    ]);
  });

  it('is refused in words', async () => {
    const client = await connect('--from', 'Frank');
    const refusals: [string, Record<string, unknown>, RegExp][] = [
      [
        'tip',
        { node: 'http://127.0.0.1:1' },
        /^node must be one of http:\/\/127\.0\.0\.1:\d+, or the name of one of them, not "http:\/\/127\.0\.0\.1:1"$/,
      ],
      ['tip', { url: 'http://127.0.0.1:1' }, /Unrecognized key: "url"$/],
      ['block', { id: 'last' }, /^id must be a block hash \(64 hex digits\) or a height, not "last"$/],
      ['block', { id: -1 }, /^id must be a block hash \(64 hex digits\) or a height, not "-1"$/],
      ['block', { id: '999999' }, /^the node knows no block at height 999999$/],
      ['transaction', { id: 'x' }, /must be 64 hex digits at id$/],
      ['transaction', { id: UNKNOWN }, /^the node knows no transaction f{64}$/],
      [
        'account',
        { account: 'Zed' },
        /"Zed" is neither an address of this network .* nor the name of a development account/,
      ],
      ['mine', { count: 101 }, /expected number to be <=100 at count$/],
      ['mine', { to: 'Zed' }, /"Zed" is neither an address/],
      ['send', { to: 'Bob', amount: '1000000' }, /^the node refuses the transaction: .*\(insufficient-balance\)$/],
      ['send', { to: 'Bob', amount: '-1' }, /^AMOUNT "-1": /],
      ['explain_reorg', { count: 0 }, /expected number to be >=1 at count$/],
    ];
    for (const [name, args, words] of refusals) expect(await refusal(client, name, args)).toMatch(words);
  });

  it('names a node as people do', async () => {
    const other = await startLone();
    const client = await connect('--node', other.url);
    const { host, port } = new URL(other.url);
    const { name } = (await ask(client, 'tip', { node: other.url })).node;
    expect(name).toBe(`node-${port}`);
    for (const text of [port, host, `${host}/`, `localhost:${port}`, `${other.url}/`, name]) {
      expect((await ask(client, 'tip', { node: text })).node.name, text).toBe(name);
    }
  });

  it('does not read the token of its nodes, whatever they answer', async () => {
    const token = 'secret'.repeat(10);
    const file = join(temporaryFolder(), 'token');
    writeFileSync(file, token);
    const peer = {
      id: '1',
      url: `http://${token}`,
      direction: 'INBOUND',
      state: 'READY',
      height: 0,
      latencyMs: null,
      userAgent: `said ${token} twice: ${token}`,
      connectedAt: '2026-01-01T00:00:00Z',
      graphqlUrl: null,
      linkConditions: null,
    };
    const refused = { message: `no rights with ${token}`, extensions: { code: 'INTERNAL' } };
    const echoing = await startStubNode({
      http: (question) => ({
        body: question.includes('peers') ? { data: { peers: [peer] } } : { errors: [refused] },
      }),
    });
    try {
      const client = await connect('--node', echoing.url, '--admin-token-file', file);
      const { peers } = await ask(client, 'peers', { node: echoing.url });
      expect(peers).toMatchObject([{ url: 'http://[token]', userAgent: 'said [token] twice: [token]' }]);
      expect(await refusal(client, 'transaction', { node: echoing.url, id: UNKNOWN })).toBe('no rights with [token]');
    } finally {
      await echoing.stop();
    }
  });

  it('goes on when a node has gone, and says so', async () => {
    const other = await startLone();
    const client = await connect('--node', other.url);
    await other.program.signal('SIGTERM');
    expect(await refusal(client, 'tip', { node: other.url })).toContain(`no node answers at ${other.url}`);
    expect((await ask(client, 'tip')).node.network).toBe('regtest');
  });

  it('mines only where the node grants it, and is told what is missing', async () => {
    const denial = { message: 'not yours to control', extensions: { code: 'FORBIDDEN' } };
    const guarded = await startStubNode({
      operation: (id, socket) => socket.send(JSON.stringify({ type: 'error', id, payload: [denial] })),
    });
    try {
      const client = await connect('--node', guarded.url);
      expect(await refusal(client, 'mine', { node: guarded.url })).toBe(
        'controlling this node needs its token: name the file that holds it with --admin-token-file',
      );
    } finally {
      await guarded.stop();
    }
  });
});

describe('forklore mcp', () => {
  it('ends when its input ends, and says nothing but the protocol', async () => {
    expect(await run(['mcp', '--node', node.url])).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('ends with a reason at a message that is too long', async () => {
    expect(await run(['mcp', '--node', node.url], {}, 'x'.repeat(2 ** 20 + 1))).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: the input holds a message of more than 1048576 bytes\n',
    });
  });

  it('is not started with an account that it has no key of', async () => {
    const words = join(temporaryFolder(), 'words');
    writeFileSync(words, 'legal winner thank year wave sausage worth useful legal winner thank yellow');
    const [address = ''] = /\blore1\w+/.exec((await run(['wallet', 'address', '--mnemonic-file', words])).stdout) ?? [];
    expect(await run(['mcp', '--from', address])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--mnemonic-file'),
    });
    expect(await run(['mcp', '--mnemonic-file', words])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--from'),
    });
  });
});
