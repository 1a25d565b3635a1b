import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Metrics } from '../node/metrics.ts';
import { clientOf, plainAddress } from '../transport/remote-address.ts';
import { ConnectionLimits } from './connection-limits.ts';
import {
  type Caller,
  checkCaller,
  checkFileRequest,
  checkRequest,
  EMBEDDED_REASON,
  type GuardDecision,
  type GuardPolicy,
  type GuardRequest,
  isEmbedded,
} from './guard.ts';
import { type Readiness, sendError, sendHealth, sendReadiness } from './health.ts';
import { listen, reachableUrl } from './listen.ts';
import type { ListenPlace } from './listen-error.ts';
import { OpenAnswers } from './open-answers.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';
import { SLOW_CLIENT_LIMITS } from './slow-client-limits.ts';
import { SocketQuota } from './socket-quota.ts';

/** Time in which a client must have sent the whole request. Streams of ours are not limited by it. */
const REQUEST_TIMEOUT_MS = 30_000;
/** GraphQL sockets and event streams of one client, and in all; further ones are refused. */
const MAX_GRAPHQL_SOCKETS_PER_CLIENT = 64;
const MAX_GRAPHQL_SOCKETS = 2_000;
/** Time for requests in progress to finish when the server closes. */
const CLOSE_GRACE_MS = 1_000;
/** How long a browser remembers the answer to a preflight. */
const PREFLIGHT_MAX_AGE_SECONDS = 600;
/** The only text that callers see of an internal error. */
const INTERNAL_ERROR = 'internal error';
const GRAPHQL_PATH = '/graphql';
/** Files of the page that is served at `/graphql`. */
const PLAYGROUND_PATH = '/playground/';
const PEER_PATH = '/p2p';
/** Where snapshots are uploaded; with `/ID` behind it, where they are downloaded. */
export const SNAPSHOTS_PATH = '/snapshots';

/** Takes one of the limited places for open sockets until the response ends; false if none is left. */
export type TakePlace = () => boolean;

export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** A request that has passed the guard. */
export interface Visit {
  readonly caller: Caller;
  readonly takePlace: TakePlace;
}

export interface HttpServerOptions extends ListenPlace {
  readonly policy: GuardPolicy;
  readonly routes: {
    /**
     * Called after the guard, with the headers for other origins already set. An answer that stays open takes a place
     * among the sockets first, and is refused where there is none.
     */
    graphql(request: IncomingMessage, response: ServerResponse, visit: Visit): void | Promise<void>;
    /** Answers with a file of the playground. Called after the guard. */
    playground(request: IncomingMessage, response: ServerResponse, caller: Caller): void | Promise<void>;
    /** Answers below `/snapshots`. Called after the guard, with the headers for other origins already set. */
    snapshots(request: IncomingMessage, response: ServerResponse, caller: Caller): void | Promise<void>;
    readiness(): Readiness;
    readonly metrics: Metrics;
  };
  readonly upgrades: {
    /** Called without the guard: peers call by any name. Must refuse requests with an `Origin` header. */
    readonly peer: UpgradeHandler;
    /** Called after the guard and the socket limits. */
    graphql(request: IncomingMessage, socket: Duplex, head: Buffer, caller: Caller): void;
  };
  readonly log: HttpLog;
}

/** The part of the logger that is used here. */
interface HttpLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface HttpServer {
  readonly port: number;
  /** Where clients on this machine reach it, without a trailing slash. */
  readonly url: string;
  /** Stops listening, gives requests a second to finish, then closes the remaining connections. */
  close(): Promise<void>;
}

/**
 * Serves everything that a node serves, on one port.
 *
 * @throws ListenError when host or port cannot be used
 */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const server = createServer({
    ...SLOW_CLIENT_LIMITS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    noDelay: true,
  });
  const port = await listen(server, options);
  // The server does not track upgraded sockets, so closing it would wait for them forever.
  const upgraded = new Set<Duplex>();
  const quota = new SocketQuota({ maxPerClient: MAX_GRAPHQL_SOCKETS_PER_CLIENT, maxTotal: MAX_GRAPHQL_SOCKETS });
  const limits = new ConnectionLimits();
  const answers = new OpenAnswers();
  server.on('connection', (socket) => limits.add(socket));
  server.on('request', (request, response) => {
    if (!answers.open(request, response)) return;
    limits.onRequest(request, response);
    // A socket that is closed does not know its address any more.
    const { remoteAddress } = request.socket;
    const takePlace = () => takePlaceFor(request, response, quota);
    answer(request, response, takePlace, options)
      .catch((error: unknown) => {
        if (isAborted(error, request)) logAborted(remoteAddress, options.log);
        else fail(error, response, options.log);
      })
      .finally(() => answers.onAnswered(request));
  });
  server.on('upgrade', (request, socket: Duplex, head) => {
    limits.onUpgrade(request.socket);
    upgraded.add(socket);
    socket.once('close', () => upgraded.delete(socket));
    try {
      upgrade({ request, socket, head }, quota, options);
    } catch (error) {
      options.log.error({ err: error }, 'upgrade failed');
      refuseUpgrade(socket, 500, INTERNAL_ERROR);
    }
  });
  return {
    port,
    url: reachableUrl(options.host, port),
    close: () => {
      answers.close();
      return close(server, upgraded);
    },
  };
}

