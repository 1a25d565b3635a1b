import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { REGTEST } from '../../../consensus/networks.ts';
import { readEntries } from '../../../server/discovery/node-entry.ts';
import { LocalRegistry } from '../../../server/discovery/registry.ts';
import { defaultTokenFile } from '../../../server/files/data-home.ts';
import { PrivateFileError } from '../../../server/files/private-files.ts';
import { Store } from '../../../server/store/store.ts';
import { type LiveNode, startLiveNode } from '../../../testing/live-node.ts';
import { removeFolders, temporaryFolder } from '../../../testing/processes.ts';

/** Loopback by an unusual name, which the node does not take for loopback: as if others could reach it. */
const OTHER_HOST = '::ffff:127.0.0.1';
const MINE = 'mutation { mine { ... on BlocksMined { blocks { height } } } }';

let live: LiveNode;

afterEach(async () => {
  vi.restoreAllMocks();
  await live.stop();
  removeFolders();
});

async function post(query: string, headers: Record<string, string> = {}) {
  const response = await fetch(`http://127.0.0.1:${new URL(live.url).port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  });
  return (await response.json()) as {
    data: Record<string, unknown> | null;
    errors?: { message: string; extensions: Record<string, unknown> }[];
  };
}

const page = async () => {
  const url = `http://127.0.0.1:${new URL(live.url).port}/graphql`;
  return await fetch(url, { headers: { accept: 'text/html' } });
};

describe('a node that others can reach', () => {
  const start = async () => {
    const file = join(temporaryFolder(), 'admin-token');
    live = await startLiveNode({ host: OTHER_HOST, adminTokenFile: file });
    return readFileSync(file, 'utf8').trim();
  };

  it('lets everybody look, and only the holder of the token control it', async () => {
    const token = await start();
    expect(await post('{ tip { height } }')).toEqual({ data: { tip: { height: 0 } } });
    const commands = [
      MINE,
      'mutation { setMining(mode: CONTINUOUS) { mode } }',
      'mutation { connectPeer(url: "http://127.0.0.1:1") { __typename } }',
      'mutation { disconnectPeer(id: "1") { __typename } }',
      'mutation { setLinkConditions(peer: "1", conditions: { cut: true }) { __typename } }',
      'mutation { clearLinkConditions { __typename } }',
      `mutation { invalidateBlock(hash: "${'ab'.repeat(32)}") { __typename } }`,
      `mutation { reconsiderBlock(hash: "${'ab'.repeat(32)}") { __typename } }`,
      'mutation { takeSnapshot { __typename } }',
      'mutation { revertToSnapshot(id: "1") { __typename } }',
      'mutation { dropSnapshot(id: "1") { __typename } }',
      'mutation { increaseTime(seconds: 1) { __typename } }',
      'mutation { setTime(at: "2030-01-01T00:00:00Z") { __typename } }',
      'mutation { setNextBlockTime(at: "2030-01-01T00:00:00Z") { __typename } }',
      `mutation { dropTransaction(id: "${'ab'.repeat(32)}") { __typename } }`,
      '{ devAccounts { secretKey } }',
    ];
    for (const command of commands) {
      for (const authorization of ['', 'Bearer ', `Bearer ${'0'.repeat(64)}`, token, `Basic ${token}`]) {
        const { errors } = await post(command, { authorization });
        expect(errors?.[0]).toMatchObject({
          message: expect.stringMatching(/^controlling this node needs its token: .* see --admin-token-file$/),
          extensions: { code: 'FORBIDDEN' },
        });
      }
    }
    expect((await post(MINE, { authorization: `Bearer ${token}` })).data).toEqual({
      mine: { blocks: [{ height: 1 }] },
    });
  });

  it('takes the token over WebSocket from the connection parameters', async () => {
    const token = await start();
    const url = `ws://127.0.0.1:${new URL(live.url).port}/graphql`;
    const answer = async (params: Record<string, unknown>) => {
      for await (const result of live.client(params, url).iterate({ query: MINE })) return result;
      return null;
    };
    expect((await answer({}))?.errors?.[0]?.message).toContain('needs its token');
    expect((await answer({ authorization: `Bearer ${token}` }))?.data).toEqual({ mine: { blocks: [{ height: 1 }] } });
  });

  it('does not sign with known keys, whoever asks', async () => {
    const token = await start();
    const send = `mutation { sendFromDevAccount(from: "Alice", to: "Bob", amount: "1") {
      ... on TransactionRejected { code } } }`;
    expect((await post(send, { authorization: `Bearer ${token}` })).data).toEqual({
      sendFromDevAccount: { code: 'development-accounts-off' },
    });
  });

  it('has no playground unless it is asked for', async () => {
    await start();
    const refused = await page();
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain('see --graphiql');
    await live.stop();
    live = await startLiveNode({ host: OTHER_HOST, adminTokenFile: join(temporaryFolder(), 'token'), graphiql: true });
    expect((await page()).headers.get('content-type')).toContain('text/html');
  });
});

describe('a node that others can reach and that keeps nothing', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('keeps its token where nodes find each other, in a folder that only its user can open', async () => {
    const folder = join(temporaryFolder(), 'forklore');
    vi.stubEnv('FORKLORE_RUNTIME_DIR', folder);
    const umask = process.umask(0o002);
    try {
      live = await startLiveNode({ host: OTHER_HOST });
    } finally {
      process.umask(umask);
    }
    expect(live.node.tokenFile).toBe(join(folder, 'admin-token'));
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const problems: string[] = [];
    const registry = new LocalRegistry({
      directory: folder,
      genesisHash: live.node.core.params.genesis.hash,
      url: 'http://127.0.0.1:5000',
      runId: null,
      onFound: () => {},
      onGone: () => {},
      onProblem: (reason) => problems.push(reason),
    });
    await registry.start();
    await registry.close();
    expect(problems).toEqual([]);
  });

  it('does not start with a folder that somebody else may have put there', async () => {
    const folder = join(temporaryFolder(), 'forklore');
    symlinkSync(temporaryFolder(), folder);
    vi.stubEnv('FORKLORE_RUNTIME_DIR', folder);
    await expect(startLiveNode({ host: OTHER_HOST })).rejects.toEqual(
      new PrivateFileError(`${folder} is not a folder`),
    );
  });
});

