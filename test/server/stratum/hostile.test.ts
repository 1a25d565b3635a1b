import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatAddress } from '../../../consensus/address.ts';
import { REGTEST } from '../../../consensus/networks.ts';
import type { NodeEvent } from '../../../protocol/events.ts';
import { MAX_PAYEES } from '../../../protocol/offered-jobs.ts';
import { LineAllowance } from '../../../server/stratum/line-allowance.ts';
import { LineReader, LineTooLongError } from '../../../server/stratum/line-reader.ts';
import {
  LINE_BURST,
  MAX_CONNECTIONS_PER_CLIENT,
  MAX_LINE_BYTES,
  MAX_PAYEES_PER_CLIENT,
} from '../../../server/stratum/stratum-limits.ts';
import { StratumServer } from '../../../server/stratum/stratum-server.ts';
import { StratumClient } from '../../../testing/stratum-client.ts';

const note = (fields: object) => void logged.push(fields);
const log = { debug() {}, warn: note, error() {}, info: note };

let server: StratumServer;
let logged: object[];
/** The clock stands still unless a test moves it. */
let nowMs: number;
let events: NodeEvent[];
const clients: StratumClient[] = [];

async function start(): Promise<void> {
  const place = { host: '127.0.0.1', port: 0 };
  const emit = (event: NodeEvent) => void events.push(event);
  server = new StratumServer({
    place,
    network: REGTEST,
    log,
    emit,
    onMiners: () => {},
    nowMs: () => 0,
    monotonicMs: () => nowMs,
  });
  await server.start();
}

async function open(): Promise<StratumClient> {
  const client = await StratumClient.open(server.view().listens);
  clients.push(client);
  return client;
}

/** Resolves once a connection has been closed, with the reason. */
async function reasonOf(client: StratumClient): Promise<unknown> {
  await client.closed;
  await server.close();
  return logged.flatMap((fields) => ('reason' in fields ? [fields.reason] : []));
}

beforeEach(() => {
  logged = [];
  nowMs = 1_000;
  events = [];
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await server?.close();
});

describe('a connection is closed', () => {
  it.each([
    ['garbage', '\x00\xff\x80garbage\n', 'sent a line that is no JSON'],
    ['half a request', '{"id":1,"method":"mining.subs\n', 'sent a line that is no JSON'],
    ['an empty line', '\n', 'sent a line that is no JSON'],
    ['what is no request', '[1,2,3]\n', 'sent a line without a method'],
    ['a line that is too long', `{"id":1,"method":"${'x'.repeat(MAX_LINE_BYTES)}"}\n`, 'sent a line that is too long'],
    ['a line without an end', 'x'.repeat(MAX_LINE_BYTES + 1), 'sent a line that is too long'],
    [
      'the request of a web page',
      'POST / HTTP/1.1\r\n\r\n{"method":"mining.subscribe"}\n',
      'sent a line that is no JSON',
    ],
  ])('that sends %s', async (_, text, reason) => {
    await start();
    const client = await open();
    client.socket.write(text, 'latin1');
    expect(await reasonOf(client)).toEqual([reason]);
  });

  it('that says nothing, or byte after byte of one line', async () => {
    await start();
    const [silent, slow] = [await open(), await open()];
    await silent.subscribe();
    for (let second = 0; second < 30; second++) {
      slow.socket.write('[');
      nowMs += 1_000;
      server.closeSilent();
    }
    expect(server.view().connections).toBe(2);
    nowMs++;
    server.closeSilent();
    await silent.closed;
    expect(await reasonOf(slow)).toEqual(Array(2).fill('did not say for whom it mines'));
  });

  it('that mines for somebody and then sends nothing', async () => {
    await start();
    const client = await StratumClient.mining(server.view().listens, 'Alice');
    clients.push(client);
    nowMs += 600_001;
    server.closeSilent();
    expect(await reasonOf(client)).toEqual(['sent nothing for too long']);
    expect(events.at(-1)).toEqual({ type: 'set-payees', payees: [] });
  });

  it('where one client has too many, and others stay', async () => {
    await start();
    const all = await Promise.all(Array.from({ length: MAX_CONNECTIONS_PER_CLIENT }, open));
    await (await open()).closed;
    const [first] = all;
    expect((await first?.subscribe())?.error).toBeNull();
    first?.close();
    await first?.closed;
  });
});

