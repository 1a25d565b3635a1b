import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type ExecutionArgs,
  execute,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  parse,
  subscribe,
  validate,
} from 'graphql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GraphqlSockets } from '../../../server/graphql/sockets.ts';
import { eventually } from '../../../testing/eventually.ts';
import { frameOf, RawSocket } from '../../../testing/raw-socket.ts';

/** More than the system takes of a connection whose other end takes nothing. */
const LARGE = 'x'.repeat(16 * 1024 * 1024);

/** One event when it is told to. */
class Source {
  emit: () => void = () => {};
  readonly #emitted = new Promise<void>((resolve) => {
    this.emit = resolve;
  });

  async *events(): AsyncGenerator<object> {
    await this.#emitted;
    yield {};
    await new Promise(() => {});
  }
}

let server: Server;
let sockets: GraphqlSockets;
let sources: Record<'first' | 'second' | 'third', Source>;
let unsentBytes: () => number;

beforeEach(async () => {
  sources = { first: new Source(), second: new Source(), third: new Source() };
  const type = GraphQLString;
  const fields = Object.entries(sources).map(([name, source]) => [
    name,
    { type, resolve: () => LARGE, subscribe: () => source.events() },
  ]);
  const schema = new GraphQLSchema({
    query: new GraphQLObjectType({ name: 'Query', fields: { nothing: { type } } }),
    subscription: new GraphQLObjectType({ name: 'Subscription', fields: Object.fromEntries(fields) }),
  });
  sockets = new GraphqlSockets({
    prepare: () => ({
      schema,
      parse,
      validate,
      contextFactory: () => ({}),
      execute: (args: ExecutionArgs) => execute(args),
      subscribe: (args: ExecutionArgs) => subscribe(args),
    }),
    admit: async () => {},
    log: { error: (fields) => expect.fail(JSON.stringify(fields)) },
  });
  server = createServer();
  server.on('upgrade', (request, socket, head) => {
    unsentBytes = () => socket.writableLength;
    sockets.handleUpgrade(request, socket, head, { isLocal: true });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(() => {
  sockets.close();
  server.close();
});

describe('a socket', () => {
  it('is read from again when a slow reader has taken what paused it and the events that came behind that', async () => {
    const raw = await RawSocket.graphql(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const say = (message: object) => raw.tcp.write(frameOf(JSON.stringify(message)));
    const untilUnsent = (isIt: (bytes: number) => boolean) => eventually(() => expect(unsentBytes()).toSatisfy(isIt));
    say({ type: 'connection_init' });
    await raw.until(/connection_ack/);
    for (const name of Object.keys(sources))
      say({ id: name, type: 'subscribe', payload: { query: `subscription { ${name} }` } });
    raw.tcp.pause();
    sources.first.emit();
    await untilUnsent((bytes) => bytes > LARGE.length);
    sources.second.emit();
    await untilUnsent((bytes) => bytes > 2 * LARGE.length);
    // The pong pauses the socket. It leaves together with the second event, once the first is taken.
    const unsent = unsentBytes();
    say({ type: 'ping' });
    await untilUnsent((bytes) => bytes > unsent);
    const pauseBehindFirst = () => {
      if (raw.tcp.bytesRead > LARGE.length) raw.tcp.pause();
    };
    raw.tcp.on('data', pauseBehindFirst).resume();
    await untilUnsent((bytes) => bytes < 2 * LARGE.length);
    sources.third.emit();
    await untilUnsent((bytes) => bytes > 2 * LARGE.length);
    raw.tcp.off('data', pauseBehindFirst).resume();
    await untilUnsent((bytes) => bytes === 0);
    raw.received = '';
    say({ type: 'ping' });
    await raw.until(/"type":"pong"/);
    expect(raw.isClosed).toBe(false);
    raw.end();
    await raw.closed;
  });
});