/** What a caller may do at the node, as the one with these headers. */
async function rightsOf(headers: Record<string, string> = {}): Promise<{ controls: boolean; signs: boolean }> {
  const send = `mutation { sendFromDevAccount(from: "Alice", to: "Bob", amount: "1") { __typename } }`;
  const mined = await postTo(live.url, MINE, headers);
  const sent = await postTo(live.url, send, headers);
  return { controls: mined.data !== null, signs: sent.data?.sendFromDevAccount?.__typename === 'TransactionAccepted' };
}

/** By Node's own client, which lets us choose the Host. */
function postTo(url: string, query: string, headers: Record<string, string>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
    });
    request.once('error', reject);
    request.once('response', async (response) => resolve(JSON.parse(await text(response))));
    request.end(JSON.stringify({ query }));
  });
}

interface Answer {
  data: { sendFromDevAccount?: { __typename: string } } | null;
}

describe('a node that is bound to an address in an unusual form', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('tells others of itself in the usual one, so that they can read it', async () => {
    const folder = join(temporaryFolder(), 'forklore');
    vi.stubEnv('FORKLORE_RUNTIME_DIR', folder);
    live = await startLiveNode({ host: OTHER_HOST, discovery: true });
    const port = new URL(live.url).port;
    expect((await readEntries(folder)).map(({ entry }) => entry.url)).toEqual([`http://[::ffff:7f00:1]:${port}`]);
  });
});

/** Gives the user a new home, and returns where a node that keeps its chain has its token then. */
function stubHome(): string {
  const home = temporaryFolder();
  for (const name of ['HOME', 'XDG_DATA_HOME', 'LOCALAPPDATA']) vi.stubEnv(name, home);
  return defaultTokenFile(REGTEST, 0, process.env);
}

