import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DashboardServer, startDashboardServer } from '../../../server/dashboard-server/dashboard-server.ts';
import { ListenError } from '../../../server/http/listen-error.ts';
import { eventually } from '../../../testing/eventually.ts';

const PAGE = '<!doctype html><title>Forklore</title>';
const SCRIPT = 'console.log("forklore");';
const NODES = ['http://127.0.0.1:5000', 'https://lab.example.org'];

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let parent: string;
let folder: string;
let server: DashboardServer;

const start = (port = 0, host = '127.0.0.1', allowedHosts: string[] = []) =>
  startDashboardServer({ host, port, allowedHosts, nodes: NODES.map((url) => ({ url, announce: null })), folder });

beforeEach(async () => {
  parent = mkdtempSync(join(tmpdir(), 'forklore-dashboard-'));
  folder = join(parent, 'dashboard');
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'index.html'), PAGE);
  writeFileSync(join(folder, 'favicon.svg'), '<svg/>');
  writeFileSync(join(folder, '.hidden'), 'secret');
  writeFileSync(join(folder, 'assets', 'index-1a2b3c.js'), SCRIPT);
  writeFileSync(join(parent, 'secret.txt'), 'secret');
  // A sibling whose name begins like the folder's.
  mkdirSync(join(parent, 'dashboard-private'));
  writeFileSync(join(parent, 'dashboard-private', 'secret.txt'), 'secret');
  server = await start();
});

afterEach(async () => {
  await server.close();
  rmSync(parent, { recursive: true, force: true });
});

/** The path goes out as it is, which `fetch` and a URL would not do. */
function send(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port: server.port, path, headers, method }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      });
    });
    request.on('error', reject);
    request.end();
  });
}

describe('the dashboard server', () => {
  it('serves the page, to be asked for again each time', async () => {
    const answer = await send('/');
    expect(answer).toMatchObject({ status: 200, body: PAGE });
    expect(answer.headers['content-type']).toMatch(/^text\/html; ?charset=utf-8$/);
    expect(answer.headers['cache-control']).toBe('no-cache');
    const again = await send('/', { 'If-None-Match': answer.headers.etag ?? '' });
    expect(again).toMatchObject({ status: 304, body: '' });
  });

  it.each(['/blocks/17', '/account/lore1abc', '/deep/er/path/', '/?node=1', '/blocks?x=a.b'])(
    'answers %s, a page of the application, with index.html',
    async (path) => {
      expect(await send(path)).toMatchObject({ status: 200, body: PAGE });
    },
  );

  it.each([
    ['/chain', './'],
    ['/block/17', '../'],
    ['/block%2F17/', '../../'],
    ['/?a=/b/c', './'],
  ])('tells the page at %s how far up the path is at which it is served', async (path, base) => {
    writeFileSync(join(folder, 'index.html'), `${PAGE}<base href="./" />`);
    expect((await send(path)).body).toBe(`${PAGE}<base href="${base}" />`);
    writeFileSync(join(folder, 'index.html'), PAGE);
  });

  it('lets assets be kept for ever, whose names change with their content', async () => {
    const answer = await send('/assets/index-1a2b3c.js');
    expect(answer).toMatchObject({ status: 200, body: SCRIPT });
    expect(answer.headers).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-type': 'text/javascript',
    });
    const again = await send('/assets/index-1a2b3c.js', { 'If-None-Match': answer.headers.etag ?? '' });
    expect(again).toMatchObject({
      status: 304,
      headers: { 'cache-control': 'public, max-age=31536000, immutable' },
    });
    expect((await send('/favicon.svg')).headers).toMatchObject({
      'cache-control': 'no-cache',
      'content-type': 'image/svg+xml',
    });
  });

  it.each(['/assets/index-old.js', '/assets/', '/assets/nothing', '/missing.css', '/deep/missing.js', '/.hidden'])(
    'says that there is no %s, and lets nobody remember that',
    async (path) => {
      const answer = await send(path);
      expect(answer).toMatchObject({ status: 404, body: 'nothing at this path\n' });
      expect(answer.headers['cache-control']).toBe('no-cache');
    },
  );

  it('sends only the head when only that is asked for', async () => {
    const answer = await send('/', {}, 'HEAD');
    expect(answer).toMatchObject({ status: 200, body: '' });
    expect(answer.headers['content-length']).toBe(String(PAGE.length));
  });

  it('serves whole files, whatever range is asked for', async () => {
    for (const Range of ['bytes=0-3', 'bytes=5-2', 'bytes=-99999999999999999999', 'bytes=x']) {
      expect(await send('/', { Range })).toMatchObject({ status: 200, body: PAGE });
    }
  });

  it('lists the nodes', async () => {
    const answer = await send('/nodes.json');
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({ nodes: NODES });
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-cache' });
    expect(await send('/nodes.json', { 'If-None-Match': answer.headers.etag ?? '' })).toMatchObject({ status: 304 });
    expect(await send('/nodes.json', {}, 'HEAD')).toMatchObject({ status: 200, body: '' });
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('refuses %s', async (method) => {
    const answer = await send('/', {}, method);
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe('GET, HEAD');
  });

  it('serves what is rebuilt while it runs, and survives what disappears', async () => {
    writeFileSync(join(folder, 'assets', 'index-4d5e6f.js'), 'new');
    unlinkSync(join(folder, 'assets', 'index-1a2b3c.js'));
    expect(await send('/assets/index-4d5e6f.js')).toMatchObject({ status: 200, body: 'new' });
    expect(await send('/assets/index-1a2b3c.js')).toMatchObject({ status: 404 });
    rmSync(folder, { recursive: true });
    expect(await send('/')).toMatchObject({ status: 404 });
  });
});

