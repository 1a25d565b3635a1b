import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { useServer } from 'graphql-ws/use/ws';
import { createYoga } from 'graphql-yoga';
import { WebSocketServer } from 'ws';
import { PLAIN_CONTRACT_HOST } from '../../consensus/contract-host.ts';
import { contextAbove } from '../../protocol/header-index.ts';
import { EventLog } from '../../server/events/event-log.ts';
import type { ApiContext } from '../../server/graphql/builder.ts';
import { createGraphql } from '../../server/graphql/graphql.ts';
import { schema } from '../../server/graphql/schema.ts';
import { startHttpServer } from '../../server/http/http-server.ts';
import type { NodeContext } from '../../server/node/node-context.ts';
import type { RunningNode } from '../../server/node/running-node.ts';
import { createLogger } from '../../server/process/log.ts';
import { Weather } from '../../server/transport/weather.ts';
import { startLiveNode } from '../../testing/live-node.ts';

/** A listener that answers GraphQL operations. */
export interface Endpoint {
  readonly url: string;
  close(): Promise<void>;
}

/** A node of this process with a chain, and a log of events that only the benchmark writes to. */
export interface GraphqlNode {
  readonly context: NodeContext;
  stop(): Promise<void>;
}

const LOG = await createLogger({ level: 'silent', format: 'json', output: process.stderr });

/** @param blocks of its chain, besides genesis */
export async function startGraphqlNode(blocks: number): Promise<GraphqlNode> {
  const { node, api, stop } = await startLiveNode();
  await api.query('mutation ($count: Int) { mine(count: $count) { __typename } }', { count: blocks });
  return { context: contextOf(node), stop };
}

/** The node's own endpoint: its HTTP server with guard and limits, its API, its sockets. */
export async function ourEndpoint(context: NodeContext): Promise<Endpoint> {
  const graphql = createGraphql(context, {
    isLocalUser: () => true,
    authorize: () => true,
    hasPlayground: () => true,
    log: LOG,
  });
  const http = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    policy: { hosts: [], allowedOrigins: [] },
    log: LOG,
    routes: {
      graphql: (request, response, visit) => graphql.handleRequest(request, response, visit),
      playground: (request, response, caller) => graphql.handleFile(request, response, caller),
      snapshots: () => {},
      readiness: () => ({ ready: true }),
      metrics: { contentType: 'text/plain', render: async () => '' },
    },
    upgrades: {
      peer: (_request, socket) => socket.destroy(),
      graphql: (request, socket, head, caller) => graphql.handleUpgrade(request, socket, head, caller),
    },
  });
  return { url: `${http.url}/graphql`, close: () => http.close() };
}

/** What the libraries give by themselves: stock Yoga and stock graphql-ws over the same schema, context and node. */
export async function stockEndpoint(context: NodeContext): Promise<Endpoint> {
  const value: ApiContext = { node: context, mayControl: true, isLocalUser: true };
  const server = createServer(createYoga({ schema, context: () => value, logging: false }));
  const sockets = new WebSocketServer({ server, path: '/graphql', perMessageDeflate: false });
  const disposable = useServer({ schema, context: () => value }, sockets);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    close: async () => {
      await disposable.dispose();
      await closed(server);
    },
  };
}

function contextOf({ core, store, controls, name, url }: RunningNode): NodeContext {
  return {
    view: core,
    store,
    controls,
    weather: new Weather('bench', () => {}),
    events: new EventLog(),
    contracts: PLAIN_CONTRACT_HOST,
    contextAbove: (parent) => {
      const entry = core.chain.get(parent);
      return entry && contextAbove(entry);
    },
    request: () => Promise.reject(new Error('the benchmark only reads')),
    info: {
      name,
      version: '0.0.0',
      startedAtMs: Date.now(),
      listenUrl: url,
      graphqlUrl: `${url}/graphql`,
      role: 'node',
      maxMiningThreads: 1,
      integrity: { mode: 'quick', checkedBlocks: 0, ok: true },
    },
    hashrate: () => 0,
    threadHashrates: () => [],
    hashesDone: () => 0,
    nowMs: () => Date.now(),
    stratum: () => null,
    monotonicMs: () => performance.now(),
  };
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