describe('a node that others can reach and that keeps its chain', () => {
  const TOKEN = 'ab'.repeat(32);

  afterEach(() => vi.unstubAllEnvs());

  it('keeps its token outside of the data folder, which may be given away, for the next start', async () => {
    const file = stubHome();
    const dataDir = join(temporaryFolder(), 'data');
    live = await startLiveNode({ host: OTHER_HOST, dataDir });
    expect(live.node.tokenFile).toBe(file);
    const token = readFileSync(file, 'utf8');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await live.stop();
    expect(readdirSync(dataDir).filter((name) => name.includes('token'))).toEqual([]);
    live = await startLiveNode({ host: OTHER_HOST, dataDir });
    expect(readFileSync(file, 'utf8')).toBe(token);
    expect(await post(MINE, { authorization: `Bearer ${token.trim()}` })).toMatchObject({
      data: { mine: { blocks: [{ height: 1 }] } },
    });
  });

  it('takes no token that came with the data folder, and leaves its file alone', async () => {
    stubHome();
    const dataDir = join(temporaryFolder(), 'data');
    await (await Store.open({ directory: dataDir, params: REGTEST })).close();
    const planted = join(dataDir, 'admin-token');
    writeFileSync(planted, `${TOKEN}\n`, { mode: 0o600 });
    live = await startLiveNode({ host: OTHER_HOST, dataDir });
    expect((await post(MINE, { authorization: `Bearer ${TOKEN}` })).data).toBeNull();
    expect(readFileSync(planted, 'utf8')).toBe(`${TOKEN}\n`);
  });

  it('keeps it where nodes find each other if its user has no home to write to', async () => {
    const folder = join(temporaryFolder(), 'forklore');
    const noFolder = join(temporaryFolder(), 'file');
    writeFileSync(noFolder, '');
    for (const name of ['HOME', 'XDG_DATA_HOME', 'LOCALAPPDATA']) vi.stubEnv(name, noFolder);
    vi.stubEnv('FORKLORE_RUNTIME_DIR', folder);
    live = await startLiveNode({ host: OTHER_HOST, dataDir: join(temporaryFolder(), 'data') });
    expect(live.node.tokenFile).toBe(join(folder, 'admin-token'));
  });
});

describe('a node on loopback', () => {
  afterEach(() => vi.unstubAllEnvs());

  const ALL = { controls: true, signs: true };
  const CONTROL = { controls: true, signs: false };
  const NOTHING = { controls: false, signs: false };

  it('trusts who calls it by a loopback name, and nobody whose request a proxy passed on', async () => {
    live = await startLiveNode();
    expect(live.node.tokenFile).toBeNull();
    expect(await rightsOf()).toEqual(ALL);
    expect(await rightsOf({ host: 'localhost:8443' })).toEqual(ALL);
    expect(await rightsOf({ 'x-forwarded-for': '203.0.113.7' })).toEqual(NOTHING);
    expect(await rightsOf({ forwarded: 'for=203.0.113.7' })).toEqual(NOTHING);
  });

  it.each([{ allowedHosts: ['node.example.org'] }, { announce: 'https://node.example.org:443' }])(
    'wants its token of everybody with %j: a proxy that says nothing of itself calls as the local user does',
    async (options) => {
      const file = stubHome();
      live = await startLiveNode({ ...options, dataDir: join(temporaryFolder(), 'data') });
      expect(live.node.tokenFile).toBe(file);
      // The whole request of `proxy_pass http://127.0.0.1:5000;` in nginx 1.29.7, over HTTP 1.1.
      const { host } = new URL(live.url);
      expect(await rightsOf({ host })).toEqual(NOTHING);
      const authorization = `Bearer ${readFileSync(file, 'utf8').trim()}`;
      expect(await rightsOf({ host, authorization })).toEqual(CONTROL);
      expect(live.node.isPlaygroundServed).toBe(false);
      expect((await page()).status).toBe(403);
    },
  );

  it('wants its token of who calls it by a name that --allow-host gave it', async () => {
    const file = stubHome();
    live = await startLiveNode({ allowedHosts: ['node.example.org'], dataDir: join(temporaryFolder(), 'data') });
    expect(live.node.tokenFile).toBe(file);
    const authorization = `Bearer ${readFileSync(file, 'utf8').trim()}`;
    const host = 'node.example.org';
    expect(await rightsOf({ host })).toEqual(NOTHING);
    expect(await rightsOf({ host, authorization })).toEqual(CONTROL);
    const answers = live.client({}, `${live.url.replace('http', 'ws')}/graphql`, { host }).iterate({ query: MINE });
    expect((await answers.next()).value.errors[0].message).toContain('needs its token');
  });

  it('wants it of everybody where its file was named', async () => {
    const file = join(temporaryFolder(), 'token');
    live = await startLiveNode({ adminTokenFile: file });
    expect(live.node.tokenFile).toBe(file);
    expect(await rightsOf()).toEqual(NOTHING);
    expect(await rightsOf({ authorization: `Bearer ${readFileSync(file, 'utf8').trim()}` })).toEqual(CONTROL);
    expect(live.node.isPlaygroundServed).toBe(true);
    expect((await page()).status).toBe(200);
  });

  it('shows its playground to nobody behind a proxy', async () => {
    live = await startLiveNode();
    const behind = { accept: 'text/html', 'x-forwarded-for': '203.0.113.7' };
    expect(await (await fetch(`${live.url}/graphql`, { headers: behind })).text()).not.toContain('<html');
  });
});

