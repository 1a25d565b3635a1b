import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MAX_FRAME_BYTES } from '../../protocol/limits.ts';
import { decodeMessage, encodeMessage } from '../../protocol/messages.ts';
import { HonestClient, startAttackedNode, vitalsOf } from '../../testing/attacked-node.ts';
import { eventually } from '../../testing/eventually.ts';
import { killPrograms, type NodeProcess } from '../../testing/processes.ts';
import { RawPeer, regtestHello } from '../../testing/raw-peer.ts';
import { type FrameOptions, frameOf, OPCODE, RawSocket } from '../../testing/raw-socket.ts';

/** What one flood may send at most, and what the node may grow by meanwhile: much less than what came. */
const FLOOD_BYTES = 16 * 1024 * 1024;
const MAX_GROWTH_MIB = 64;
/** Frames that are written at once. */
const MANY = 500;
const INVALID_UTF8 = Buffer.from([0xc3, 0x28]);

let node: NodeProcess;
let honest: HonestClient;
let peer: RawPeer;

beforeAll(async () => {
  node = await startAttackedNode();
});

afterAll(killPrograms);

beforeEach(async () => {
  honest = new HonestClient(node.url);
  peer = (await RawPeer.connect(node.url)).send(regtestHello());
});

/** Nobody else noticed: the client got all its answers, the peer is there and gets its own. */
afterEach(async () => {
  expect(await pingedMs()).toBeLessThan(5_000);
  const { answersMs, failures } = await honest.stop();
  expect(failures).toEqual([]);
  expect(answersMs.length).toBeGreaterThan(0);
  expect((await node.api.query('{ peers { userAgent state } }')).peers).toContainEqual({
    userAgent: 'raw',
    state: 'READY',
  });
  peer.socket.close();
  await peer.ended;
});

let lastNonce = 0n;

async function pingedMs(): Promise<number> {
  const nonce = ++lastNonce;
  const startMs = performance.now();
  const answered = new Promise<void>((resolve) => {
    peer.socket.on('message', (data: Buffer) => {
      const message = decodeMessage(new Uint8Array(data));
      if (message.type === 'pong' && message.nonce === nonce) resolve();
    });
  });
  peer.send(encodeMessage({ type: 'ping', nonce }));
  await answered;
  return performance.now() - startMs;
}

const many = (frame: Buffer, count = MANY): Buffer => Buffer.concat(Array<Buffer>(count).fill(frame));

const BOMBS: readonly (readonly [string, string | Uint8Array, FrameOptions])[] = [
  ['a frame that says it is compressed', 'x', { reserved: 0x40 }],
  ['reserved bits', 'x', { reserved: 0x30 }],
  ['an unknown kind of frame', 'x', { opcode: 5 }],
  ['an unknown kind of control frame', 'x', { opcode: 11 }],
  ['a control frame of more than 125 bytes', 'x'.repeat(126), { opcode: OPCODE.ping }],
  ['a control frame in fragments', 'x', { opcode: OPCODE.ping, fin: false }],
  ['a continuation of nothing', 'x', { opcode: OPCODE.continuation }],
  ['a frame without a mask', 'x', { masked: false }],
  ['a frame that says it is as large as can be', 'x', { declaredBytes: Number.MAX_SAFE_INTEGER }],
  ['a frame that says it is one byte too large', 'x', { declaredBytes: MAX_FRAME_BYTES + 1 }],
  ['a text that is no UTF-8', INVALID_UTF8, {}],
  ['a close code that does not exist', Uint8Array.of(0, 1), { opcode: OPCODE.close }],
];

describe.each([
  ['a socket of the API', RawSocket.graphql],
  ['a peer', RawSocket.peer],
])('%s', (_, open) => {
  it.each(BOMBS)('is closed for %s', async (_name, payload, options) => {
    const raw = await open(node.url);
    raw.tcp.write(frameOf(payload, options));
    await raw.closed;
  });

  it('is not compressed, although it asks for that', async () => {
    const raw = await open(node.url, 'Sec-WebSocket-Extensions: permessage-deflate\r\n');
    expect(raw.received).toContain('101 Switching Protocols');
    expect(raw.received.toLowerCase()).not.toContain('sec-websocket-extensions');
    raw.end();
    await raw.closed;
  });

  it.each([
    ['a message that never ends', 'x'.repeat(100)],
    ['empty fragments without end', ''],
  ])('is closed for %s', async (_name, payload) => {
    const raw = await open(node.url);
    const before = await vitalsOf(node.url);
    raw.tcp.write(frameOf('x', { fin: false, opcode: OPCODE.binary }));
    await raw.flood(many(frameOf(payload, { fin: false, opcode: OPCODE.continuation })), FLOOD_BYTES);
    await raw.closed;
    expect((await vitalsOf(node.url)).residentMib - before.residentMib).toBeLessThan(MAX_GROWTH_MIB);
  });

  it('that pings and takes no answers is bounded', async () => {
    const raw = await open(node.url);
    const before = await vitalsOf(node.url);
    raw.tcp.pause();
    await raw.flood(many(frameOf('x'.repeat(125), { opcode: OPCODE.ping })), FLOOD_BYTES);
    expect((await vitalsOf(node.url)).residentMib - before.residentMib).toBeLessThan(MAX_GROWTH_MIB);
    raw.end();
    await raw.closed;
  });
});

