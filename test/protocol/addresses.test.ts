import { describe, expect, it } from 'vitest';
import { REGTEST } from '../../consensus/networks.ts';
import { AddressBook, isLoopbackUrl } from '../../protocol/addresses.ts';
import { EventContext } from '../../protocol/event-context.ts';
import { PROTOCOL_VERSION } from '../../protocol/limits.ts';
import { encodeMessage } from '../../protocol/messages.ts';
import { SimulatedNetwork } from '../../simulator/network.ts';
import { SeededRandom } from '../../simulator/seeded-random.ts';

describe('a URL names this machine', () => {
  it.each([
    'http://127.0.0.1:5000',
    'http://127.9.9.9:1',
    'http://localhost:5000',
    'http://localhost.:5000',
    'http://a.localhost:5000',
    'http://[::1]:5000',
    'http://0.0.0.0:5000',
    'http://[::]:5000',
    'http://0x7f.1:80',
    'http://127.1:80',
    'http://2130706433:80',
    'http://0177.0.0.1:80',
    'http://[0:0:0:0:0:0:0:1]:80',
    'http://[::ffff:7f00:1]:80',
    'http://[::ffff:127.0.0.1]:80',
  ])('%s', (url) => expect(isLoopbackUrl(url)).toBe(true));

  it.each([
    'http://192.168.1.7:5000',
    'http://10.0.0.127:5000',
    'https://node.example.org:443',
    'http://127.example.org:5000',
    'http://[2001:db8::1]:5000',
    'http://[fe80::1]:5000',
  ])('but not %s', (url) => expect(isLoopbackUrl(url)).toBe(false));
});

describe('an address of this machine', () => {
  const openBook = () => {
    const context = new EventContext(new SeededRandom(1), { wallMs: 1_000, monotonicMs: 0 });
    return { context, book: new AddressBook(context, null, ['http://127.0.0.1:5009']) };
  };
  const writesOf = (context: EventContext) =>
    context.drain().flatMap((effect) => (effect.type === 'persist' ? effect.writes : []));

  it('is neither stored nor taken from what is stored: another network may have its port by the next start', () => {
    const { context, book } = openBook();
    book.recordSuccess('http://127.0.0.1:5001');
    book.recordSuccess('http://192.0.2.7:5001');
    expect(writesOf(context)).toMatchObject([{ kind: 'address-put', address: { url: 'http://192.0.2.7:5001' } }]);
    const stored = ['http://127.0.0.1:5002', 'http://192.0.2.8:5001'];
    book.restore(stored.map((url) => ({ url, lastSuccessMs: 1, failures: 0 })));
    const { urls } = book.due(() => false, 'proven');
    expect(urls).toContain('http://192.0.2.8:5001');
    expect(urls).not.toContain('http://127.0.0.1:5002');
  });

  it('is told by the host where it has other names', () => {
    const context = new EventContext(new SeededRandom(1), { wallMs: 1_000, monotonicMs: 0 });
    const book = new AddressBook(context, null, [], (url) => !url.includes('192.0.2.7'));
    for (const host of ['192.0.2.7', '192.0.2.8']) book.recordSuccess(`http://${host}:5001`);
    expect(writesOf(context)).toMatchObject([{ address: { url: 'http://192.0.2.8:5001' } }]);
    for (const host of ['192.0.2.7', '192.0.2.8']) book.forget(`http://${host}:5001`);
    expect(writesOf(context)).toEqual([{ kind: 'address-delete', url: 'http://192.0.2.8:5001' }]);
  });

  it('that the operator wants is kept, also where others had told of it before', () => {
    const { book } = openBook();
    book.learn('http://127.0.0.1:5001', 'peer');
    book.configure('http://127.0.0.1:5001');
    book.forget('http://127.0.0.1:5001');
    expect(book.isConfigured('http://127.0.0.1:5001')).toBe(true);
  });

  it('is forgotten when the node there has stopped, unless the operator named it', () => {
    const { book } = openBook();
    book.learnRunning('http://127.0.0.1:5001');
    expect(book.due(() => false, 'proven').urls).toContain('http://127.0.0.1:5001');
    for (const port of [5001, 5009, 5010]) book.forget(`http://127.0.0.1:${port}`);
    expect(book.due(() => false, 'proven').urls).toEqual(['http://127.0.0.1:5009']);
  });
});

describe('a URL that an inbound peer claims to listen on', () => {
  const hello = (listenUrl: string): Uint8Array =>
    encodeMessage({
      type: 'hello',
      version: PROTOCOL_VERSION,
      genesisHash: REGTEST.genesis.hash,
      nonce: 7n,
      tipHash: REGTEST.genesis.hash,
      height: 0,
      chainWork: 0n,
      listenUrl,
      userAgent: 'elsewhere',
    });

  it.each([
    ['a peer elsewhere claims one of this machine', { host: '198.51.100.7', loopback: false }, []],
    ['a peer on this machine does', { host: '127.0.0.1', loopback: true }, ['http://127.0.0.1:5001']],
  ])('is dialled or not: %s', (_, { host, loopback }, dialled) => {
    const network = new SimulatedNetwork({ seed: 1 });
    const dials: string[] = [];
    network.dial = (_from, url) => void dials.push(url);
    const node = network.addNode();
    node.handle({ type: 'peer-connected', peer: 'x', direction: 'inbound', address: `${host}:1234`, host, loopback });
    node.handle({ type: 'peer-message', peer: 'x', bytes: hello('http://127.0.0.1:5001') });
    node.handle({ type: 'peer-closed', peer: 'x', reason: 'gone' });
    network.runFor(5_000);
    expect(dials).toEqual(dialled);
  });
});

describe('a book that somebody fills', () => {
  const HONEST = 'http://192.0.2.1:80';
  const anybody = (): boolean => false;

  /** Three addresses of an honest source, then thousands of each flooder. */
  function flooded(flooders: number, { answers = false } = {}): AddressBook {
    const context = new EventContext(new SeededRandom(1), { wallMs: 1_000, monotonicMs: 0 });
    const book = new AddressBook(context, null, ['http://192.0.2.100:80']);
    for (const url of [HONEST, 'http://192.0.2.2:80', 'http://192.0.2.3:80']) book.learn(url, 'honest');
    for (let i = 0; i < 2_000 * flooders; i++) {
      const url = `http://198.51.100.${i % flooders}:${1 + Math.floor(i / flooders)}`;
      book.learn(url, `flooder ${i % flooders}`);
      if (answers) book.recordSuccess(url);
    }
    return book;
  }

  it.each([
    { flooders: 1, answers: false },
    { flooders: 1, answers: true },
    { flooders: 8, answers: true },
  ])('forgets addresses of whoever told of most, also where these answer: %o', ({ flooders, answers }) => {
    const { urls } = flooded(flooders, { answers }).due(anybody, 'proven');
    expect(urls).toHaveLength(1_001);
    expect(urls).toContain(HONEST);
    // Of all orders by merit this is the one that keeps an honest address for last.
    if (answers) expect(urls.indexOf(HONEST)).toBeGreaterThan(990);
  });

  it('gives each source the same chance where chance decides, after those of the operator', () => {
    const book = flooded(8, { answers: true });
    const rounds = 900;
    let first = 0;
    for (let i = 0; i < rounds; i++) {
      const { urls } = book.due(anybody, 'random');
      expect(urls[0]).toBe('http://192.0.2.100:80');
      if (urls[1] === HONEST) first++;
    }
    // One of three addresses of one of nine sources: 33 of 900 are expected.
    expect(first).toBeGreaterThan(10);
    expect(first).toBeLessThan(70);
  });
});
