import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect as connectTcp, createServer as createTcpServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { NodeEvent } from '../../../protocol/events.ts';
import { MAX_FRAME_BYTES } from '../../../protocol/limits.ts';
import { CONGESTED_BYTES, MAX_UNSENT_BYTES, STALL_TIMEOUT_MS } from '../../../server/transport/connection.ts';
import { HANDSHAKE_TIMEOUT_MS } from '../../../server/transport/dial.ts';
import { MAX_SILENT_PEERS, Transport } from '../../../server/transport/transport.ts';
import { Weather } from '../../../server/transport/weather.ts';

type EventOf<T extends NodeEvent['type']> = Extract<NodeEvent, { type: T }>;

/** A transport behind an HTTP server of its own, with everything it emits. */
class Side {
  readonly transport: Transport;
  readonly server: Server;
  readonly events: NodeEvent[] = [];
  #wake: (() => void)[] = [];

  constructor(max = 125) {
    this.transport = new Transport({
      weather: new Weather('test', () => {}),
      peerOf: () => undefined,
      maxInbound: max,
      maxOutbound: max,
      emit: (event) => {
        this.events.push(event);
        for (const wake of this.#wake.splice(0)) wake();
      },
    });
    this.server = createServer();
    this.server.on('upgrade', (request, socket, head) => this.transport.handleUpgrade(request, socket, head));
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The `nth` event of a type, counted from 1, once it is there. */
  async next<T extends NodeEvent['type']>(type: T, nth = 1): Promise<EventOf<T>> {
    for (;;) {
      const found = this.of(type)[nth - 1];
      if (found) return found;
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  of<T extends NodeEvent['type']>(type: T): EventOf<T>[] {
    return this.events.filter((event): event is EventOf<T> => event.type === type);
  }

  async close(): Promise<void> {
    await this.transport.close();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

interface RawPeerOptions {
  readonly protocol?: string;
  readonly origin?: string;
  /** Another one of this machine, such as 127.0.0.2. */
  readonly localAddress?: string;
}

function rawPeer(side: Side, { protocol = 'forklore.1', origin, localAddress }: RawPeerOptions = {}): WebSocket {
  const headers = origin === undefined ? {} : { origin };
  return new WebSocket(`${side.url}/p2p`, protocol, { headers, localAddress, perMessageDeflate: false });
}

function once(target: WebSocket, event: string): Promise<unknown[]> {
  return new Promise((resolve) => target.once(event, (...args: unknown[]) => resolve(args)));
}

async function refusedStatus(socket: WebSocket): Promise<number | undefined> {
  socket.on('error', () => {});
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode?: number }];
  socket.terminate();
  return response.statusCode;
}

describe('transport', () => {
  let here: Side;
  let there: Side;

  beforeEach(async () => {
    here = await new Side().listen();
    there = await new Side().listen();
  });

  afterEach(async () => {
    vi.useRealTimers();
    await Promise.all([here.close(), there.close()]);
  });

  async function connected() {
    here.transport.dial(there.url);
    const [outbound, inbound] = await Promise.all([here.next('peer-connected'), there.next('peer-connected')]);
    return { outbound, inbound };
  }

  it('tells both sides who is connected', async () => {
    const { outbound, inbound } = await connected();
    expect(outbound).toEqual({
      type: 'peer-connected',
      peer: 'p1',
      direction: 'outbound',
      address: there.url,
      host: '127.0.0.1',
      loopback: true,
    });
    expect(inbound).toMatchObject({ peer: 'p1', direction: 'inbound', host: '127.0.0.1', loopback: true });
    expect(inbound.address).toMatch(/^127\.0\.0\.1:\d+$/);
  });

  it('carries frames both ways in order, as plain byte arrays', async () => {
    const { outbound, inbound } = await connected();
    const large = new Uint8Array(MAX_FRAME_BYTES).map((_, i) => i * 31);
    const copy = large.slice();
    here.transport.send(outbound.peer, Uint8Array.of(1, 2, 3));
    here.transport.send(outbound.peer, large);
    here.transport.send(outbound.peer, new Uint8Array(0));
    there.transport.send(inbound.peer, Uint8Array.of(9));
    const last = await there.next('peer-message', 3);
    expect(last.bytes.length).toBe(0);
    const [first, second] = there.of('peer-message');
    expect(first!.bytes).toEqual(Uint8Array.of(1, 2, 3));
    expect(Object.getPrototypeOf(first!.bytes)).toBe(Uint8Array.prototype);
    expect(Buffer.compare(second!.bytes, copy)).toBe(0);
    expect(Buffer.compare(large, copy)).toBe(0);
    expect((await here.next('peer-message')).bytes).toEqual(Uint8Array.of(9));
  });

  it('takes from the reason of a close what would do something to a terminal', async () => {
    const { outbound } = await connected();
    here.transport.disconnect(outbound.peer, 4000, 'a\u202eb\u001b[31mc\u009bd');
    const { reason } = await there.next('peer-closed');
    expect(reason).toBe('closed by the peer: 4000 a\ufffdb\ufffd[31mc\ufffdd');
  });

  it('sends what is queued before it closes, with code and reason', async () => {
    const { outbound } = await connected();
    here.transport.send(outbound.peer, new Uint8Array(500_000));
    here.transport.disconnect(outbound.peer, 4002, `wrong network ${'é'.repeat(100)}`);
    const closed = await there.next('peer-closed');
    expect(there.of('peer-message')[0]!.bytes.length).toBe(500_000);
    expect(closed.reason).toMatch(/^closed by the peer: 4002 wrong network é+$/);
    expect((await here.next('peer-closed')).reason).toMatch(/^wrong network/);
    here.transport.send(outbound.peer, Uint8Array.of(1));
    here.transport.disconnect(outbound.peer, 4000, 'again');
    expect(here.of('peer-closed')).toHaveLength(1);
  });

  it('hears nothing from a peer that it disconnects', async () => {
    const { outbound, inbound } = await connected();
    there.transport.send(inbound.peer, Uint8Array.of(1));
    here.transport.disconnect(outbound.peer, 4001, 'enough');
    await Promise.all([here.next('peer-closed'), there.next('peer-closed')]);
    expect(here.of('peer-message')).toHaveLength(0);
  });

  it('notices when a connection breaks', async () => {
    const peer = rawPeer(here);
    await here.next('peer-connected');
    await once(peer, 'open');
    peer.terminate();
    expect((await here.next('peer-closed')).reason).toBe('connection lost');
  });

  it('reports a text frame once, hears nothing more, and leaves other peers alone', async () => {
    const bad = rawPeer(here);
    await once(bad, 'open');
    await here.next('peer-connected');
    bad.send('hello');
    bad.send('hello again');
    bad.send(Uint8Array.of(1));
    const fault = await here.next('peer-fault');
    expect(fault).toEqual({ type: 'peer-fault', peer: 'p1', reason: 'text frame' });
    here.transport.disconnect(fault.peer, 4007, fault.reason);
    const [code, reason] = await once(bad, 'close');
    expect([code, String(reason)]).toEqual([4007, 'text frame']);
    await here.next('peer-closed');
    there.transport.dial(here.url);
    const good = await there.next('peer-connected');
    there.transport.send(good.peer, Uint8Array.of(7));
    expect((await here.next('peer-message')).bytes).toEqual(Uint8Array.of(7));
    expect(here.of('peer-fault')).toHaveLength(1);
  });

  it('takes a frame of exactly the limit and refuses one byte more', async () => {
    const peer = rawPeer(here);
    await once(peer, 'open');
    peer.send(new Uint8Array(MAX_FRAME_BYTES));
    expect((await here.next('peer-message')).bytes.length).toBe(MAX_FRAME_BYTES);
    peer.send(new Uint8Array(MAX_FRAME_BYTES + 1));
    expect((await here.next('peer-fault')).reason).toBe(`frame of more than ${MAX_FRAME_BYTES} bytes`);
    expect((await here.next('peer-closed')).peer).toBe('p1');
    expect(here.of('peer-message')).toHaveLength(1);
  });

  it('refuses a flood of fragments', async () => {
    const peer = rawPeer(here);
    peer.on('error', () => {});
    await once(peer, 'open');
    for (let i = 0; i < 100; i++) peer.send(Uint8Array.of(i), { fin: false });
    expect((await here.next('peer-fault')).reason).toBe('frame in too many fragments');
    await here.next('peer-closed');
  });

  it('refuses bytes that are no WebSocket frame', async () => {
    const peer = rawPeer(here);
    peer.on('error', () => {});
    const tcp = new Promise<Socket>((resolve) => peer.once('upgrade', (response) => resolve(response.socket)));
    await once(peer, 'open');
    (await tcp).write(Buffer.alloc(64, 0xff));
    expect((await here.next('peer-fault')).reason).toMatch(/^broken frame: /);
    await here.next('peer-closed');
  });

  it('refuses websites, other subprotocols, and more peers than it has room for', async () => {
    expect(await refusedStatus(rawPeer(here, { origin: 'http://localhost:8000' }))).toBe(403);
    expect(await refusedStatus(rawPeer(here, { protocol: 'graphql-transport-ws' }))).toBe(400);
    const small = await new Side(1).listen();
    const first = rawPeer(small);
    await once(first, 'open');
    expect(await refusedStatus(rawPeer(small))).toBe(503);
    here.transport.dial(small.url);
    expect((await here.next('dial-failed')).reason).toBe('the node has no room for another peer');
    expect(here.events.filter((event) => event.type !== 'dial-failed')).toEqual([]);
    await small.close();
  });

  it('keeps its own places free of callers, and dials no more than it has', async () => {
    const small = await new Side(1).listen();
    await once(rawPeer(small), 'open');
    small.transport.dial(here.url);
    await small.next('peer-connected', 2);
    small.transport.dial(here.url);
    expect((await small.next('dial-failed')).reason).toBe('this node has no room for another peer');
    await small.close();
  });

  it('ends the oldest silent peer of the host that has the most, so that others have time for their hello', async () => {
    const connect = async (localAddress: string): Promise<WebSocket> => {
      const peer = rawPeer(here, { localAddress });
      await once(peer, 'open');
      return peer;
    };
    const honest = await connect('127.0.0.2');
    for (let i = 0; i < 2 * MAX_SILENT_PEERS; i++) await connect('127.0.0.1');
    const closed = MAX_SILENT_PEERS + 1;
    await here.next('peer-closed', closed);
    expect(here.of('peer-closed').map(({ peer }) => peer)).toEqual(
      here
        .of('peer-connected')
        .slice(1, 1 + closed)
        .map(({ peer }) => peer),
    );
    honest.send(Uint8Array.of(1));
    expect((await here.next('peer-message')).peer).toBe('p1');
  });

  it('ends the oldest silent peer where all are of one host', async () => {
    for (let i = 0; i <= MAX_SILENT_PEERS; i++) await once(rawPeer(here), 'open');
    expect(await here.next('peer-closed')).toMatchObject({ peer: 'p1', reason: 'silent while others wait' });
  });

  describe('dialling', () => {
    it('says when nobody listens', async () => {
      const gone = await new Side().listen();
      const { url } = gone;
      await gone.close();
      here.transport.dial(url);
      expect(await here.next('dial-failed')).toEqual({ type: 'dial-failed', url, reason: 'connection refused' });
    });

    it('says when the URL is none', async () => {
      here.transport.dial('ftp://x');
      expect(await here.next('dial-failed')).toMatchObject({
        url: 'ftp://x',
        reason: '"ftp://x" is not the URL of a node; use http://host:port',
      });
    });

    it('says when another web server answers', async () => {
      const web = createServer((_, response) => response.writeHead(404).end());
      await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
      here.transport.dial(`http://127.0.0.1:${(web.address() as AddressInfo).port}`);
      expect((await here.next('dial-failed')).reason).toBe('not a Forklore node: HTTP 404');
      web.closeAllConnections();
      web.close();
    });

    it('says that a web server without TLS answers, in words of its own', async () => {
      const web = createServer();
      await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
      here.transport.dial(`https://127.0.0.1:${(web.address() as AddressInfo).port}`);
      expect((await here.next('dial-failed')).reason).toBe('no HTTPS there: use http://');
      web.closeAllConnections();
      web.close();
    });

    it('says when something else answers', async () => {
      const other = createTcpServer((socket) => socket.on('error', () => {}).end('SSH-2.0-OpenSSH_9.6\r\n'));
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
      here.transport.dial(`http://127.0.0.1:${(other.address() as AddressInfo).port}`);
      expect((await here.next('dial-failed')).reason).toBe('not a Forklore node: no HTTP');
      other.close();
    });

    it('gives up after 5 s of silence', async () => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      const sockets: Socket[] = [];
      const silent = createTcpServer();
      const asked = new Promise<void>((resolve) =>
        silent.on('connection', (socket) => {
          sockets.push(socket.on('error', () => {}));
          socket.once('data', () => resolve());
        }),
      );
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
      here.transport.dial(`http://127.0.0.1:${(silent.address() as AddressInfo).port}`);
      await asked;
      vi.advanceTimersByTime(HANDSHAKE_TIMEOUT_MS - 1);
      expect(here.events).toEqual([]);
      vi.advanceTimersByTime(1);
      expect((await here.next('dial-failed')).reason).toBe('handshake timed out after 5 s');
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
  });

  describe('with a peer that reads nothing', () => {
    const CHUNK = new Uint8Array(64 * 1024);

    /** Sends until the peer is congested: the system's buffers take the first bytes. */
    async function congest(): Promise<{ tcp: Socket; peer: string }> {
      const socket = rawPeer(here);
      socket.on('error', () => {});
      const tcp = new Promise<Socket>((resolve) => socket.once('upgrade', (response) => resolve(response.socket)));
      await once(socket, 'open');
      socket.pause();
      const { peer } = await here.next('peer-connected');
      while (here.of('peer-backlog').length === 0) {
        for (let sent = 0; sent < CONGESTED_BYTES && here.of('peer-backlog').length === 0; sent += CHUNK.length) {
          here.transport.send(peer, CHUNK);
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
      return { tcp: await tcp, peer };
    }

    it('says when data piles up and when it is gone', async () => {
      const { tcp, peer } = await congest();
      expect(here.of('peer-backlog')).toEqual([{ type: 'peer-backlog', peer, congested: true }]);
      tcp.resume();
      expect(await here.next('peer-backlog', 2)).toEqual({ type: 'peer-backlog', peer, congested: false });
      expect(here.of('peer-closed')).toEqual([]);
    });

    it('cuts it off above 8 MiB', async () => {
      const { peer } = await congest();
      for (let sent = 0; sent <= MAX_UNSENT_BYTES; sent += CHUNK.length) here.transport.send(peer, CHUNK);
      expect((await here.next('peer-closed')).reason).toBe(`more than ${MAX_UNSENT_BYTES} bytes unsent`);
      expect(here.of('peer-backlog')).toHaveLength(1);
    });

    it('cuts it off after 30 s', async () => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      await congest();
      vi.advanceTimersByTime(STALL_TIMEOUT_MS);
      expect((await here.next('peer-closed')).reason).toMatch(/^took less than [0-9]+ bytes in 30 s$/);
      expect(vi.getTimerCount()).toBe(0);
    });
  });

  it('keeps nothing of peers that came and went', async () => {
    const timers = vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const rounds = 300;
    const handles = () => process.getActiveResourcesInfo().filter((name) => /TCP(Socket|Client)/.test(name)).length;
    const listeners = () =>
      [...process.eventNames(), ...here.server.eventNames()].reduce(
        (sum, name) => sum + process.listenerCount(name) + here.server.listenerCount(name as string),
        0,
      );
    const before = { handles: handles(), listeners: listeners(), timers: timers.getTimerCount() };
    for (let i = 1; i <= rounds; i++) {
      here.transport.dial(there.url);
      const { peer } = await here.next('peer-connected', i);
      here.transport.disconnect(peer, 4001, 'round over');
      await Promise.all([here.next('peer-closed', i), there.next('peer-closed', i)]);
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect({ handles: handles(), listeners: listeners(), timers: timers.getTimerCount() }).toEqual(before);
  });

  it('closes within a second although a peer never answers, and emits nothing then', async () => {
    const tcp = connectTcp(Number(new URL(here.url).port), '127.0.0.1');
    tcp.on('error', () => {});
    tcp.write(
      [
        'GET /p2p HTTP/1.1',
        'Host: localhost',
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
        'Sec-WebSocket-Protocol: forklore.1',
        '\r\n',
      ].join('\r\n'),
    );
    await here.next('peer-connected');
    const events = here.events.length;
    await here.transport.close();
    here.transport.dial(there.url);
    expect(here.events).toHaveLength(events);
    tcp.destroy();
  });
});
