import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { CONGESTED_BYTES, Connection, STALL_TIMEOUT_MS } from '../../../server/transport/connection.ts';

const CHUNK = new Uint8Array(16 * 1024);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The reading end, without a WebSocket of its own, so that it takes exactly as many bytes as it is told to. */
let reader: Socket;
/** The node's end. */
let socket: WebSocket;
let connection: Connection;
let ended: string[];
let server: WebSocketServer;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  ended = [];
  server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  await once(server, 'listening');
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  client.on('error', () => {});
  const upgraded = once(client, 'upgrade') as Promise<[IncomingMessage]>;
  const [accepted, request] = (await once(server, 'connection')) as [WebSocket, IncomingMessage];
  const [response] = await upgraded;
  reader = response.socket;
  client.pause();
  socket = accepted;
  connection = new Connection(accepted, request.socket, {
    message: () => {},
    fault: () => {},
    backlog: () => {},
    closed: (reason) => ended.push(reason),
  });
});

afterEach(() => {
  vi.useRealTimers();
  reader.destroy();
  socket.terminate();
  server.close();
});

/** Sends until the system takes no more, and so many bytes are left. */
async function fill(unsentBytes: number): Promise<void> {
  while (socket.bufferedAmount < unsentBytes) {
    connection.send(CHUNK);
    // What the system takes is gone after a turn or two.
    for (let i = 0; i < 3; i++) await turn();
  }
}

describe('a reader that is slow', () => {
  it.each([
    ['little', CHUNK.length],
    ['much', CONGESTED_BYTES + CHUNK.length],
    ['more', CONGESTED_BYTES * 3],
  ])('is cut off when it takes nothing of what it asked for in 30 s, be that %s', async (_, unsentBytes) => {
    await fill(unsentBytes);
    vi.advanceTimersByTime(STALL_TIMEOUT_MS - 1);
    expect(ended).toEqual([]);
    vi.advanceTimersByTime(1);
    await connection.ended;
    expect(ended[0]).toMatch(/^took less than [0-9]+ bytes in 30 s$/);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('stays when it has taken all, and its time starts over', async () => {
    await fill(CHUNK.length);
    reader.resume();
    while (socket.bufferedAmount > 0) await turn();
    vi.advanceTimersByTime(STALL_TIMEOUT_MS);
    expect(ended).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
    reader.pause();
    await fill(CHUNK.length);
    vi.advanceTimersByTime(STALL_TIMEOUT_MS);
    await connection.ended;
    expect(ended).toHaveLength(1);
  });

  it('stays as long as it takes enough in each 30 s, though something is always unsent', async () => {
    await fill(CONGESTED_BYTES * 2);
    for (let round = 0; round < 4; round++) {
      reader.resume();
      while (socket.bufferedAmount > CONGESTED_BYTES) await turn();
      reader.pause();
      vi.advanceTimersByTime(STALL_TIMEOUT_MS);
      expect(ended).toEqual([]);
      await fill(CONGESTED_BYTES * 2);
    }
  });
});
