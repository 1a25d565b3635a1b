import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { fetchBytes } from '../../client/bounded-fetch.ts';
import { httpFetch } from '../../client/node/http-fetch.ts';

const MAX_BYTES = 1_000;
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function read(url: string, init: RequestInit = {}, signal = new AbortController().signal) {
  const { status, bytes } = await fetchBytes(httpFetch, { url, init }, MAX_BYTES, signal);
  return { status, text: new TextDecoder().decode(bytes) };
}

test('sends method, headers and body, and reads status and text', async () => {
  const url = await serve(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method, headers } = request;
    response.writeHead(418).end(`${method} ${headers.authorization} ${Buffer.concat(chunks)} ü`);
  });
  const init = { method: 'POST', headers: { authorization: 'Bearer x' }, body: 'what?' };
  expect(await read(url, init)).toEqual({ status: 418, text: 'POST Bearer x what? ü' });
});

test('sends bytes as they are', async () => {
  const url = await serve(async (request, response) => {
    for await (const chunk of request) response.write(chunk.toString('hex'));
    response.end();
  });
  const body = new Uint8Array([0, 255, 10]);
  expect(await read(url, { method: 'POST', body })).toEqual({ status: 200, text: '00ff0a' });
});

test('reads no more than it may', async () => {
  const url = await serve((_, response) => response.end('x'.repeat(MAX_BYTES + 1)));
  await expect(read(url)).rejects.toMatchObject({ kind: 'too-long' });
});

test('follows no redirect', async () => {
  const url = await serve((_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end());
  await expect(read(url)).rejects.toMatchObject({ kind: 'unreachable', cause: { message: 'unexpected redirect' } });
});

test('says why nobody answers', async () => {
  const url = await serve(() => {});
  const [server] = servers.splice(0);
  server?.close();
  await expect(read(url)).rejects.toMatchObject({ kind: 'unreachable', cause: { code: 'ECONNREFUSED' } });
});

test('hangs up when the caller gives up, before the answer or in it', async () => {
  for (const begins of [false, true]) {
    const caller = new AbortController();
    let onHungUp: () => void = () => {};
    const hungUp = new Promise<void>((resolve) => {
      onHungUp = resolve;
    });
    const url = await serve((request, response) => {
      request.socket.once('close', onHungUp);
      if (begins) response.write('half');
      setImmediate(() => caller.abort());
    });
    await expect(read(url, {}, caller.signal)).rejects.toThrow();
    await hungUp;
  }
});