function close(server: Server, upgraded: ReadonlySet<Duplex>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.closeAllConnections();
      for (const socket of upgraded) socket.destroy();
    }, CLOSE_GRACE_MS);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  takePlace: TakePlace,
  { routes, policy, log }: HttpServerOptions,
): Promise<void> {
  // A page in a frame of another site could be clicked unawares, and GraphiQL takes its query from the URL.
  response.setHeader('X-Frame-Options', 'DENY').setHeader('X-Content-Type-Options', 'nosniff');
  const path = pathOf(request);
  if (path === GRAPHQL_PATH) {
    const decision = checkRequest(guarded(request), policy);
    if (admit(decision, request, response, log)) {
      await routes.graphql(request, response, { caller: decision.caller, takePlace });
    }
    return;
  }
  if (path === SNAPSHOTS_PATH || path.startsWith(`${SNAPSHOTS_PATH}/`)) {
    const decision = checkFileRequest(guarded(request), policy);
    if (admit(decision, request, response, log)) await routes.snapshots(request, response, decision.caller);
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') return sendError(response, 404, `nothing at ${path}`);
  if (path.startsWith(PLAYGROUND_PATH)) {
    const decision = checkCaller(guarded(request), policy);
    if (admit(decision, request, response, log)) await routes.playground(request, response, decision.caller);
    return;
  }
  if (isEmbedded(guarded(request))) return refuse(response, 403, EMBEDDED_REASON, request, log);
  switch (path) {
    case '/':
      // Relative, because a reverse proxy may serve the node below a base path.
      response.writeHead(302, { Location: GRAPHQL_PATH.slice(1) }).end();
      return;
    case '/healthz':
      return sendHealth(response);
    case '/readyz':
      return sendReadiness(response, routes.readiness());
    case '/metrics': {
      // A page of another name that leads to this machine would read it as its own.
      const decision = checkCaller(guarded(request), policy);
      if (!decision.allowed) return refuse(response, decision.status, decision.reason, request, log);
      response.writeHead(200, { 'Content-Type': routes.metrics.contentType }).end(await routes.metrics.render());
      return;
    }
    default:
      return sendError(response, 404, 'nothing here; see /graphql, /healthz, /readyz, /metrics');
  }
}

/** Answers what the guard refuses and what browsers ask beforehand; true when the API is to answer. */
function admit(
  decision: GuardDecision,
  request: IncomingMessage,
  response: ServerResponse,
  log: HttpLog,
): decision is Extract<GuardDecision, { allowed: true }> {
  response.setHeader('Vary', 'Origin');
  if (!decision.allowed) {
    refuse(response, decision.status, decision.reason, request, log);
    return false;
  }
  if (decision.corsOrigin !== null) response.setHeader('Access-Control-Allow-Origin', decision.corsOrigin);
  if (request.method !== 'OPTIONS') return true;
  response
    .writeHead(204, {
      'Access-Control-Allow-Methods': 'GET, POST',
      'Access-Control-Allow-Headers': 'Content-Type, Authorization',
      'Access-Control-Max-Age': PREFLIGHT_MAX_AGE_SECONDS,
    })
    .end();
  return false;
}

function takePlaceFor(request: IncomingMessage, response: ServerResponse, quota: SocketQuota): boolean {
  const client = clientOf(request.socket.remoteAddress);
  if (response.closed || !quota.take(client)) return false;
  response.once('close', () => quota.release(client));
  return true;
}

function upgrade(
  { request, socket, head }: { request: IncomingMessage; socket: Duplex; head: Buffer },
  quota: SocketQuota,
  { upgrades, policy, log }: HttpServerOptions,
): void {
  const path = pathOf(request);
  if (path === PEER_PATH) return upgrades.peer(request, socket, head);
  if (path !== GRAPHQL_PATH) return refuseUpgrade(socket, 404, 'no socket here; see /graphql');
  const decision = checkCaller(guarded(request), policy);
  if (!decision.allowed) {
    logRefusal(log, request, decision.reason);
    return refuseUpgrade(socket, decision.status, decision.reason);
  }
  const client = clientOf(request.socket.remoteAddress);
  if (!quota.take(client)) return refuseUpgrade(socket, 503, 'too many sockets');
  socket.once('close', () => quota.release(client));
  upgrades.graphql(request, socket, head, decision.caller);
}

function pathOf(request: IncomingMessage): string {
  return request.url?.split('?', 1)[0] ?? '';
}

function guarded({ method = '', httpVersion, headersDistinct }: IncomingMessage): GuardRequest {
  return { method, httpVersion, headers: headersDistinct };
}

function refuse(
  response: ServerResponse,
  status: number,
  reason: string,
  request: IncomingMessage,
  log: HttpLog,
): void {
  logRefusal(log, request, reason);
  sendError(response, status, reason);
}

function logRefusal(log: HttpLog, request: IncomingMessage, reason: string): void {
  log.warn({ client: plainAddress(request.socket.remoteAddress), reason }, 'request refused');
}

/** The client went away before its request was whole: nobody's fault here, and nobody to answer. */
function isAborted(error: unknown, { complete }: IncomingMessage): boolean {
  return !complete && error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
}

function logAborted(remoteAddress: string | undefined, log: HttpLog): void {
  log.info({ client: plainAddress(remoteAddress) }, 'the client went away before its request was complete');
}

/** An internal error: the caller learns only that, the log has the details. */
function fail(error: unknown, response: ServerResponse, log: HttpLog): void {
  log.error({ err: error }, 'request failed');
  if (response.headersSent) response.destroy();
  else sendError(response, 500, INTERNAL_ERROR);
}
