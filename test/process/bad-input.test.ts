import { once } from 'node:events';
import {
  closeSync,
  copyFileSync,
  cpSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { bytesToHex } from '../../consensus/hex.ts';
import { REGTEST } from '../../consensus/networks.ts';
import { MAX_FRAME_BYTES } from '../../protocol/limits.ts';
import { encodeMessage } from '../../protocol/messages.ts';
import { genesisPoint, keysOf, transferAt } from '../../testing/chain-builder.ts';
import {
  killPrograms,
  type NodeProcess,
  Program,
  removeFolders,
  run,
  startNode,
  temporaryFolder,
} from '../../testing/processes.ts';
import { RawPeer, regtestHello } from '../../testing/raw-peer.ts';
import { sampleMessages } from '../../testing/sample-messages.ts';

const MISBEHAVIOUR = 4007;
const WRONG_NETWORK = 4002;
const MESSAGE_TOO_BIG = 1009;
const POLICY_VIOLATION = 1008;
/** Base units; above the least that a node takes. */
const FEE = 1_000n;
const STATE = '{ tip { hash } mempool { size transactions(first: 10) { edges { node { id } } } } }';
const SUBMIT = `mutation ($raw: Hex!) {
  submitTransaction(raw: $raw) { __typename ... on TransactionRejected { code message } }
}`;
const REGTEST_FLAGS = ['--port', '0', '--network', 'regtest', '--no-discovery'];

/** The node that everything here is done to: with blocks, and with a transaction that waits. */
let node: NodeProcess;
let nodeFolder: string;
let before: unknown;
/** Everything but the node runs here, so that no other node of the machine is found. */
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  env = { FORKLORE_RUNTIME_DIR: temporaryFolder() };
  nodeFolder = temporaryFolder();
  node = await startNode([...REGTEST_FLAGS, '--data-dir', nodeFolder], env);
  await node.api.query('mutation { sendFromDevAccount(from: "Erin", to: "Bob", amount: "1") { __typename } }');
  await node.api.query('mutation { mine(count: 3) { __typename } }');
  await node.api.query('mutation { sendFromDevAccount(from: "Alice", to: "Bob", amount: "1") { __typename } }');
  before = await node.api.query(STATE);
});

afterEach(async () => {
  expect(await node.api.query(STATE)).toEqual(before);
});

afterAll(async () => {
  const ended = await node.program.signal('SIGTERM');
  await killPrograms();
  const verified = await run(['verify', '--network', 'regtest', '--data-dir', nodeFolder]);
  removeFolders();
  expect(ended.code).toBe(0);
  expect(verified.code).toBe(0);
});

/** Runs a node that is expected to end by itself. */
const nodeEnds = (...args: string[]) => run(['node', ...REGTEST_FLAGS, ...args], env);

const failure = (message: string, code = 1) => ({ code, stdout: '', stderr: `error: ${message}\n` });