describe('a program', () => {
  const users = Array.from({ length: MAX_PAYEES + 1 }, (_, i) =>
    formatAddress(i.toString(16).padStart(40, '0'), 'rlore'),
  );
  const mineFor = async (names: readonly string[], localAddress: string): Promise<void> => {
    for (const name of names) clients.push(await StratumClient.mining(server.view().listens, name, localAddress));
  };

  it('is told that its client has as many recipients as it may, and others still get in', async () => {
    await start();
    await mineFor(users.slice(0, MAX_PAYEES_PER_CLIENT), '127.0.0.1');
    const last = await open();
    const ofOneClient = 'this node makes jobs for 8 addresses of one client at most: mine for one of those';
    expect((await last.authorize(users.at(-1) ?? '')).error).toEqual([24, ofOneClient, null]);
    await mineFor(users.slice(-1), '127.0.0.2');
    expect((await last.authorize(`${users.at(-1)}.second`)).result).toBe(true);
  });

  it('is told that there are too many recipients, and mines for one that is known', async () => {
    await start();
    await mineFor(users.slice(0, MAX_PAYEES_PER_CLIENT), '127.0.0.2');
    await mineFor(users.slice(MAX_PAYEES_PER_CLIENT, MAX_PAYEES), '127.0.0.3');
    const last = await open();
    const ofAll = 'this node makes jobs for 16 addresses at most';
    expect((await last.authorize(users.at(-1) ?? '')).error).toEqual([24, ofAll, null]);
    expect((await last.authorize(`${users[0]}.second`)).result).toBe(true);
    expect(events.at(-1)).toMatchObject({ type: 'set-payees', payees: { length: MAX_PAYEES } });
  });

  it('is answered more slowly when it asks for more than is allowed, and every line is answered', async () => {
    await start();
    const client = await open();
    const calls = Array.from({ length: LINE_BURST + 5 }, () => client.call('mining.nothing', []));
    for (const { error } of await Promise.all(calls.slice(0, LINE_BURST))) expect(error?.[0]).toBe(20);
    nowMs += 1_000;
    for (const { error } of await Promise.all(calls)) expect(error?.[0]).toBe(20);
  });

  it('of another network is refused by name', async () => {
    await start();
    const client = await open();
    const { error } = await client.authorize(formatAddress('11'.repeat(20), 'lore'));
    expect(error).toEqual([24, expect.stringContaining('rlore'), null]);
  });

  it('that names nobody is told of in the log, with a name that may be shown', async () => {
    await start();
    const client = await open();
    const { error } = await client.authorize('nobody.rig');
    await client.authorize(`\u001b[2J${'x'.repeat(2_000)}`);
    const { localPort } = client.socket;
    expect(logged.slice(-2)).toEqual([
      { peer: `127.0.0.1:${localPort}`, user: 'nobody.rig', reason: error?.[1] },
      {
        peer: `127.0.0.1:${localPort}`,
        user: expect.stringMatching(/^\ufffd\[2Jx{55}…x{20}$/),
        reason: expect.any(String),
      },
    ]);
  });
});

it('reads lines however they are cut', () => {
  const text = '{"id":1}\n{"id":2}\r\n\n{"id":3}';
  for (let size = 1; size <= text.length; size++) {
    const reader = new LineReader();
    const lines: string[] = [];
    for (let at = 0; at < text.length; at += size) lines.push(...reader.push(Buffer.from(text.slice(at, at + size))));
    expect(lines).toEqual(['{"id":1}', '{"id":2}\r', '']);
  }
  expect(new LineReader().push(Buffer.from(`${'x'.repeat(MAX_LINE_BYTES)}\n`))).toHaveLength(1);
  expect(() => new LineReader().push(Buffer.from(`${'x'.repeat(MAX_LINE_BYTES + 1)}\n`))).toThrow(LineTooLongError);
});

it('allows a burst of lines, and then so many each second', () => {
  const allowance = new LineAllowance(0);
  for (let line = 0; line < LINE_BURST; line++) expect(allowance.take(0)).toBe(0);
  expect(allowance.take(0)).toBe(50);
  expect(allowance.take(25)).toBe(25);
  expect(allowance.take(50)).toBe(0);
  expect(allowance.take(50)).toBe(50);
  for (let line = 0; line < LINE_BURST; line++) expect(allowance.take(1_000_000)).toBe(0);
  expect(allowance.take(1_000_000)).toBe(50);
});
