import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { connectionProblem, unreachable } from '../../cli/asking/node-problem.ts';
import { CommandError } from '../../cli/cli-errors.ts';
import { inWords, MAX_ANSWER_BYTES } from '../../cli/commands/client-context.ts';
import { limitedWebSocket } from '../../client/node/limited-web-socket.ts';
import { NodeSocket, SOCKET_LIMITS } from '../../client/node-socket.ts';
import { NodeTransport } from '../../client/node-transport.ts';
import { TipQuery } from '../../client/operation-documents.ts';
import { forklore, listen, urlOf } from './stub-node.ts';

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(
    servers.splice(0).map((server) => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    }),
  );
});

async function serve(server: Server): Promise<string> {
  servers.push(server);
  await listen(server);
  return urlOf(server);
}

/** What is said of a node where one operation fails, over HTTP or over a socket. */
async function problemOf(url: string, ask: (transport: NodeTransport) => Promise<unknown>, answerTimeoutMs = 10_000) {
  const webSocket = limitedWebSocket(MAX_ANSWER_BYTES);
  const transport = new NodeTransport({ url, webSocket, answerTimeoutMs });
  return await ask(transport).then(
    () => 'no problem',
    (error: unknown) => inWords({ url, adminToken: null }, error),
  );
}

async function tipBySocket(transport: NodeTransport): Promise<unknown> {
  const socket = new NodeSocket(transport, { ...SOCKET_LIMITS, isLazy: true });
  return await socket.run(TipQuery, {}).finally(() => socket.close());
}

describe('a node that is hostile', () => {
  it('is not read on when its answer does not end', async () => {
    let sentBytes = 0;
    const url = await serve(
      createServer((_, response) => {
        const chunk = Buffer.alloc(64 * 1024, 'x');
        const more = () => {
          while (!response.destroyed && response.write(chunk)) sentBytes += chunk.length;
        };
        response.on('drain', more);
        more();
      }),
    );
    expect(await forklore(['tip', '--node', url])).toEqual({
      code: 1,
      stdout: '',
      stderr: `error: the node at ${url} answers with more than 4 MiB\n`,
    });
    // What lies in the buffers of the system is beside it.
    expect(sentBytes).toBeLessThan(8 * MAX_ANSWER_BYTES);
  });

  it.each([
    ['never begins to answer', () => {}],
    ['begins to answer and never ends', (start: () => void) => start()],
  ])('is not waited for when it %s', async (_, begin) => {
    const url = await serve(createServer((_request, response) => begin(() => response.write('{'))));
    const problem = await problemOf(url, (transport) => transport.query(TipQuery, {}), 200);
    expect(problem).toEqual(new CommandError(`the node at ${url} did not answer within 0.2 s`));
  });

  it('is not listened to when a message of its socket is too large', async () => {
    const server = createServer();
    const sockets = new WebSocketServer({ server, path: '/graphql' });
    sockets.on('connection', (socket) => {
      socket.on('error', () => {});
      socket.on('message', (data) => {
        const { type, id } = JSON.parse(String(data));
        if (type === 'connection_init') socket.send('{"type":"connection_ack"}');
        const payload = { data: { tip: { height: 1, filler: 'x'.repeat(MAX_ANSWER_BYTES) } } };
        if (type === 'subscribe') socket.send(JSON.stringify({ type: 'next', id, payload }));
      });
    });
    const url = await serve(server);
    const problem = await problemOf(url, tipBySocket);
    expect(problem).toEqual(new CommandError(`the connection to ${url} was lost (its answer is too large)`));
    sockets.close();
  });
});

