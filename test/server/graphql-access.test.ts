import { readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { LocalRegistry } from '../../server/discovery/registry.ts';
import { PrivateFileError } from '../../server/private-files.ts';
import { type LiveNode, startLiveNode } from '../support/live-node.ts';
import { removeFolders, temporaryFolder } from '../support/processes.ts';

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
      `mutation { invalidateBlock(hash: "${'ab'.repeat(32)}") { __typename } }`,
      `mutation { reconsiderBlock(hash: "${'ab'.repeat(32)}") { __typename } }`,
    ];
    for (const command of commands) {
      for (const authorization of ['', 'Bearer ', `Bearer ${'0'.repeat(64)}`, token, `Basic ${token}`]) {
        const { errors } = await post(command, { authorization });
        expect(errors?.[0]).toMatchObject({
          message: 'controlling this node needs its token: send the header Authorization: Bearer …',
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
    expect(await (await page()).text()).not.toContain('<html');
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

describe('the playground', () => {
  it('comes from the node alone: it loads nothing from elsewhere, and knows examples', async () => {
    live = await startLiveNode();
    const response = await page();
    expect(response.status).toBe(200);
    const html = await response.text();
    for (const [tag] of html.matchAll(/<(?:script|link|img|iframe)\b[^>]{0,500}>/g)) {
      expect(tag).not.toMatch(/(?:src|href)\s*=\s*["']?(?:https?:)?\/\//);
    }
    for (const word of ['Forklore', 'sendFromDevAccount', 'subscription Watch']) expect(html).toContain(word);
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
