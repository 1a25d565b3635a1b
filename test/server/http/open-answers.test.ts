import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConnectionLimits } from '../../../server/http/connection-limits.ts';
import { OpenAnswers } from '../../../server/http/open-answers.ts';
import { MAX_UNSENT_BYTES, type Reader, UnsentAnswers } from '../../../server/http/unsent-answers.ts';

describe('unsent answers', () => {
  class Debtor implements Reader {
    bytes: number;
    isCutOff = false;

    readonly client: string;

    constructor(bytes: number, client = '192.0.2.1') {
      this.client = client;
      this.bytes = bytes;
    }

    unsentBytes(): number {
      return this.bytes;
    }

    cutOff(): void {
      this.isCutOff = true;
    }
  }

  it('may be as many bytes as the limit; above it the largest are cut off, until it holds', () => {
    const unsent = new UnsentAnswers(100);
    const readers = [10, 40, 30, 20].map((bytes) => new Debtor(bytes));
    for (const reader of readers) unsent.add(reader);
    const [small, largest, large, last] = readers as [Debtor, Debtor, Debtor, Debtor];
    unsent.check(last);
    expect(readers.filter(({ isCutOff }) => isCutOff)).toEqual([]);
    last.bytes = 75;
    unsent.check(last);
    expect([small.isCutOff, largest.isCutOff, large.isCutOff, last.isCutOff]).toEqual([false, false, false, true]);
    small.bytes = 50;
    unsent.check(small);
    expect([small.isCutOff, largest.isCutOff, large.isCutOff]).toEqual([true, false, false]);
  });

  it('are cut off of the client that owes most on all of its connections, not of who reads one large answer', () => {
    const unsent = new UnsentAnswers(60_000);
    const attackers = Array.from({ length: 500 }, () => new Debtor(130, '2001:db8:0:0::/64'));
    const honest = new Debtor(3_000, '192.0.2.7');
    for (const reader of [honest, ...attackers]) unsent.add(reader);
    unsent.check(honest);
    expect(honest.isCutOff).toBe(false);
    expect(attackers.filter(({ isCutOff }) => isCutOff)).toHaveLength(62);
  });

  it('do not count readers that are gone', () => {
    const unsent = new UnsentAnswers(100);
    const forget = unsent.add(new Debtor(90));
    const reader = new Debtor(80);
    unsent.add(reader);
    forget();
    unsent.check(reader);
    expect(reader.isCutOff).toBe(false);
  });
});