describe('a peer after its hello', () => {
  it.each([
    ['pings', encodeMessage({ type: 'ping', nonce: 7n })],
    ['asks for headers', encodeMessage({ type: 'getHeaders', locator: ['ab'.repeat(32)], stop: '00'.repeat(32) })],
    ['asks for blocks', encodeMessage({ type: 'getBlocks', blockHashes: Array(128).fill('cd'.repeat(32)) })],
    [
      'announces transactions',
      encodeMessage({ type: 'inv', txids: Array.from({ length: 1_000 }, (_, i) => i.toString(16).padStart(64, '0')) }),
    ],
  ])('that %s without end, and takes no answers, is bounded', async (_, message) => {
    const raw = await RawSocket.peer(node.url);
    const before = await vitalsOf(node.url);
    raw.tcp.write(frameOf(regtestHello(), { opcode: OPCODE.binary }));
    raw.tcp.pause();
    const chunk = many(frameOf(message, { opcode: OPCODE.binary }), 20);
    await raw.flood(chunk, FLOOD_BYTES);
    expect(await pingedMs()).toBeLessThan(5_000);
    expect((await vitalsOf(node.url)).residentMib - before.residentMib).toBeLessThan(MAX_GROWTH_MIB);
    raw.end();
    await raw.closed;
  });
});

describe('a socket of the API after its greeting', () => {
  async function greeted(): Promise<RawSocket> {
    const raw = await RawSocket.graphql(node.url);
    raw.tcp.write(frameOf('{"type":"connection_init"}'));
    await raw.until(/connection_ack/);
    return raw;
  }

  it('that pings in messages and takes no answers is not read from any more', async () => {
    const raw = await greeted();
    const before = await vitalsOf(node.url);
    raw.tcp.pause();
    const taken = await raw.flood(many(frameOf('{"type":"ping"}')), FLOOD_BYTES);
    expect(taken).toBeLessThan(FLOOD_BYTES);
    expect((await vitalsOf(node.url)).residentMib - before.residentMib).toBeLessThan(MAX_GROWTH_MIB);
    raw.end();
    await raw.closed;
  });

  it('that makes one mistake after the other stays open', async () => {
    const raw = await greeted();
    for (let id = 0; id < 50; id++) {
      raw.tcp.write(frameOf(JSON.stringify({ id: `m${id}`, type: 'subscribe', payload: { query: '{ nothing }' } })));
      await raw.until(new RegExp(`"id":"m${id}","type":"error"`));
    }
    raw.tcp.write(frameOf(JSON.stringify({ id: 'q', type: 'subscribe', payload: { query: '{ tip { height } }' } })));
    await raw.until(/"id":"q","type":"next"/);
    expect(raw.isClosed).toBe(false);
    raw.end();
    await raw.closed;
  });

  it.each([
    ['greets twice', '{"type":"connection_init"}'],
    ['sends a message of no kind', '{"type":"__proto__"}'],
    ['sends what is nested a thousand times', `${'['.repeat(1_000)}${']'.repeat(1_000)}`],
    ['subscribes without a text', '{"id":"1","type":"subscribe","payload":{"query":1}}'],
  ])('that %s is closed', async (_, message) => {
    const raw = await greeted();
    raw.tcp.write(frameOf(message));
    await raw.untilClosing();
    raw.end();
    await raw.closed;
  });

  it('that gives one subscription the id of another, as long as a message, is closed without a fault of ours', async () => {
    const raw = await greeted();
    const subscribe = {
      id: 'x'.repeat(50_000),
      type: 'subscribe',
      payload: { query: 'subscription { blockAdded { hash } }' },
    };
    raw.tcp.write(frameOf(JSON.stringify(subscribe)));
    raw.tcp.write(frameOf(JSON.stringify(subscribe)));
    await raw.untilClosing();
    raw.end();
    await raw.closed;
    expect(node.program.stderr).not.toContain('internal error');
  });

  it('that asks, and goes away before the answer, costs nobody else', async () => {
    for (let round = 0; round < 30; round++) {
      const raw = await greeted();
      for (let id = 0; id < 19; id++) {
        const query = `{ blocks(first: 100) { edges { node { hash a${round}: height } } } }`;
        raw.tcp.write(frameOf(JSON.stringify({ id: `${id}`, type: 'subscribe', payload: { query } })));
      }
      raw.end();
      await raw.closed;
    }
    const had = honest.answersMs.length;
    await eventually(() => expect(honest.answersMs.length).toBeGreaterThan(had));
  });
});
