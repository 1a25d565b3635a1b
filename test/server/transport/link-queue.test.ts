import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { NodeEvent } from '../../../protocol/events.ts';
import { CLEAR, type LinkConditions } from '../../../protocol/link-conditions.ts';
import { CONGESTED_BYTES, LOSS_REASON, MAX_UNSENT_BYTES } from '../../../server/transport/connection.ts';
import { Transport } from '../../../server/transport/transport.ts';
import { Weather } from '../../../server/transport/weather.ts';

/** A transport with a connection to a bare WebSocket server. */
class Sender {
  readonly received: { readonly bytes: Uint8Array; readonly atMs: number }[] = [];
  readonly events: NodeEvent[] = [];
  readonly weather: Weather;
  readonly #transport: Transport;
  readonly #server: WebSocketServer;
  #wake: (() => void)[] = [];
  #peer = '';

  constructor(server: WebSocketServer, url: string, seed: string) {
    this.#server = server;
    this.weather = new Weather(seed, () => this.#transport.applyWeather());
    this.#transport = new Transport({
      maxInbound: 1,
      maxOutbound: 1,
      weather: this.weather,
      peerOf: () => ({ url, remote: url, direction: 'outbound', state: 'ready' }),
      emit: (event) => {
        this.events.push(event);
        if (event.type === 'peer-connected') this.#peer = event.peer;
        this.#wakeAll();
      },
    });
  }

  async dial(url: string): Promise<WebSocket> {
    const called = once(this.#server, 'connection') as Promise<[WebSocket]>;
    this.#transport.dial(url);
    const [socket] = await called;
    socket.on('message', (bytes: Uint8Array) => {
      this.received.push({ bytes, atMs: performance.now() });
      this.#wakeAll();
    });
    await this.until(() => this.#peer !== '');
    return socket;
  }

  send(bytes: Uint8Array): void {
    this.#transport.send(this.#peer, bytes);
  }

  disconnect(code: number): void {
    this.#transport.disconnect(this.#peer, code, 'done');
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#wake.push(resolve));
  }

  get closedBecause(): string | null {
    for (const event of this.events) if (event.type === 'peer-closed') return event.reason;
    return null;
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

let server: WebSocketServer;
let url: string;
const senders: Sender[] = [];

beforeEach(async () => {
  server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  await Promise.all(senders.splice(0).map((sender) => sender.close()));
  await new Promise((resolve) => server.close(resolve));
});

async function sendingUnder(conditions: Partial<LinkConditions>, seed = 'seed'): Promise<[Sender, WebSocket]> {
  const sender = new Sender(server, url, seed);
  senders.push(sender);
  sender.weather.set(url, { ...CLEAR, ...conditions });
  return [sender, await sender.dial(url)];
}

const numbered = (count: number): Uint8Array[] => Array.from({ length: count }, (_, i) => Uint8Array.of(i));
const firstBytes = ({ received }: Sender): number[] => received.map(({ bytes }) => bytes[0] ?? -1);

describe('frames under link conditions', () => {
  it('keep their order, however their delays are drawn', async () => {
    const [sender] = await sendingUnder({ delayMs: [0, 40] });
    for (const frame of numbered(200)) sender.send(frame);
    await sender.until(() => sender.received.length === 200);
    expect(firstBytes(sender)).toEqual(Array.from({ length: 200 }, (_, i) => i));
  });

  it('arrive no sooner than their delay and the rate let them', async () => {
    const [sender] = await sendingUnder({ delayMs: [100, 120], bytesPerSecond: 20_000 });
    const startMs = performance.now();
    for (let i = 0; i < 5; i++) sender.send(new Uint8Array(2_000));
    await sender.until(() => sender.received.length === 5);
    for (const [i, { atMs }] of sender.received.entries())
      expect(atMs - startMs).toBeGreaterThanOrEqual(100 * (i + 1) + 100);
  });

  it('go on at once when the conditions end, before those that come later', async () => {
    const [sender] = await sendingUnder({ delayMs: [60_000, 60_000] });
    for (const frame of numbered(3)) sender.send(frame);
    sender.weather.clear(url);
    sender.send(Uint8Array.of(3));
    await sender.until(() => sender.received.length === 4);
    expect(firstBytes(sender)).toEqual([0, 1, 2, 3]);
  });

  it('start again under other conditions', async () => {
    const [sender] = await sendingUnder({ bytesPerSecond: 1 });
    for (const frame of numbered(20)) sender.send(frame);
    sender.weather.set(url, { ...CLEAR, bytesPerSecond: 1_000_000 });
    await sender.until(() => sender.received.length === 20);
    expect(firstBytes(sender)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  it('count as unsent: the core hears of a backlog, and beyond the limit the connection ends', async () => {
    const [sender] = await sendingUnder({ bytesPerSecond: 1 });
    const backlog = (): boolean[] =>
      sender.events.flatMap((event) => (event.type === 'peer-backlog' ? [event.congested] : []));
    sender.send(new Uint8Array(CONGESTED_BYTES));
    expect(backlog()).toEqual([true]);
    sender.weather.clear(url);
    await sender.until(() => backlog().length === 2);
    expect(backlog()).toEqual([true, false]);
    sender.weather.set(url, { ...CLEAR, bytesPerSecond: 1 });
    for (let i = 0; i <= MAX_UNSENT_BYTES / CONGESTED_BYTES; i++) sender.send(new Uint8Array(CONGESTED_BYTES));
    await sender.until(() => sender.closedBecause !== null);
    expect(sender.closedBecause).toBe(`more than ${MAX_UNSENT_BYTES} bytes unsent`);
  });

  it('that are as small as they can be fill the queue as well', async () => {
    const [sender] = await sendingUnder({ bytesPerSecond: 1 });
    for (let i = 0; i < CONGESTED_BYTES / 64; i++) sender.send(Uint8Array.of(0));
    expect(sender.events.at(-1)).toMatchObject({ type: 'peer-backlog', congested: true });
  });

  it('arrive before a deliberate close', async () => {
    const [sender, socket] = await sendingUnder({ delayMs: [50, 50] });
    const closed = once(socket, 'close');
    sender.send(Uint8Array.of(1));
    sender.disconnect(4001);
    sender.send(Uint8Array.of(2));
    expect((await closed)[0]).toBe(4001);
    expect(firstBytes(sender)).toEqual([1]);
  });

  it('are lost at the same place for the same seed, and break the connection there', async () => {
    const sentBeforeLoss = async (seed: string): Promise<number> => {
      const [sender] = await sendingUnder({ loss: 0.05 }, seed);
      let count = 0;
      // The connection takes no frame after one was lost; each that came through is waited for.
      while (sender.closedBecause === null) {
        sender.send(Uint8Array.of(0));
        await sender.until(() => sender.received.length > count || sender.closedBecause !== null);
        count = sender.received.length;
      }
      expect(sender.closedBecause).toBe(LOSS_REASON);
      return count;
    };
    // One after the other: each takes the next connection of the server for its own.
    const counts: number[] = [];
    for (const seed of ['a', 'a', 'b', 'c', 'd']) counts.push(await sentBeforeLoss(seed));
    expect(counts[1]).toBe(counts[0]);
    expect(new Set(counts).size).toBeGreaterThan(1);
  });
});
