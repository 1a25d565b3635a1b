import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HonestClient, send, startAttackedNode, type Vitals, vitalsOf } from '../../testing/attacked-node.ts';
import { eventually } from '../../testing/eventually.ts';
import { killPrograms, type NodeProcess } from '../../testing/processes.ts';
import { RawPeer, regtestHello } from '../../testing/raw-peer.ts';
import { frameOf, OPCODE, RawSocket } from '../../testing/raw-socket.ts';

const MAX_CONNECTIONS_PER_ADDRESS = 512;
const MAX_SOCKETS_PER_ADDRESS = 64;
/** Places that are left to those who watch. */
const OTHERS = 4;
/** Ten thousand with `FORKLORE_CHURN=10000`, which takes a minute. */
const CHURN = Number(process.env.FORKLORE_CHURN ?? 300);
const AT_ONCE = 50;
/** Mined while subscribers take nothing. */
const BLOCKS = 20;
const OTHER_ADDRESS = '127.0.0.7';
/** The core's alarm: it is not set between its ringing and the end of the event that this causes, which is when a count may be taken. */
const TIMERS_NOT_ALWAYS_SET = 1;

let node: NodeProcess;
let open: RawSocket[];

beforeAll(async () => {
  node = await startAttackedNode();
});

afterAll(killPrograms);

beforeEach(() => {
  open = [];
  return async () => {
    for (const socket of open) socket.end();
    await Promise.all(open.map(({ closed }) => closed));
  };
});

/** So many of something, some of them at once. */
async function times<T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  while (made.length < count) {
    const batch = Math.min(AT_ONCE, count - made.length);
    made.push(...(await Promise.all(Array.from({ length: batch }, (_, i) => make(made.length + i)))));
  }
  return made;
}

const kept = <T extends RawSocket>(socket: T): T => {
  open.push(socket);
  return socket;
};

const stillOpen = () => open.filter(({ isClosed }) => !isClosed).length;

const HALF_REQUEST = 'POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\n';
const requestOf = (url: string, query: string): string => {
  const body = JSON.stringify({ query });
  const headers = [`Host: ${new URL(url).host}`, 'Content-Type: application/json', `Content-Length: ${body.length}`];
  return `POST /graphql HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n${body}`;
};

describe('connections that never ask', () => {
  it.each([
    ['say nothing', () => ''],
    ['send headers that never end', () => HALF_REQUEST],
    ['send a body that never ends', (url: string) => requestOf(url, '{ tip { hash } }').slice(0, -1)],
  ])('and %s push out each other, not those who ask', async (_, said) => {
    const returning = new HonestClient(node.url);
    const newcomer = new HonestClient(node.url, false);
    await times(2 * MAX_CONNECTIONS_PER_ADDRESS, async () => {
      const socket = kept(await RawSocket.connect(node.url));
      if (!socket.isClosed) socket.tcp.write(said(node.url));
    });
    await eventually(() => expect(stillOpen()).toBeLessThanOrEqual(MAX_CONNECTIONS_PER_ADDRESS));
    const had = newcomer.answersMs.length;
    await eventually(() => expect(newcomer.answersMs.length).toBeGreaterThan(had + 3));
    for (const client of [await returning.stop(), await newcomer.stop()]) {
      expect(client.failures).toEqual([]);
      expect(client.worstMs).toBeLessThan(5_000);
    }
  });
});

describe('a connection', () => {
  it('asks one thing at a time: a pipeline is not taken up', async () => {
    const socket = kept(await RawSocket.connect(node.url));
    socket.tcp.write(requestOf(node.url, '{ tip { hash } }').repeat(200));
    await socket.closed;
    const one = kept(await RawSocket.connect(node.url));
    for (let asked = 1; asked <= 3; asked++) {
      one.received = '';
      one.tcp.write(requestOf(node.url, '{ tip { height } }'));
      await one.until(/"height":\d/);
    }
    expect(one.isClosed).toBe(false);
  });
});