describe('the playground', () => {
  const get = (path: string, headers: Record<string, string> = {}): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      httpRequest(`${live.url}${path}`, { headers }, resolve).once('error', reject).end();
    });

  it('comes from the node alone, knows examples, and keeps no headers', async () => {
    live = await startLiveNode();
    const response = await page();
    expect(response.status).toBe(200);
    const html = await response.text();
    const paths = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => `/${path}`);
    expect(paths).toHaveLength(4);
    const files = await Promise.all(paths.map(async (path) => text(await get(path))));
    const start = files.find((file) => file.includes('renderYogaGraphiQL(document')) ?? '';
    for (const word of ['Forklore', 'sendFromDevAccount', 'subscription Watch', '"shouldPersistHeaders":false']) {
      expect(start).toContain(word);
    }
    const [, policy] =
      Object.entries(Object.fromEntries(response.headers)).find(([name]) => name === 'content-security-policy') ?? [];
    expect(policy).toMatch(/^default-src 'none'; script-src 'self';/);
  });

  it('is compressed as its reader wants it, and kept for ever or until it changes', async () => {
    live = await startLiveNode();
    const first = await get('/graphql', { accept: 'text/html', 'accept-encoding': 'gzip, br' });
    const html = brotliDecompressSync(await buffer(first)).toString();
    expect(first.headers).toMatchObject({ 'cache-control': 'no-cache', 'content-encoding': 'br' });
    const again = { accept: 'text/html', 'accept-encoding': 'gzip, br', 'if-none-match': first.headers.etag ?? '' };
    expect((await get('/graphql', again)).statusCode).toBe(304);

    const script = `/${/playground\/graphiql-[0-9a-f]{16}\.js/.exec(html)?.[0]}`;
    const [plain, gzipped, brotli] = await Promise.all(
      ['identity', 'gzip, br;q=0', 'gzip, deflate, br, zstd'].map(async (encoding) => {
        const answer = await get(script, { 'accept-encoding': encoding });
        expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable');
        return await buffer(answer);
      }),
    );
    expect(gunzipSync(gzipped!).equals(plain!)).toBe(true);
    expect(brotliDecompressSync(brotli!).equals(plain!)).toBe(true);
    expect(brotli!.length).toBeLessThan(plain!.length / 3);
    expect((await get('/playground/graphiql-0000000000000000.js')).statusCode).toBe(404);
  });
});

describe('a bug', () => {
  it('tells the caller an id only, and the log everything', async () => {
    live = await startLiveNode();
    const secret = 'the shelf fell down';
    vi.spyOn(live.node.core, 'peers').mockImplementation(() => {
      throw new Error(secret);
    });
    const { errors } = await post('{ peers { id } }');
    const [, id = ''] = /^internal error (\S+); the node's log has the details$/.exec(errors?.[0]?.message ?? '') ?? [];
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(JSON.stringify(errors)).not.toContain(secret);
    const line = live
      .log()
      .split('\n')
      .find((candidate) => candidate.includes(id));
    expect(JSON.parse(line ?? '')).toMatchObject({ id, err: { message: secret } });
  });
});
