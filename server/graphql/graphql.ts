import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Duplex, Readable } from 'node:stream';
import { sendNodeResponse } from '@whatwg-node/server';
import { GraphQLError } from 'graphql';
import { createYoga, type YogaServerInstance } from 'graphql-yoga';
import { SlowSubscriberError } from '../events/event-log.ts';
import type { Caller } from '../http/guard.ts';
import { sendError } from '../http/health.ts';
import type { Visit } from '../http/http-server.ts';
import type { NodeContext } from '../node/node-context.ts';
import { argumentNamesPlugin } from './argument-names.ts';
import type { ApiContext } from './builder.ts';
import { DocumentCache } from './document-cache.ts';
import { told } from './errors.ts';
import { limitsPlugin } from './limits.ts';
import { asksForPlayground, servePlayground, servePlaygroundFile } from './playground.ts';
import { QuickQueries } from './quick-queries.ts';
import { schema } from './schema.ts';
import { sharedResultsPlugin } from './shared-results.ts';
import { GraphqlSockets } from './sockets.ts';
import { type Asker, askerOn, Turns } from './turns.ts';

const MAX_BODY_BYTES = 128 * 1024;

const NO_PLAYGROUND =
  'the playground is served only to the user of this machine, on a node that nobody else is meant to call; see --graphiql';

/** A text with a mistake is parsed each time: that ends at the mistake, and what was kept could be anything. */
const NOTHING_KEPT = { get: () => undefined, set: () => {} };

export interface GraphqlOptions {
  /** Whether this caller is the local user: may control the node, and use the development accounts. */
  isLocalUser(caller: Caller): boolean;
  /** Whether an `Authorization` value lets its sender control the node, whoever it is. */
  authorize(authorization: string | null): boolean;
  /** Whether the playground is served to this caller. */
  hasPlayground(caller: Caller): boolean;
  readonly log: { error(fields: object, message: string): void };
}

/** The API of one node. */
export interface Graphql {
  /** Rejects where it is our own mistake that there is no answer. */
  handleRequest(request: IncomingMessage, response: ServerResponse, visit: Visit): Promise<void>;
  /** Answers with a file of the playground. */
  handleFile(request: IncomingMessage, response: ServerResponse, caller: Caller): Promise<void>;
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, caller: Caller): void;
  /** Runs a query, so that the first caller does not wait for what is compiled and loaded at the first one. */
  warm(): Promise<void>;
  /** Ends all subscriptions. */
  close(): void;
}

/** What the transport adds to a request: who is calling, and how an answer may stay open. */
interface ServerContext {
  /** All that resolvers are given, on a WebSocket. */
  readonly context?: ApiContext;
  readonly caller?: Caller;
  readonly takePlace?: () => boolean;
  readonly asker?: Asker;
}

/** What the node may do for whoever has no connection of its own: itself. */
const NOBODY: Caller = { isLocal: false };