describe('a node that cannot start', () => {
  it('says that the port is in use', async () => {
    const { port } = new URL(node.url);
    expect(await nodeEnds('--ephemeral', '--port', port)).toEqual(
      failure(`port ${port} is already in use; choose another with --port`),
    );
  });

  it('says which process has the data folder', async () => {
    const inUse = failure(
      `data folder ${nodeFolder} is in use by process ${node.program.child.pid}; stop it, or choose another folder with --data-dir`,
    );
    expect(await nodeEnds('--data-dir', nodeFolder)).toEqual(inUse);
    expect(await nodeEnds('--data-dir', nodeFolder, '--reindex')).toEqual(inUse);
    expect(await run(['verify', '--network', 'regtest', '--data-dir', nodeFolder])).toEqual(inUse);
  });

  it("refuses another network's folder, and leaves it as it was", async () => {
    const folder = temporaryFolder();
    const lab = await startNode(['--port', '0', '--no-discovery', '--data-dir', folder], env);
    await lab.program.signal('SIGTERM');
    const database = readFileSync(join(folder, 'chain', 'data.mdb'));
    const foreign = failure(
      `data folder ${folder} belongs to network lab, not regtest; choose another folder with --data-dir`,
    );
    expect(await nodeEnds('--data-dir', folder)).toEqual(foreign);
    expect(await nodeEnds('--data-dir', folder, '--reindex')).toEqual(foreign);
    expect(readFileSync(join(folder, 'chain', 'data.mdb')).equals(database)).toBe(true);
  });

  it('refuses a folder that is no data folder, and writes nothing into it', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'letter.txt'), 'dear reader');
    expect(await nodeEnds('--data-dir', folder)).toEqual(
      failure(`folder ${folder} holds files but no chain; choose an empty or a new folder`),
    );
    expect(readdirSync(folder)).toEqual(['letter.txt']);
  });

  it('says that a folder cannot be made: under a file, under what is no real folder', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const folder = join(file, 'data');
    expect(await nodeEnds('--data-dir', folder)).toEqual(
      failure(
        `cannot use data folder ${folder}: a part of the path is not a folder; choose another folder with --data-dir`,
      ),
    );
    const ended = await nodeEnds('--data-dir', '/proc/forklore/data');
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(
      /^error: cannot use data folder \/proc\/forklore\/data: [a-z ]+; choose another folder with --data-dir\n$/,
    );
  });

  it('does not verify what is not there', async () => {
    const folder = join(temporaryFolder(), 'none');
    const missing = failure(`there is no chain in ${folder}; name its folder with --data-dir`);
    expect(await run(['verify', '--network', 'regtest', '--data-dir', folder])).toEqual(missing);
    expect(() => statSync(folder)).toThrow('ENOENT');
  });

  it('names an unknown flag', async () => {
    expect(await nodeEnds('--ephemeral', '--bogus')).toEqual(failure("unknown option '--bogus'", 2));
  });
});

describe('a damaged database', () => {
  const database = (folder: string) => join(folder, 'chain', 'data.mdb');

  /** A data folder with a chain, whose node has stopped; and the chain's tip. */
  async function stoppedChain(): Promise<{ folder: string; tip: string }> {
    const folder = temporaryFolder();
    const stopped = await startNode([...REGTEST_FLAGS, '--data-dir', folder], env);
    await stopped.api.query('mutation { sendFromDevAccount(from: "Alice", to: "Bob", amount: "1") { __typename } }');
    await stopped.api.query('mutation { mine(count: 20) { __typename } }');
    const tip = await stopped.api.tip();
    expect((await stopped.program.signal('SIGTERM')).code).toBe(0);
    return { folder, tip };
  }

  /** One bit of every place where an account is kept, which can be made again from the blocks. */
  function flipAccounts(path: string): void {
    const bytes = readFileSync(path);
    const address = Buffer.from(keysOf('Alice').address, 'hex');
    const file = openSync(path, 'r+');
    for (let at = bytes.indexOf(address); at !== -1; at = bytes.indexOf(address, at + 1)) {
      const behind = at + address.length + 4;
      writeSync(file, Buffer.from([(bytes[behind] ?? 0) ^ 1]), 0, 1, behind);
    }
    closeSync(file);
  }

  it.each([
    ['flipped', flipAccounts],
    ['truncated', (path: string) => truncateSync(path, statSync(path).size - 4096)],
  ])('is refused with exit code 3 when %s, and rebuilt by --reindex', async (_, damage) => {
    const { folder, tip } = await stoppedChain();
    const whole = temporaryFolder();
    cpSync(folder, whole, { recursive: true });
    damage(database(folder));
    const refused = await nodeEnds('--data-dir', folder);
    expect(refused).toMatchObject({ code: 3, stdout: '' });
    const line = new RegExp(
      `^error: data folder ${folder} is damaged: .*; rebuild it from its blocks with --reindex\n$`,
    );
    expect(refused.stderr).toMatch(line);
    expect(await run(['verify', '--network', 'regtest', '--data-dir', folder])).toMatchObject({ code: 3, stdout: '' });

    const source = await startNode([...REGTEST_FLAGS, '--data-dir', whole], env);
    const rebuilt = await startNode([...REGTEST_FLAGS, '--data-dir', folder, '--reindex', '--peer', source.url], env);
    await rebuilt.api.untilTip(tip);
    expect((await rebuilt.program.signal('SIGTERM')).code).toBe(0);
    expect(await run(['verify', '--network', 'regtest', '--data-dir', folder])).toMatchObject({ code: 0 });
    await source.program.signal('SIGTERM');
  });

  it('gives the same chain without any peer when only the state was damaged', async () => {
    const { folder, tip } = await stoppedChain();
    const copy = join(temporaryFolder(), 'data.mdb');
    flipAccounts(database(folder));
    copyFileSync(database(folder), copy);
    expect((await nodeEnds('--data-dir', folder)).code).toBe(3);
    expect(readFileSync(database(folder)).equals(readFileSync(copy))).toBe(true);
    const rebuilt = await startNode([...REGTEST_FLAGS, '--data-dir', folder, '--reindex'], env);
    expect(await rebuilt.api.tip()).toBe(tip);
    await rebuilt.program.signal('SIGTERM');
  });
});