describe('the headers of every answer', () => {
  it.each([
    ['a page', '/', {}, 200],
    ['an asset', '/assets/index-1a2b3c.js', {}, 200],
    ['the nodes', '/nodes.json', {}, 200],
    ['a missing file', '/missing.js', {}, 404],
    ['a refusal', '/', { Host: 'evil.example' }, 403],
  ] as [string, string, Record<string, string>, number][])('protect %s', async (_, path, headers, status) => {
    const answer = await send(path, headers);
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
    // Browsers take it only from this machine, or by HTTPS.
    expect(answer.headers['cross-origin-opener-policy']).toBe(status === 403 ? undefined : 'same-origin');
    expect(String(answer.headers['content-security-policy']).split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "font-src 'self'",
      "img-src 'self'",
      "connect-src 'self' http: https: ws: wss:",
      "base-uri 'self'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ]);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });
});

describe('the dashboard server is called', () => {
  it('by loopback names with any port, and by no name that was rebound', async () => {
    for (const Host of [
      `localhost:${server.port}`,
      `LOCALHOST:${server.port}`,
      `[::1]:${server.port}`,
      'localhost:1',
    ]) {
      expect(await send('/', { Host })).toMatchObject({ status: 200 });
    }
    for (const Host of ['evil.example', `evil.example:${server.port}`, 'localhost.evil.example']) {
      const answer = await send('/nodes.json', { Host });
      expect(answer).toMatchObject({ status: 403, body: expect.stringContaining('open the URL that it printed') });
    }
  });

  it('by its own names where it listens elsewhere, and by those that it was told', async () => {
    await server.close();
    server = await start(0, '0.0.0.0', ['lab.example.org']);
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
    expect(await send('/', { Host: 'lab.example.org' })).toMatchObject({ status: 200 });
    expect(await send('/', { Host: `127.0.0.1:${server.port}` })).toMatchObject({ status: 200 });
    expect(await send('/', { Host: 'evil.example' })).toMatchObject({ status: 403 });
  });
});

describe('the list of nodes is for whoever asks', () => {
  const nodesFor = async (Host: string): Promise<string[]> =>
    JSON.parse((await send('/nodes.json', { Host })).body).nodes;

  it('on this machine as they are, elsewhere under the name by which the page was reached', async () => {
    await server.close();
    server = await start(0, '0.0.0.0', ['lab.example.org', '192.0.2.7']);
    expect(await nodesFor(`localhost:${server.port}`)).toEqual(NODES);
    expect(await nodesFor(`192.0.2.7:${server.port}`)).toEqual(['http://192.0.2.7:5000', 'https://lab.example.org']);
    expect(await nodesFor('lab.example.org')).toEqual(['http://lab.example.org:5000', 'https://lab.example.org']);
    const { headers } = await send('/', { Host: 'lab.example.org' });
    expect(headers['cross-origin-opener-policy']).toBeUndefined();
  });

  it('elsewhere as the nodes are announced, where they are', async () => {
    await server.close();
    const nodes = [{ url: 'http://127.0.0.1:5000', announce: 'https://nodes.example.org:7000' }];
    server = await startDashboardServer({ host: '0.0.0.0', port: 0, allowedHosts: ['lab.example.org'], nodes, folder });
    expect(await nodesFor('lab.example.org')).toEqual(['https://nodes.example.org:7000']);
    expect(await nodesFor(`127.0.0.1:${server.port}`)).toEqual(['http://127.0.0.1:5000']);
  });

  it('and by the names that the nodes announce, for whoever was told one', async () => {
    await server.close();
    const nodes = ['http://lab.example.org:7000', 'http://[2001:db8::7]:7001'].map((announce, index) => ({
      url: `http://127.0.0.1:${5000 + index}`,
      announce,
    }));
    server = await startDashboardServer({ host: '0.0.0.0', port: 0, allowedHosts: [], nodes, folder });
    for (const name of ['lab.example.org', 'LAB.example.org', '[2001:db8::7]']) {
      const announced = ['http://lab.example.org:7000', 'http://[2001:db8::7]:7001'];
      expect(await nodesFor(`${name}:${server.port}`)).toEqual(announced);
    }
    expect(await send('/', { Host: 'other.example.org' })).toMatchObject({ status: 403 });
  });
});

describe('a request that cannot be answered', () => {
  it.each(['127.0.0.1:99999', 'localhost:65536', '127.999.9.9', '[1.2.3]'])(
    'ends nothing: host %s is refused, and the next visitor is served',
    async (Host) => {
      for (const path of ['/nodes.json', '/']) expect(await send(path, { Host })).toMatchObject({ status: 403 });
      expect(await send('/')).toMatchObject({ status: 200, body: PAGE });
    },
  );

  it('ends nothing where the mistake is ours', async () => {
    await server.close();
    const nodes = [{ url: 'no URL', announce: null }];
    server = await startDashboardServer({ host: '0.0.0.0', port: 0, allowedHosts: ['lab.example.org'], nodes, folder });
    const answer = await send('/nodes.json', { Host: 'lab.example.org' });
    expect(answer).toMatchObject({ status: 500, body: 'internal error\n' });
    expect(await send('/')).toMatchObject({ status: 200, body: PAGE });
  });
});

describe('pages of other sites', () => {
  it('may link to the dashboard, and not embed its files', async () => {
    const embedded = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors' };
    expect(await send('/favicon.svg', embedded)).toMatchObject({
      status: 403,
      body: expect.stringContaining('not embed'),
    });
    expect(await send('/', { ...embedded, 'Sec-Fetch-Mode': 'navigate' })).toMatchObject({ status: 200 });
    expect(await send('/favicon.svg', { ...embedded, 'Sec-Fetch-Site': 'same-origin' })).toMatchObject({ status: 200 });
  });
});

describe('connections that say nothing', () => {
  it('push out each other, however many there are, and nobody who asks', async () => {
    const silent: Socket[] = [];
    for (let i = 0; i < 600; i++) {
      const socket = connect(server.port, '127.0.0.1').on('error', () => {});
      silent.push(socket);
      await once(socket, 'connect');
    }
    expect(await send('/')).toMatchObject({ status: 200, body: PAGE });
    await eventually(() => expect(silent.filter((socket) => !socket.resume().closed).length).toBeLessThanOrEqual(512));
    for (const socket of silent) socket.destroy();
  });
});

describe('nothing outside the folder is served', () => {
  it.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/..%2Fsecret.txt',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/%2e%2e/',
    '/..%2f',
    '/assets/../../secret.txt',
    '/assets/..%5c..%5csecret.txt',
    '/..\\secret.txt',
    '/%252e%252e/secret.txt',
    '/../dashboard-private/secret.txt',
    '/%2e%2e/dashboard-private/secret.txt',
    '/index.html%00.js',
    '/%c0%ae%c0%ae/secret.txt',
    '/%',
    'http://127.0.0.1/../secret.txt',
    '//../secret.txt',
  ])('for %s', async (path) => {
    const answer = await send(path);
    expect([400, 404]).toContain(answer.status);
    expect(answer.body).not.toContain('secret');
    expect(answer.body).not.toContain(PAGE);
  });

  it('nor is much time spent on a path that was made to cost some', async () => {
    expect(await send(`/${'a.a'.repeat(1_000)}!`)).toMatchObject({ status: 404 });
  });
});

describe('the end', () => {
  it('does not wait for connections that are kept alive, nor for requests that never end', async () => {
    const sockets = ['', 'GET / HTTP/1.1\r\n', `GET / HTTP/1.1\r\nHost: localhost:${server.port}\r\n\r\n`].map(
      (text) => {
        const socket = connect(server.port, '127.0.0.1');
        socket.on('error', () => {}).write(text);
        return socket;
      },
    );
    await once(sockets[2]!, 'data');
    const closed = Promise.all(sockets.map((socket) => once(socket.resume(), 'close')));
    await server.close();
    await closed;
    await expect(send('/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

it('says exactly why it cannot listen', async () => {
  await expect(start(server.port)).rejects.toEqual(
    new ListenError(`port ${server.port} is already in use; choose another with --port`, true),
  );
});