describe('a node that leaves out what was asked for, or gives something else', () => {
  const id = '12'.repeat(32);

  it.each([
    ['tip', '{"tip":null}'],
    ['tip', '{"tip":{}}'],
    ['tip', '{"tip":{"hash":[],"height":{},"header":1}}'],
    ['block 7', '{"block":{"header":null}}'],
    [`tx ${id}`, '{"transaction":{}}'],
    [`tx ${id}`, '{"transaction":{"status":7,"kind":[]}}'],
    ['account Alice', '{"account":{"address":1}}'],
    ['account Alice', '{}'],
    ['peers', '{"peers":{}}'],
    ['peers', '{"peers":[null]}'],
    ['mempool', '{"mempool":{"transactions":[]}}'],
    ['mine', '{"miner":null}'],
    ['send Alice Bob 1', '{"nodeInfo":{}}'],
    ['send Alice Bob 1', '{"nodeInfo":{"network":"x","genesisHash":1,"addressPrefix":[]}}'],
  ])('%s: %s', async (command, data) => {
    const url = await serve(createServer((_, response) => response.end(`{"data":${data}}`)));
    const { code, stderr } = await forklore([...command.split(' '), '--node', url]);
    expect(code).toBe(1);
    expect(stderr).toBe(`error: ${url} answers, but not like a Forklore node\n`);
  });
});

describe('why a node is not reached, in words', () => {
  it('says that a port speaks http, and what to try', async () => {
    const url = (await serve(createServer())).replace('http:', 'https:');
    const { code, stderr } = await forklore(['tip', '--node', url]);
    expect(code).toBe(1);
    expect(stderr).toBe(`error: ${url} does not speak https; try --node ${url.replace('https', 'http')}\n`);
  });

  it('says that whoever answers speaks no http', async () => {
    const server = createTcpServer((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { stderr } = await forklore(['tip', '--node', url]);
    server.close();
    expect(stderr).toBe(`error: no node answers at ${url} (it does not speak http); check --node\n`);
  });

  it('says that a socket was refused, and not that it is an object', async () => {
    const url = await serve(createServer((_, response) => response.writeHead(404).end()));
    const problem = await problemOf(url, tipBySocket);
    expect(problem).toEqual(
      new CommandError(`no node answers at ${url} (Unexpected server response: 404); check --node`),
    );
  });

  const coded = (code: string, message = 'raw text') => Object.assign(new Error(message), { code });

  it.each([
    [coded('ERR_SSL_WRONG_VERSION_NUMBER'), 'it does not speak https'],
    [coded('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'), 'no common version of https'],
    [
      coded('DEPTH_ZERO_SELF_SIGNED_CERT'),
      'its certificate is not trusted; NODE_EXTRA_CA_CERTS=FILE names one that is',
    ],
    [coded('CERT_HAS_EXPIRED'), 'its certificate is not trusted; NODE_EXTRA_CA_CERTS=FILE names one that is'],
    [coded('ETIMEDOUT'), 'no answer in time'],
    [coded('EHOSTUNREACH'), 'host unreachable'],
    [coded('ETIMEDOUT'), 'no answer in time'],
    [coded('HPE_HEADER_OVERFLOW'), 'its answer is too large'],
    [new AggregateError([coded('ENETUNREACH'), coded('ETIMEDOUT')]), 'network unreachable'],
    [new Error('fetch failed', { cause: new Error('', { cause: coded('ECONNRESET') }) }), 'it closed the connection'],
    [{ type: 'error', error: coded('ECONNREFUSED') }, 'connection refused'],
    [{}, 'no reason given'],
    [undefined, 'no reason given'],
  ])('%o', (error, words) => {
    expect(connectionProblem(error)).toBe(words);
  });

  it('offers to start a node where that would help', () => {
    const refused = coded('ECONNREFUSED');
    const message = (url: string) => unreachable(url, refused).message;
    expect(message('http://127.0.0.1:5123')).toContain('start one with: npm run node -- --port 5123');
    expect(message('http://192.168.1.10:5123')).toContain('(connection refused); check --node');
    expect(message('https://127.0.0.1:5123')).toContain('(connection refused); check --node');
  });
});