describe('a peer that is none', () => {
  it('is named with the reason: a web server, a closed port', async () => {
    const server = createServer((_request, response) => response.writeHead(404).end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const web = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const program = new Program(['node', ...REGTEST_FLAGS, '--ephemeral', '--peer', web], env);
    await program.errorOutput(new RegExp(`could not connect .*"${web}","reason":"not a Forklore node: HTTP 404"`));
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    await program.errorOutput(new RegExp(`could not connect .*"${web}","reason":"connection refused"`));
    expect(
      await node.api.query(`mutation { connectPeer(url: "${web}") { ... on OperationFailed { code message } } }`),
    ).toEqual({
      connectPeer: { code: 'connect-failed', message: `${web}: connection refused` },
    });
    expect((await program.signal('SIGTERM')).code).toBe(0);
  });

  it('is of another network: both sides say why', async () => {
    const lab = new Program(['node', '--port', '0', '--no-discovery', '--ephemeral', '--peer', node.url], env);
    await lab.errorOutput(/peer rejected .*another network: genesis [0-9a-f]{16}…, not [0-9a-f]{16}…/);
    await node.program.errorOutput(/peer rejected .*another network: genesis [0-9a-f]{16}…, not [0-9a-f]{16}…/);
    expect((await lab.signal('SIGTERM')).code).toBe(0);
  });
});

describe('a peer that breaks the protocol', () => {
  const punished = (reason: string | RegExp) => {
    const text = typeof reason === 'string' ? reason : expect.stringMatching(reason);
    return { code: MISBEHAVIOUR, reason: text, bye: text };
  };

  it.each([
    ['an empty frame', new Uint8Array(0), /^malformed message: /],
    ['an unknown kind', new Uint8Array([200]), /^malformed message: /],
    ['a truncated hello', regtestHello().subarray(0, 20), /^malformed message: /],
    ['a hello with a byte too many', new Uint8Array([...regtestHello(), 0]), /^malformed message: /],
    ['a message before hello', encodeMessage({ type: 'ping', nonce: 1n }), 'sent ping before hello'],
  ])('is told so and cut off: %s', async (_, frame, reason) => {
    const peer = await RawPeer.connect(node.url);
    expect(await peer.send(frame).ended).toEqual(punished(reason));
  });

  it.each(sampleMessages().filter(({ type }) => type !== 'hello'))(
    'is cut off for a damaged $type',
    async (message) => {
      const frame = encodeMessage(message);
      const damaged = [new Uint8Array([...frame, 0]), ...(frame.length > 1 ? [frame.subarray(0, -1)] : [])];
      for (const bytes of damaged) {
        const peer = await RawPeer.connect(node.url);
        expect(await peer.send(regtestHello(), bytes).ended).toEqual(punished(/^malformed (message|block): /));
      }
    },
  );

  it('is cut off for a second hello', async () => {
    const peer = await RawPeer.connect(node.url);
    expect(await peer.send(regtestHello(), regtestHello()).ended).toEqual(punished('sent a second hello'));
  });

  it('is told that it is of another network', async () => {
    const peer = await RawPeer.connect(node.url);
    const reason = `another network: genesis ${'ab'.repeat(8)}…, not ${REGTEST.genesis.hash.slice(0, 16)}…`;
    const ended = await peer.send(regtestHello({ genesisHash: 'ab'.repeat(32) })).ended;
    expect(ended).toEqual({ code: WRONG_NETWORK, reason, bye: reason });
  });

  it('is cut off for a text frame', async () => {
    const peer = await RawPeer.connect(node.url);
    peer.socket.send('hello');
    expect(await peer.ended).toEqual(punished('text frame'));
  });

  it('is cut off for a frame that is too large', async () => {
    const peer = await RawPeer.connect(node.url);
    expect(await peer.send(new Uint8Array(MAX_FRAME_BYTES + 1)).ended).toMatchObject({ code: MESSAGE_TOO_BIG });
  });

  it('is cut off for a flood of fragments', async () => {
    const peer = await RawPeer.connect(node.url);
    for (let i = 0; i < 1_000; i++) peer.socket.send(new Uint8Array(1), { fin: false });
    expect(await peer.ended).toMatchObject({ code: POLICY_VIOLATION });
  });

  it('does not keep a well-behaved peer from being served', async () => {
    const good = await RawPeer.connect(node.url);
    const bad = await RawPeer.connect(node.url);
    good.send(regtestHello());
    await bad.send(new Uint8Array([200])).ended;
    const answer = once(good.socket, 'pong');
    good.socket.ping();
    await answer;
    expect((await node.api.query('{ peers { state } }')).peers).toEqual([{ state: 'READY' }]);
    good.socket.close();
    await good.ended;
  });
});

describe('a transaction that breaks a rule', () => {
  const genesis = genesisPoint(REGTEST);
  const [carol, dave, erin] = [keysOf('Carol'), keysOf('Dave'), keysOf('Erin')];
  const good = transferAt(genesis, carol, dave.address, { amount: 1n });

  it.each([
    ['a bad signature', flippedAt(good.raw, -1), 'bad-signature'],
    ['bytes that say another amount', flippedAt(good.raw, -64 - 2 - 16), 'bad-signature'],
    ['a nonce that is used up', transferAt(genesis, erin, dave.address, { fee: FEE }).raw, 'wrong-nonce'],
    ['a nonce far ahead', transferAt(genesis, carol, dave.address, { fee: FEE, nonce: 10_000n }).raw, 'nonce-too-far'],
    ['no fee', good.raw, 'fee-too-low'],
    [
      'more than the account has',
      transferAt(genesis, carol, dave.address, { amount: 2n ** 63n }).raw,
      'insufficient-balance',
    ],
    [
      'sums that wrap',
      transferAt(genesis, carol, dave.address, { amount: 2n ** 64n - 1n, fee: 2n ** 64n - 1n }).raw,
      'insufficient-balance',
    ],
    ['a byte too many', new Uint8Array([...good.raw, 0]), 'malformed'],
    ['a byte too few', good.raw.subarray(0, -1), 'malformed'],
    ['nothing', new Uint8Array(0), 'malformed'],
  ])('is refused with its code: %s', async (_, raw, code) => {
    const { submitTransaction: result } = await node.api.query(SUBMIT, { raw: bytesToHex(raw) });
    expect(result).toEqual({
      __typename: 'TransactionRejected',
      code,
      message: expect.any(String),
    });
  });
});

/** A copy with one bit changed; a negative place counts from the end. */
function flippedAt(bytes: Uint8Array, place: number): Uint8Array {
  const copy = bytes.slice();
  const at = place < 0 ? copy.length + place : place;
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

describe('an amount that is none', () => {
  const NOT_DECIMAL = 'amount is not a decimal number such as 10 or 0.5';
  const TOO_LARGE = 'amount is above the largest, 184467440737.09551615';

  it.each([
    ['1e3', NOT_DECIMAL],
    ['-1', 'amount is negative'],
    ['0.000000001', 'amount has more than 8 decimals'],
    ['9007199254740993', TOO_LARGE],
  ])('is refused exactly, with the name of the argument: %s', async (amount, reason) => {
    const given = await run(['send', 'Alice', 'Bob', amount, '--node', node.url]);
    expect(given).toEqual(failure(`AMOUNT "${amount}": ${reason}`, 2));
    const query = (form: string) =>
      node.api.query(`mutation { sendFromDevAccount(from: "Alice", to: "Bob", amount: ${form}) { __typename } }`);
    await expect(query(`"${amount}"`)).rejects.toThrow(
      `amount: Expected value of type "Amount!", found "${amount}"; ${reason}`,
    );
    await expect(query(amount)).rejects.toThrow(`amount: Expected value of type "Amount!", found ${amount}; ${reason}`);
    const withVariable =
      'mutation ($coins: Amount!) { sendFromDevAccount(from: "Alice", to: "Bob", amount: $coins) { __typename } }';
    await expect(node.api.query(withVariable, { coins: amount })).rejects.toThrow(
      `Variable "$coins" got invalid value "${amount}"; Expected type "Amount". ${reason}`,
    );
  });

  it('is refused as a JSON number that may have lost digits', async () => {
    const send =
      'mutation ($amount: Amount!) { sendFromDevAccount(from: "Alice", to: "Bob", amount: $amount) { __typename } }';
    await expect(node.api.query(send, { amount: 0.5 })).rejects.toThrow('may have lost digits');
    await expect(node.api.query(send, { amount: 2 ** 53 })).rejects.toThrow('may have lost digits');
  });
});

describe('a website that reaches for the node', () => {
  /** Status and text of a POST with these headers, which `fetch` would not let one choose. */
  function post(headers: Record<string, string>): Promise<{ status: number | undefined; body: string }> {
    return new Promise((resolve, reject) => {
      const post = request(`${node.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
      });
      post.on('error', reject);
      post.on('response', (response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode, body }));
      });
      post.end(JSON.stringify({ query: 'mutation { mine { __typename } }' }));
    });
  }

  /** HTTP status with which an upgrade is answered. */
  function upgrade(path: string, protocol: string, headers: Record<string, string>): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(`${node.url.replace('http', 'ws')}${path}`, protocol, { headers });
      socket.on('error', reject);
      socket.on('open', () => {
        socket.terminate();
        resolve(101);
      });
      socket.on('unexpected-response', (_request, response) => {
        response.resume();
        resolve(response.statusCode);
      });
    });
  }

  it.each([
    [{ origin: 'https://evil.example' }, 'origin \\"https://evil.example\\" is not allowed; see --allow-origin'],
    [{ origin: 'null' }, 'origin \\"null\\" is not allowed; see --allow-origin'],
    [{ origin: 'http://127.0.0.1.evil.example' }, 'is not allowed; see --allow-origin'],
    [{ host: 'evil.example' }, 'host \\"evil.example\\" is not this node'],
    [{ 'content-type': 'text/plain' }, 'the request needs the header Content-Type: application/json'],
  ])('is refused over HTTP: %j', async (headers, reason) => {
    const { status, body } = await post(headers as Record<string, string>);
    expect(status).toBe(403);
    expect(body).toContain(reason);
  });

  it.each(['https://evil.example', 'null'])('is refused both sockets: origin %s', async (origin) => {
    expect(await upgrade('/graphql', 'graphql-transport-ws', { origin })).toBe(403);
    expect(await upgrade('/p2p', 'forklore.1', { origin })).toBe(403);
  });

  it('is refused the API under another host name; peers, which send no Origin, may use any', async () => {
    const host = 'evil.example';
    expect(await upgrade('/graphql', 'graphql-transport-ws', { host })).toBe(403);
    expect(await upgrade('/p2p', 'forklore.1', { host })).toBe(101);
    expect(await upgrade('/p2p', 'forklore.1', { host, origin: `http://${host}` })).toBe(403);
  });
});

describe('a query that asks for too much', () => {
  it('is refused 200 levels deep, over HTTP and WebSocket alike', async () => {
    const deep = (levels: number) => `{ tip { ${'parent { '.repeat(levels)} hash ${'} '.repeat(levels)} } }`;
    await expect(node.api.query(deep(200))).rejects.toThrow('the operation is more than 8 levels deep');
    await expect(node.api.query(deep(10))).rejects.toThrow('the operation is more than 8 levels deep');
    const subscription = `subscription { blockAdded { ${'parent { '.repeat(200)} hash ${'} '.repeat(200)} } }`;
    await expect(node.api.until(subscription, node.api.tip.bind(node.api), () => false)).rejects.toThrow(
      'the operation is more than 8 levels deep',
    );
  });
});