describe('sockets of the API', () => {
  it('that say nothing are closed, and have no place for ever: others wait three seconds at most', async () => {
    await times(MAX_SOCKETS_PER_ADDRESS, async () => kept(await RawSocket.graphql(node.url)));
    expect(kept(await RawSocket.graphql(node.url)).received).toContain('503');
    expect((await send(`${node.url}/graphql`, { body: '{"query":"{ tip { height } }"}' })).text).toContain('"data"');
    await Promise.all(open.map((socket) => socket.untilClosing()));
    // They do not answer the close either.
    await Promise.all(open.map(({ closed }) => closed));
    expect(kept(await RawSocket.graphql(node.url)).received).toContain('101');
  });

  it('that hoard subscriptions and take nothing cost neither peers nor subscribers', async () => {
    await times(MAX_SOCKETS_PER_ADDRESS - OTHERS, async (index) => {
      const socket = kept(await RawSocket.graphql(node.url));
      socket.tcp.write(frameOf('{"type":"connection_init"}'));
      await socket.until(/connection_ack/);
      for (let id = 1; id <= 20; id++) {
        // Each wants something else, so that none is executed for two of them.
        const fields = `s${index}x${id}: hash transactions(first: 100) { edges { node { id } } }`;
        const payload = { query: `subscription { blockAdded { ${fields} } }` };
        socket.tcp.write(frameOf(JSON.stringify({ id: `${id}`, type: 'subscribe', payload })));
      }
      socket.tcp.pause();
    });
    const honest = new HonestClient(node.url);
    const peer = (await RawPeer.connect(node.url)).send(regtestHello());
    const height = (await node.api.height()) + BLOCKS;
    const told = node.api.until(
      'subscription { blockAdded { height } }',
      () => node.api.height(),
      (reached) => reached === height,
    );
    await eventually(async () =>
      expect(await node.api.query('{ peers { state } }')).toEqual({ peers: [{ state: 'READY' }] }),
    );
    await node.api.query('mutation ($count: Int) { mine(count: $count) { __typename } }', { count: BLOCKS });
    await told;
    expect((await honest.stop()).failures).toEqual([]);
    peer.socket.close();
  });
});

describe('peers that say nothing', () => {
  it('do not keep others out, however many come', async () => {
    await times(300, async () => kept(await RawSocket.peer(node.url)));
    const peer = (await RawPeer.connect(node.url)).send(regtestHello());
    await eventually(async () => {
      expect((await node.api.query('{ peers { userAgent } }')).peers).toContainEqual({ userAgent: 'raw' });
    });
    peer.socket.close();
  });
});

describe('whoever comes and goes', () => {
  /** Without the connection that asks. */
  const held = ({ resources }: Vitals) => ({
    sockets: resources.get('TCPSocketWrap') ?? 0,
    timers: resources.get('Timeout') ?? 0,
  });

  /** One of each kind of visit, each of which ends as visits end: politely, or not. */
  async function visit(index: number): Promise<void> {
    const local = index % 2 === 0 ? '127.0.0.1' : OTHER_ADDRESS;
    const silent = await RawSocket.connect(node.url, local);
    silent.tcp.write(index % 3 === 0 ? HALF_REQUEST : '');
    const asking = await RawSocket.connect(node.url, local);
    asking.tcp.write(requestOf(node.url, '{ tip { height } }'));
    await asking.until(/"height"/);
    const socket = await RawSocket.graphql(node.url);
    socket.tcp.write(frameOf('{"type":"connection_init"}'));
    await socket.until(/connection_ack/);
    const payload = { query: 'subscription { blockAdded { hash } }' };
    socket.tcp.write(frameOf(JSON.stringify({ id: '1', type: 'subscribe', payload })));
    const peer = await RawSocket.peer(node.url);
    peer.tcp.write(frameOf(regtestHello(), { opcode: OPCODE.binary }));
    if (index % 2 === 0) socket.tcp.write(frameOf('', { opcode: OPCODE.close }));
    for (const each of [silent, asking, socket, peer]) {
      each.end();
      await each.closed;
    }
  }

  it('leaves no socket, timer or subscription behind', { timeout: 300_000 }, async () => {
    await times(AT_ONCE, visit);
    await eventually(async () => expect(held(await vitalsOf(node.url)).sockets).toBeLessThan(5));
    const before = await vitalsOf(node.url);
    const honest = new HonestClient(node.url);
    await times(CHURN, visit);
    expect((await honest.stop()).failures).toEqual([]);
    await eventually(async () => {
      const after = held(await vitalsOf(node.url));
      expect(after.sockets).toBeLessThanOrEqual(held(before).sockets);
      expect(after.timers).toBeLessThanOrEqual(held(before).timers + TIMERS_NOT_ALWAYS_SET);
    });
    const metrics = await (await fetch(`${node.url}/metrics`)).text();
    expect(metrics).toMatch(/^forklore_subscriptions 0$/m);
    await eventually(async () => expect((await node.api.query('{ peers { id } }')).peers).toEqual([]));
    expect(node.program.stderr).not.toContain('MaxListenersExceeded');
  });
});
