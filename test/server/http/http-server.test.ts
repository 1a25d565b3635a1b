import { once } from 'node:events';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo, connect, createServer as createTunnel } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { type HttpServer, type HttpServerOptions, startHttpServer } from '../../../server/http/http-server.ts';
import { ListenError } from '../../../server/http/listen-error.ts';
import { ownHostNames } from '../../../server/http/own-host-names.ts';
import { refuseUpgrade } from '../../../server/http/refuse-upgrade.ts';
import { ChainTotals } from '../../../server/node/chain-totals.ts';
import { createMetrics } from '../../../server/node/metrics.ts';

const SNAPSHOT = {
  height: 7,
  checkpoints: [{ slot: 0, height: 0, fingerprint: 1 }],
  targetHeight: 9,
  stalledBy: null,
  stalls: 0,
  peersInbound: 2,
  peersOutbound: 1,
  mempoolSize: 3,
  mempoolBytes: 450,
  hashrate: 1_000,
  hashesDone: 123_456,
  totals: Object.assign(new ChainTotals(), { blocksMined: 4, reorgs: 1 }),
  subscriptions: 2,
  loopDelayP99Ms: 12,
  resources: [],
  stratum: null,
};

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

describe('HTTP server', () => {
  let server: HttpServer;
  let options: HttpServerOptions;
  let calls: string[];
  let logged: { fields: object; message: string }[];
  const sockets = new WebSocketServer({ noServer: true });

  beforeEach(async () => {
    calls = [];
    logged = [];
    const log = (fields: object, message: string) => logged.push({ fields, message });
    options = {
      host: '127.0.0.1',
      port: 0,
      policy: { hosts: [], allowedOrigins: ['https://lab.example.org'] },
      routes: {
        graphql: (request, response) => {
          calls.push(`${request.method} ${request.url}`);
          if (request.url === '/graphql?fail') throw new Error('secret');
          response.end('data');
        },
        playground: (request, response) => {
          calls.push(`${request.method} ${request.url}`);
          response.end('file');
        },
        snapshots: (_, response) => void response.end('snapshots'),
        readiness: () => ({ ready: false, reason: 'syncing: at height 7 of 9' }),
        metrics: createMetrics(() => SNAPSHOT),
      },
      upgrades: {
        peer: (request, socket) => {
          calls.push(`peer of ${request.headers.host}`);
          refuseUpgrade(socket, 400, 'no peer');
        },
        graphql: (request, socket, head) => sockets.handleUpgrade(request, socket, head, () => calls.push('socket')),
      },
      log: { info: log, warn: log, error: log },
    };
    server = await startHttpServer(options);
  });

  afterEach(() => server.close());

  function send(method: string, path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const request = httpRequest(`${server.url}${path}`, { method, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          });
        });
      });
      request.on('error', reject);
      request.end(method === 'POST' ? '{}' : undefined);
    });
  }

  const JSON_TYPE = { 'Content-Type': 'application/json' };

  it('hands a guarded request to the API', async () => {
    const answer = await send('POST', '/graphql', JSON_TYPE);
    expect(answer).toMatchObject({ status: 200, body: 'data' });
    expect(answer.headers).toMatchObject({ vary: 'Origin', 'x-frame-options': 'DENY' });
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });

  it('names the allowed origin, and no credentials', async () => {
    const { headers } = await send('POST', '/graphql', { ...JSON_TYPE, Origin: 'https://lab.example.org' });
    expect(headers['access-control-allow-origin']).toBe('https://lab.example.org');
    expect(headers['access-control-allow-credentials']).toBeUndefined();
  });

  it('answers preflights itself', async () => {
    const allowed = await send('OPTIONS', '/graphql', { Origin: 'http://localhost:8000' });
    expect(allowed).toMatchObject({ status: 204, body: '' });
    expect(allowed.headers).toMatchObject({
      'access-control-allow-origin': 'http://localhost:8000',
      'access-control-allow-headers': 'Content-Type, Authorization',
    });
    expect((await send('OPTIONS', '/graphql', { Origin: 'https://evil.example' })).status).toBe(403);
    expect(calls).toEqual([]);
  });

  it('refuses a cross-site form with one log line', async () => {
    const answer = await send('POST', '/graphql', {
      'Content-Type': 'application/x-www-form-urlencoded',
      Origin: 'https://evil.example',
    });
    expect(answer.status).toBe(403);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    expect(JSON.parse(answer.body)).toEqual({
      errors: [
        {
          message: 'origin "https://evil.example" is not allowed; see --allow-origin',
          extensions: { code: 'FORBIDDEN' },
        },
      ],
    });
    expect(calls).toEqual([]);
    expect(logged).toEqual([
      {
        fields: { client: '127.0.0.1', reason: 'origin "https://evil.example" is not allowed; see --allow-origin' },
        message: 'request refused',
      },
    ]);
  });

  it('refuses a rebound name and doubled headers', async () => {
    expect((await send('POST', '/graphql', { ...JSON_TYPE, Host: 'evil.example' })).status).toBe(403);
    expect((await send('GET', '/metrics', { Host: 'evil.example' })).status).toBe(403);
    expect((await send('GET', '/healthz', { Host: 'evil.example' })).status).toBe(200);
    const doubled = await new Promise<string>((resolve) => {
      const socket = connect(server.port, '127.0.0.1');
      socket.end(
        `GET /graphql HTTP/1.1\r\nHost: localhost:${server.port}\r\nOrigin: http://localhost\r\n` +
          'Origin: https://evil.example\r\nAccept: text/html\r\nConnection: close\r\n\r\n',
      );
      socket.once('data', (data: Buffer) => resolve(data.toString()));
    });
    expect(doubled).toMatch(/^HTTP\/1\.1 403 /);
    expect(calls).toEqual([]);
  });

  it('serves what it has to pages of other sites only where they link to it', async () => {
    const embedded = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors', Accept: 'text/html' };
    for (const path of ['/graphql', '/playground/graphiql.js', '/metrics', '/healthz', '/readyz', '/']) {
      expect((await send('GET', path, embedded)).status).toBe(403);
    }
    expect(calls).toEqual([]);
    expect(logged).toHaveLength(6);
    const linked = { ...embedded, 'Sec-Fetch-Mode': 'navigate' };
    expect((await send('GET', '/graphql', linked)).status).toBe(200);
  });

  it('is reached by each loopback name through a port that is forwarded under another number', async () => {
    const tunnel = createTunnel((near) => {
      const far = connect(server.port, '127.0.0.1');
      near.pipe(far).pipe(near);
      for (const end of [near, far]) end.on('error', () => end.destroy());
    });
    await new Promise<void>((resolve) => tunnel.listen(0, '127.0.0.1', resolve));
    const { port } = tunnel.address() as AddressInfo;
    for (const name of ['127.0.0.1', 'localhost', '[::1]']) {
      const Host = `${name}:${port}`;
      expect(await send('POST', '/graphql', { ...JSON_TYPE, Host })).toMatchObject({ status: 200, body: 'data' });
      expect((await send('GET', '/metrics', { Host })).status).toBe(200);
      const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, { headers: { Host } });
      await once(socket, 'open');
      socket.terminate();
    }
    tunnel.close();
  });

  it('tells callers nothing of our own mistakes', async () => {
    const answer = await send('POST', '/graphql?fail', JSON_TYPE);
    expect(answer).toMatchObject({
      status: 500,
      body: '{"errors":[{"message":"internal error","extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}',
    });
    expect(logged).toMatchObject([{ message: 'request failed', fields: { err: { message: 'secret' } } }]);
  });

  it('serves health, readiness and metrics', async () => {
    expect(await send('GET', '/healthz')).toMatchObject({ status: 200, body: '{"status":"ok"}' });
    expect(await send('GET', '/readyz')).toMatchObject({
      status: 503,
      body: '{"ready":false,"reason":"syncing: at height 7 of 9"}',
    });
    const metrics = await send('GET', '/metrics');
    expect(metrics.headers['content-type']).toMatch(/^text\/plain/);
    expect(metrics.body).toContain('\nforklore_height 7\n');
    expect(metrics.body).toContain('\nforklore_peers{direction="inbound"} 2\n');
  });

  it('leads browsers to the playground and others nowhere', async () => {
    expect((await send('GET', '/')).headers.location).toBe('graphql');
    expect((await send('GET', '/favicon.ico')).status).toBe(404);
    expect((await send('POST', '/', JSON_TYPE)).status).toBe(404);
    expect((await send('GET', '/graphql/')).status).toBe(404);
  });

  describe('upgrades', () => {
    function openSocket(path: string, headers: Record<string, string> = {}): Promise<number> {
      return new Promise((resolve) => {
        const socket = new WebSocket(`${server.url}${path}`, { headers });
        socket.on('error', () => {});
        socket.once('open', () => resolve(101));
        socket.once('unexpected-response', (_, response) => {
          resolve(response.statusCode ?? 0);
          response.destroy();
        });
      });
    }

    it('guards the API socket', async () => {
      expect(await openSocket('/graphql')).toBe(101);
      expect(await openSocket('/graphql', { Origin: 'http://localhost:8000' })).toBe(101);
      expect(await openSocket('/graphql', { Origin: 'https://evil.example' })).toBe(403);
      expect(await openSocket('/graphql', { Origin: 'null' })).toBe(403);
      expect(await openSocket('/graphql', { Host: 'evil.example' })).toBe(403);
      expect(calls).toEqual(['socket', 'socket']);
      expect(logged).toHaveLength(3);
    });

    it('leaves peers, who call by any name, to their own handler', async () => {
      expect(await openSocket('/p2p', { Host: '192.0.2.1:5000' })).toBe(400);
      expect(calls).toEqual(['peer of 192.0.2.1:5000']);
    });

    it('knows no other socket', async () => {
      expect(await openSocket('/other')).toBe(404);
    });

    it('gives one address 64 sockets and takes them back', async () => {
      const opened = await Promise.all(Array.from({ length: 64 }, () => openSocket('/graphql')));
      expect(new Set(opened)).toEqual(new Set([101]));
      expect(await openSocket('/graphql')).toBe(503);
      expect(await openSocket('/p2p')).toBe(400);
      const [first] = sockets.clients;
      const gone = new Promise((resolve) => first?.once('close', resolve));
      first?.terminate();
      await gone;
      expect(await openSocket('/graphql')).toBe(101);
    });

    it('closes although sockets are open', async () => {
      await openSocket('/graphql');
      await server.close();
      await expect(send('GET', '/healthz')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
      server = await startHttpServer(options);
    });
  });

  it('says exactly why it cannot listen', async () => {
    await expect(startHttpServer({ ...options, port: server.port })).rejects.toEqual(
      new ListenError(`port ${server.port} is already in use; choose another with --port`, true),
    );
    await expect(startHttpServer({ ...options, host: '192.0.2.1' })).rejects.toEqual(
      new ListenError('192.0.2.1 is not an address of this machine; choose another with --host'),
    );
  });

  it('is reached on loopback when it listens everywhere, by all names of the machine', async () => {
    const everywhere = await startHttpServer({ ...options, host: '0.0.0.0' });
    expect(everywhere.url).toBe(`http://127.0.0.1:${everywhere.port}`);
    await everywhere.close();
    expect(ownHostNames('0.0.0.0')).toContain('127.0.0.1');
    expect(ownHostNames('Node.Example.org')).toEqual(['node.example.org']);
  });
});
