import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Duplex, Readable } from 'node:stream';
import { GraphQLError } from 'graphql';
import { createYoga, type GraphiQLOptions } from 'graphql-yoga';
import { SlowSubscriberError } from '../event-log.ts';
import type { NodeContext } from '../node-context.ts';
import { argumentNamesPlugin } from './argument-names.ts';
import type { ApiContext } from './builder.ts';
import { DocumentCache } from './document-cache.ts';
import { cutMessage } from './errors.ts';
import { EXAMPLE_TABS } from './examples.ts';
import { limitsPlugin } from './limits.ts';
import { QuickQueries } from './quick-queries.ts';
import { schema } from './schema.ts';
import { sharedResultsPlugin } from './shared-results.ts';
import { GraphqlSockets } from './sockets.ts';
import { type Asker, askerOn, Turns } from './turns.ts';

const MAX_BODY_BYTES = 128 * 1024;

/** A text with a mistake is parsed each time: that ends at the mistake, and what was kept could be anything. */
const NOTHING_KEPT = { get: () => undefined, set: () => {} };

export interface GraphqlOptions {
  /** Whether an `Authorization` value lets its sender control the node. */
  authorize(authorization: string | null): boolean;
  /** Serve the playground. */
  readonly graphiql: boolean;
  readonly log: { error(fields: object, message: string): void };
}

/** The API of one node. */
export interface Graphql {
  /** @param takePlace see `HttpServerOptions.routes` */
  handleRequest(request: IncomingMessage, response: ServerResponse, takePlace: () => boolean): Promise<void>;
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Runs a query, so that the first caller does not wait for what is compiled and loaded at the first one. */
  warm(): Promise<void>;
  /** Ends all subscriptions. */
  close(): void;
}

/** What the transport adds to a request: on a WebSocket, who is calling; else how an answer may stay open. */
interface ServerContext {
  readonly caller?: ApiContext;
  readonly takePlace?: () => boolean;
  readonly asker?: Asker;
}

/** Serves the schema for one node, over HTTP, server-sent events and WebSocket. The guard has been passed before. */
export function createGraphql(node: NodeContext, options: GraphqlOptions): Graphql {
  const turns = new Turns();
  const documents = new DocumentCache();
  const yoga = createYoga<ServerContext, ApiContext>({
    schema,
    cors: false,
    multipart: false,
    batching: false,
    landingPage: false,
    logging: false,
    maxRequestBodySize: MAX_BODY_BYTES,
    parserAndValidationCache: { documentCache: documents, errorCache: NOTHING_KEPT, validationCache: true },
    graphiql: options.graphiql && { title: 'Forklore', subscriptionsProtocol: 'WS', defaultTabs: EXAMPLE_TABS },
    renderGraphiQL,
    maskedErrors: { maskError: (error) => maskError(error, options.log) },
    plugins: [limitsPlugin(schema, turns), argumentNamesPlugin, sharedResultsPlugin(schema, turns)],
    context: ({ caller, request, takePlace, asker }): ApiContext =>
      caller ?? {
        node,
        takePlace,
        asker,
        mayControl: options.authorize(request.headers.get('authorization')),
        // Made when it is asked for: aborting it at the end of every request would cost as much as a small query.
        get signal() {
          return request.signal;
        },
      },
  });
  const sockets = new GraphqlSockets({
    prepare: (authorization, signal, asker) =>
      yoga.getEnveloped({ caller: { node, mayControl: options.authorize(authorization), signal, asker } }),
    admit: async (query, asker) => {
      if (documents.get(query) === undefined) await turns.next(asker);
    },
    log: options.log,
  });
  const quick = new QuickQueries({
    schema,
    prepare: () => yoga.getEnveloped({}),
    contextOf: ({ headers, socket }) => ({
      node,
      mayControl: options.authorize(headers.authorization ?? null),
      asker: askerOn(socket),
    }),
    turns,
  });
  return {
    async handleRequest(request, response, takePlace) {
      const asker = askerOn(request.socket);
      if (!QuickQueries.isFor(request, MAX_BODY_BYTES)) {
        await turns.next(asker);
        if (response.destroyed) return;
        await yoga.handle(request, response, { takePlace, asker });
        return;
      }
      const body = await bodyOf(request);
      if (body === null || (await quick.answer(request, response, body))) return;
      const { method, url, headers, socket } = request;
      await yoga.handle(Object.assign(Readable.from([body]), { method, url, headers, socket }), response, {
        takePlace,
        asker,
      });
    },
    async warm() {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ query: '{ tip { height } }' });
      const response = await yoga.fetch(node.info.graphqlUrl, { method: 'POST', headers, body });
      await response.text();
    },
    handleUpgrade: (request, socket, head) => sockets.handleUpgrade(request, socket, head),
    close() {
      node.events.close();
      sockets.close();
    },
  };
}

/** The whole body; null where the caller goes away before it is there. */
function bodyOf(request: IncomingMessage): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', () => resolve(null));
    request.once('close', () => resolve(null));
  });
}

/** The page weighs 9 MB, so it is loaded when it is first asked for. It needs nothing from elsewhere. */
async function renderGraphiQL(options: GraphiQLOptions): Promise<string> {
  const page = await import('@graphql-yoga/render-graphiql');
  return page.renderGraphiQL(options);
}

/** Errors meant for the caller pass. Of a bug only an id leaves the node; the log has the rest. */
function maskError(error: unknown, log: GraphqlOptions['log']): Error {
  const original = error instanceof GraphQLError ? (error.originalError ?? error) : error;
  if (original instanceof SlowSubscriberError) {
    return new GraphQLError(original.message, { extensions: { code: 'SLOW_SUBSCRIBER' } });
  }
  if (original instanceof GraphQLError) return cutMessage(error as GraphQLError);
  const id = randomUUID();
  log.error({ err: original, id }, 'internal error in the API');
  return new GraphQLError(`internal error ${id}; the node's log has the details`, {
    extensions: { code: 'INTERNAL_SERVER_ERROR', id },
  });
}