describe('answers over HTTP', () => {
  const ANSWER = Buffer.alloc(MAX_UNSENT_BYTES / 3);
  let server: Server;
  let answers: OpenAnswers;
  let responses: ServerResponse[];
  let clients: Socket[];

  beforeEach(async () => {
    answers = new OpenAnswers();
    responses = [];
    clients = [];
    server = createServer((request, response) => {
      if (!answers.open(request, response)) return;
      responses.push(response);
      if (request.url === '/never') return;
      setImmediate(() => {
        response.end(request.url === '/large' ? ANSWER : 'small');
        answers.onAnswered(request);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterEach(() => {
    answers.close();
    for (const client of clients) client.destroy();
    server.closeAllConnections();
    server.close();
  });

  async function ask(path: string, times = 1): Promise<Socket> {
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    clients.push(client);
    client.on('error', () => {});
    client.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(times));
    await once(server, 'request');
    return client;
  }

  it('are kept for who takes them slowly, and not for everybody who takes nothing', async () => {
    for (let i = 0; i < 5; i++) await ask('/large');
    expect(responses.filter(({ destroyed }) => destroyed).length).toBeGreaterThan(0);
    expect(responses.filter(({ destroyed }) => !destroyed).length).toBeGreaterThan(1);
    const reader = await ask('/small');
    expect(String((await once(reader, 'data'))[0])).toContain('small');
  });

  it('are given one at a time: a second request before the answer ends the connection', async () => {
    const client = await ask('/large', 2);
    client.resume();
    await once(client, 'close');
    expect(responses).toHaveLength(1);
    expect(client.bytesRead).toBeLessThan(ANSWER.length);
  });

  it('are given up, with the connection, when nothing of them is taken for thirty seconds; those in the making are not', async () => {
    vi.useFakeTimers({ toFake: ['setInterval'] });
    answers.close();
    answers = new OpenAnswers();
    await ask('/large');
    await ask('/never');
    const [large, never] = responses as [ServerResponse, ServerResponse];
    while (!large.writableEnded) await new Promise(setImmediate);
    vi.advanceTimersByTime(10_000);
    vi.useRealTimers();
    const sockets = [large.socket, never.socket];
    expect(sockets.map((socket) => socket?.timeout ?? 0)).toEqual([30_000, 0]);
    // What Node does after thirty seconds in which the system took nothing.
    for (const socket of sockets) socket?.emit('timeout');
    expect(sockets.map((socket) => socket?.destroyed)).toEqual([true, false]);
  });

  it('may follow each other at once: the next request comes when the last answer has just been written', async () => {
    const client = await ask('/large');
    const [response] = responses as [ServerResponse];
    while (!response.writableEnded) await new Promise(setImmediate);
    client.write('GET /small HTTP/1.1\r\nHost: localhost\r\n\r\n');
    let read = 0;
    let last = '';
    for await (const chunk of client) {
      read += chunk.length;
      last = (last + String(chunk)).slice(-10);
      if (last.includes('small')) break;
    }
    expect(read).toBeGreaterThan(ANSWER.length);
  });
});

describe('limits of connections', () => {
  let server: Server;
  let clients: Socket[];

  beforeEach(async () => {
    const limits = new ConnectionLimits({ maxTotal: 6, maxPerClient: 4, maxOrdinaryWaiting: 2 });
    clients = [];
    server = createServer((request, response) => {
      limits.onRequest(request, response);
      response.end();
    });
    server.on('connection', (socket) => limits.add(socket));
    server.on('upgrade', ({ socket }) => {
      limits.onUpgrade(socket);
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterEach(() => {
    for (const client of clients) client.destroy();
    server.closeAllConnections();
    server.close();
  });

  async function open(localAddress: string): Promise<Socket> {
    const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', localAddress });
    clients.push(client);
    client.on('error', () => {}).resume();
    await once(server, 'connection');
    return client;
  }

  async function ask(client: Socket): Promise<void> {
    client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(client, 'data');
  }

  it('end the one of an address that never asked, oldest first, and then the one that asked longest ago', async () => {
    const [a, b, c, d] = [
      await open('127.0.0.1'),
      await open('127.0.0.1'),
      await open('127.0.0.1'),
      await open('127.0.0.1'),
    ];
    await ask(a);
    await ask(c);
    const ended = (client: Socket) => once(client, 'close');
    await Promise.all([ended(b), open('127.0.0.1').then(ask)]);
    await Promise.all([ended(d), open('127.0.0.1').then(ask)]);
    await Promise.all([ended(a), open('127.0.0.1').then(ask)]);
    expect(c.destroyed).toBe(false);
  });

  async function upgrade(client: Socket): Promise<void> {
    client.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    await once(client, 'data');
  }

  it('end one of the client that has the most, where all places are taken and it has more than is ordinary', async () => {
    const few = [await open('127.0.0.2'), await open('127.0.0.3')];
    const many = [await open('127.0.0.1'), await open('127.0.0.1'), await open('127.0.0.1'), await open('127.0.0.1')];
    const [oldest] = many as [Socket];
    await Promise.all([once(oldest, 'close'), open('127.0.0.4').then(ask)]);
    expect(few.map(({ destroyed }) => destroyed)).toEqual([false, false]);
  });

  it('end the longest silent of all where many addresses have one each, for newcomers and for who has sockets', async () => {
    const sockets = [await open('127.0.0.1'), await open('127.0.0.1'), await open('127.0.0.1')];
    for (const socket of sockets) await upgrade(socket);
    const silent = [await open('127.0.0.2'), await open('127.0.0.3'), await open('127.0.0.4')] as const;
    const askNew = (localAddress: string) => open(localAddress).then(ask);
    await Promise.all([once(silent[0], 'close'), askNew('127.0.0.5')]);
    await Promise.all([once(silent[1], 'close'), askNew('127.0.0.6')]);
    await Promise.all([once(silent[2], 'close'), askNew('127.0.0.1')]);
    expect(sockets.map(({ destroyed }) => destroyed)).toEqual([false, false, false]);
  });
});
