import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { sendNodeResponse } from '@whatwg-node/server';
import { GraphQLError } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import { SlowSubscriberError } from '../events/event-log.ts';
import type { Caller } from '../http/guard.ts';
import { sendError } from '../http/health.ts';
import type { Visit } from '../http/http-server.ts';
import type { NodeContext } from '../node/node-context.ts';
import { argumentNamesPlugin } from './argument-names.ts';
import { bodyLimitPlugin } from './body-limit.ts';
import type { ApiContext } from './builder.ts';
import { DocumentCache } from './document-cache.ts';
import { callerGone, publicError } from './errors.ts';
import { FairQueue, type Requester, requesterOn } from './fair-queue.ts';
import { limitsPlugin } from './limits.ts';
import { asksForPlayground, servePlayground, servePlaygroundFile } from './playground.ts';
import { type LogRequest, requestLogPlugin } from './request-log.ts';
import { schema } from './schema.ts';
import { sharedResultsPlugin } from './shared-results.ts';
import { GraphqlSockets } from './sockets.ts';

const NO_PLAYGROUND =
  'the playground is served only to the local user, on a node that only this machine uses; see --graphiql';

/** Parse errors are not cached: parsing stops at the error, and the cache could be filled with arbitrary text. */
const NO_CACHE = { get: () => undefined, set: () => {} };

export interface GraphqlOptions {
  /** Whether this caller is the local user: may control the node, and use the development accounts. */
  isLocalUser(caller: Caller): boolean;
  /** Whether an `Authorization` value lets any caller control the node. */
  authorize(authorization: string | null): boolean;
  /** Whether the playground is served to this caller. */
  hasPlayground(caller: Caller): boolean;
  readonly log: { error(fields: object, message: string): void };
  /** Told of each operation; null: none is logged. */
  readonly logRequest?: LogRequest | null;
}

/** The API of one node. */
export interface Graphql {
  /** Rejects on an internal error, without having answered. */
  handleRequest(request: IncomingMessage, response: ServerResponse, visit: Visit): Promise<void>;
  /** Answers with a file of the playground. */
  handleFile(request: IncomingMessage, response: ServerResponse, caller: Caller): Promise<void>;
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, caller: Caller): void;
  /** Runs a query, so that the first caller does not wait for lazy loading and compilation. */
  warm(): Promise<void>;
  /** Ends all subscriptions. */
  close(): void;
}

/** What the transport adds to a request. */
interface ServerContext {
  /** The complete context of resolvers, on a WebSocket. */
  readonly context?: ApiContext;
  readonly caller?: Caller;
  readonly takePlace?: () => boolean;
  readonly requester?: Requester;
}

/** The caller of requests without a connection: the node itself. */
const NOBODY: Caller = { isLocal: false };

/** Serves the schema for one node, over HTTP, server-sent events and WebSocket. Requests must have passed the guard. */
export function createGraphql(node: NodeContext, options: GraphqlOptions): Graphql {
  const queue = new FairQueue();
  const documents = new DocumentCache();
  const rightsOf = (caller: Caller, authorization: string | null) => {
    const isLocalUser = options.isLocalUser(caller);
    return { isLocalUser, mayControl: isLocalUser || options.authorize(authorization) };
  };
  /** Queues operations with a new text, which have to be parsed and validated. */
  const admit = (query: string, requester: Requester | undefined): Promise<void> | undefined =>
    documents.get(query) === undefined ? queue.waitForTurn(requester) : undefined;
  const admissionPlugin: Plugin<ApiContext, ServerContext> = {
    onParams: ({ params: { query = '' }, context: { requester }, setResult }) =>
      admit(query, requester)?.then(() => {
        if (requester?.connection.destroyed) setResult({ errors: [callerGone()] });
      }),
  };
  const yoga = createYoga<ServerContext, ApiContext>({
    schema,
    cors: false,
    multipart: false,
    batching: false,
    landingPage: false,
    logging: false,
    maxRequestBodySize: false,
    parserAndValidationCache: { documentCache: documents, errorCache: NO_CACHE, validationCache: true },
    graphiql: false,
    maskedErrors: { maskError: (error) => maskError(error, options.log) },
    plugins: [
      bodyLimitPlugin,
      admissionPlugin,
      limitsPlugin(schema, queue),
      argumentNamesPlugin,
      ...(options.logRequest ? [requestLogPlugin(options.logRequest)] : []),
      sharedResultsPlugin(schema, queue),
    ],
    context: ({ context, caller = NOBODY, request, takePlace, requester }): ApiContext =>
      context ?? {
        node,
        takePlace,
        requester,
        ...rightsOf(caller, request.headers.get('authorization')),
        signal: request.signal,
      },
  });
  const sockets = new GraphqlSockets({
    prepare: (caller, authorization, signal, requester) =>
      yoga.getEnveloped({ context: { node, ...rightsOf(caller, authorization), signal, requester } }),
    admit,
    log: options.log,
  });
  return {
    async handleRequest(request, response, { caller, takePlace }) {
      const requester = requesterOn(request.socket);
      if (asksForPlayground(request)) {
        if (options.hasPlayground(caller)) await servePlayground(request, response);
        else sendError(response, 403, NO_PLAYGROUND);
        return;
      }
      // Not `yoga.handle`, which sends the stack of an unexpected error to the caller. This rejects with the error instead.
      const answer = await yoga.handleNodeRequestAndResponse(request, response, { caller, takePlace, requester });
      await sendNodeResponse(answer, response, request, true);
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

/** Passes errors meant for the caller. For a bug, the caller gets only an id; the log has the details. */
function maskError(error: unknown, log: GraphqlOptions['log']): Error {
  const original = error instanceof GraphQLError ? (error.originalError ?? error) : error;
  if (original instanceof SlowSubscriberError) {
    return new GraphQLError(original.message, { extensions: { code: 'SLOW_SUBSCRIBER' } });
  }
  // Errors without a code yet: invalid requests, or invalid variables and arguments.
  if (original instanceof GraphQLError) {
    return publicError(error as GraphQLError, original.extensions.http === undefined ? 'BAD_INPUT' : 'BAD_REQUEST');
  }
  const id = randomUUID();
  log.error({ err: original, id }, 'internal error in the API');
  return new GraphQLError(`internal error ${id}; the node's log has the details`, {
    extensions: { code: 'INTERNAL_SERVER_ERROR', id },
  });
}