/** Serves the schema for one node, over HTTP, server-sent events and WebSocket. The guard has been passed before. */
export function createGraphql(node: NodeContext, options: GraphqlOptions): Graphql {
  const turns = new Turns();
  const documents = new DocumentCache();
  const rightsOf = (caller: Caller, authorization: string | null) => {
    const isLocalUser = options.isLocalUser(caller);
    return { isLocalUser, mayControl: isLocalUser || options.authorize(authorization) };
  };
  const yoga = createYoga<ServerContext, ApiContext>({
    schema,
    cors: false,
    multipart: false,
    batching: false,
    landingPage: false,
    logging: false,
    maxRequestBodySize: MAX_BODY_BYTES,
    parserAndValidationCache: { documentCache: documents, errorCache: NOTHING_KEPT, validationCache: true },
    graphiql: false,
    maskedErrors: { maskError: (error) => maskError(error, options.log) },
    plugins: [limitsPlugin(schema, turns), argumentNamesPlugin, sharedResultsPlugin(schema, turns)],
    context: ({ context, caller = NOBODY, request, takePlace, asker }): ApiContext =>
      context ?? {
        node,
        takePlace,
        asker,
        ...rightsOf(caller, request.headers.get('authorization')),
        // Made when it is asked for: aborting it at the end of every request would cost as much as a small query.
        get signal() {
          return request.signal;
        },
      },
  });
  const sockets = new GraphqlSockets({
    prepare: (caller, authorization, signal, asker) =>
      yoga.getEnveloped({ context: { node, ...rightsOf(caller, authorization), signal, asker } }),
    admit: async (query, asker) => {
      if (documents.get(query) === undefined) await turns.next(asker);
    },
    log: options.log,
  });
  const quick = new QuickQueries({
    schema,
    prepare: () => yoga.getEnveloped({}),
    turns,
  });
  return {
    async handleRequest(request, response, { caller, takePlace }) {
      const asker = askerOn(request.socket);
      if (asksForPlayground(request)) {
        if (options.hasPlayground(caller)) await servePlayground(request, response);
        else sendError(response, 403, NO_PLAYGROUND);
        return;
      }
      if (!QuickQueries.isFor(request, MAX_BODY_BYTES)) {
        await turns.next(asker);
        if (response.destroyed) return;
        await answerBy(yoga, request, request, response, { caller, takePlace, asker });
        return;
      }
      const body = await bodyOf(request);
      const { method, url, headers, socket } = request;
      const context = { node, ...rightsOf(caller, headers.authorization ?? null), asker };
      if (body === null || (await quick.answer(request, response, body, context))) return;
      const again = Object.assign(Readable.from([body]), { method, url, headers, socket });
      await answerBy(yoga, again, request, response, { caller, takePlace, asker });
    },
    async handleFile(request, response, caller) {
      const [path = ''] = (request.url ?? '').split('?', 1);
      if (options.hasPlayground(caller) && (await servePlaygroundFile(request, response, path))) return;
      sendError(response, 404, 'no such file; the playground is at /graphql');
    },
    async warm() {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ query: '{ tip { height } }' });
      const response = await yoga.fetch(node.info.graphqlUrl, { method: 'POST', headers, body });
      await response.text();
    },
    handleUpgrade: (request, socket, head, caller) => sockets.handleUpgrade(request, socket, head, caller),
    close() {
      node.events.close();
      sockets.close();
    },
  };
}

/** A request, or its head with a body that has been read. */
type Asked = Readable & Pick<IncomingMessage, 'method' | 'url' | 'headers' | 'socket'>;

/** Not by `yoga.handle`, which tells callers the stack of whatever it does not expect. Rejects with that instead. */
async function answerBy(
  yoga: YogaServerInstance<ServerContext, ApiContext>,
  asked: Asked,
  request: IncomingMessage,
  response: ServerResponse,
  context: ServerContext,
): Promise<void> {
  const answer = await yoga.handleNodeRequestAndResponse(asked, response, context);
  await sendNodeResponse(answer, response, request, true);
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

/** Errors meant for the caller pass. Of a bug only an id leaves the node; the log has the rest. */
function maskError(error: unknown, log: GraphqlOptions['log']): Error {
  const original = error instanceof GraphQLError ? (error.originalError ?? error) : error;
  if (original instanceof SlowSubscriberError) {
    return new GraphQLError(original.message, { extensions: { code: 'SLOW_SUBSCRIBER' } });
  }
  // What comes here without a code: of a request that is none, or of variables and arguments that cannot be used.
  if (original instanceof GraphQLError) {
    return told(error as GraphQLError, original.extensions.http === undefined ? 'BAD_INPUT' : 'BAD_REQUEST');
  }
  const id = randomUUID();
  log.error({ err: original, id }, 'internal error in the API');
  return new GraphQLError(`internal error ${id}; the node's log has the details`, {
    extensions: { code: 'INTERNAL_SERVER_ERROR', id },
  });
}
