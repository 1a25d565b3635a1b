import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type DocumentNode, type ExecutionArgs, type ExecutionResult, GraphQLError, type GraphQLSchema } from 'graphql';
import {
  CloseCode,
  type Context,
  GRAPHQL_TRANSPORT_WS_PROTOCOL,
  makeServer,
  type Server,
  type ServerOptions,
  type SubscribePayload,
} from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Caller } from '../http/guard.ts';
import { refuseUpgrade } from '../http/refuse-upgrade.ts';
import { type Reader, UnsentAnswers } from '../http/unsent-answers.ts';
import { cutText, MAX_CLOSE_REASON_BYTES } from '../transport/close-reason.ts';
import { callerGone, publicError } from './errors.ts';
import { type Requester, requesterOn } from './fair-queue.ts';
import { MAX_BUFFERED_BYTES, resumeWithRoom, SocketStream, type StreamSocket } from './socket-stream.ts';

/** A socket that does not send its init message within this time is closed. */
const INIT_TIMEOUT_MS = 3_000;
/** Concurrent operations on one socket; one more closes it. */
const MAX_OPERATIONS_PER_SOCKET = 20;
const MAX_MESSAGE_BYTES = 128 * 1024;
/** Frames per message; clients use one. */
const MAX_FRAGMENTS = 64;
/** Chunks in which the network may deliver one message: 128 KiB in chunks of 128 bytes. */
const MAX_BUFFERED_CHUNKS = 1_024;
/** A connection is closed if a ping is not answered before the next one is due. */
const PING_INTERVAL_MS = 12_000;
/** A client that does not answer our close frame in time is disconnected, to free its place. */
const CLOSE_TIMEOUT_MS = 2_000;
/** Close code of RFC 6455: the server goes away. */
const GOING_AWAY = 1_001;

/** Options of `ws`. */
const SOCKET_OPTIONS = {
  // One message per socket and iteration of the event loop: 64 KB may hold three thousand pings.
  allowSynchronousEvents: false,
  maxPayload: MAX_MESSAGE_BYTES,
  maxFragments: MAX_FRAGMENTS,
  maxBufferedChunks: MAX_BUFFERED_CHUNKS,
  closeTimeout: CLOSE_TIMEOUT_MS,
  perMessageDeflate: false,
};

/** Envelop's functions for one operation; they include all plugins of the HTTP side. */
interface Enveloped {
  readonly schema: GraphQLSchema;
  parse(source: string): DocumentNode;
  validate(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[];
  contextFactory(): unknown;
  readonly execute: unknown;
  readonly subscribe: unknown;
}

/** State of one socket. */
interface ApiSocket extends StreamSocket {
  readonly caller: Caller;
  readonly requester: Requester;
  operations: number;
  /** Settles when its latest operation may begin: operations begin in order of arrival. */
  admitted: Promise<void>;
  /** Aborted when the socket closes, to cancel what it waits for. */
  readonly abort: AbortController;
}

type Params = Record<string, unknown>;

export interface GraphqlSocketOptions {
  /** Makes the functions of one operation, for a caller with this authorization. */
  prepare(caller: Caller, authorization: string | null, signal: AbortSignal, requester: Requester): Enveloped;
  /** Resolves when an operation with this text may be parsed; undefined if it may be parsed now. */
  admit(query: string, requester: Requester): Promise<void> | undefined;
  readonly log: { error(fields: object, message: string): void };
}

/** GraphQL over WebSocket (the graphql-transport-ws protocol), with the same plugins and limits as over HTTP. */
export class GraphqlSockets {
  readonly #sockets = new WebSocketServer({
    ...SOCKET_OPTIONS,
    noServer: true,
    handleProtocols: () => GRAPHQL_TRANSPORT_WS_PROTOCOL,
  });
  readonly #protocol: Server<ApiSocket>;
  readonly #unsent = new UnsentAnswers();
  readonly #options: GraphqlSocketOptions;

  constructor(options: GraphqlSocketOptions) {
    this.#options = options;
    const handlers: ServerOptions<Params, ApiSocket> = {
      connectionInitWaitTimeout: INIT_TIMEOUT_MS,
      // biome-ignore lint/suspicious/noExplicitAny: envelop's functions travel in the root value
      execute: (args: any) => args.rootValue.execute(args),
      // biome-ignore lint/suspicious/noExplicitAny: envelop's functions travel in the root value
      subscribe: (args: any) => args.rootValue.subscribe(args),
      onSubscribe: (context, _id, payload) => this.#operation(context, payload),
      onOperation: ({ extra }, id, _payload, _args, result) =>
        Symbol.asyncIterator in result ? new SocketStream(result as AsyncIterable<ExecutionResult>, extra, id) : result,
      // Errors found by the protocol itself have no code.
      onError: (_context, _id, _payload, errors) => errors.map((error) => publicError(error, 'BAD_REQUEST').toJSON()),
      onComplete: ({ extra }) => {
        extra.operations--;
      },
    };
    this.#protocol = makeServer(handlers);
  }

  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, caller: Caller): void {
    const offered = request.headers['sec-websocket-protocol']?.split(',').map((name) => name.trim());
    if (!offered?.includes(GRAPHQL_TRANSPORT_WS_PROTOCOL)) {
      refuseUpgrade(socket, 400, `the subprotocol is ${GRAPHQL_TRANSPORT_WS_PROTOCOL}`);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) =>
      this.#serve(webSocket, socket, caller, requesterOn(request.socket)),
    );
  }

  close(): void {
    for (const socket of this.#sockets.clients) socket.close(GOING_AWAY, 'the node stops');
  }

  #serve(socket: WebSocket, connection: Duplex, caller: Caller, requester: Requester): void {
    const apiSocket: ApiSocket = {
      socket,
      connection,
      caller,
      requester,
      operations: 0,
      admitted: Promise.resolve(),
      abort: new AbortController(),
    };
    const reader: Reader = {
      client: requester.client,
      unsentBytes: () => socket.bufferedAmount,
      cutOff: () => socket.terminate(),
    };
    const forget = this.#unsent.add(reader);
    // The close event that follows handles it.
    socket.on('error', () => {});
    const closed = this.#protocol.opened(
      {
        protocol: socket.protocol,
        send: (data) => this.#send(socket, reader, data),
        // The protocol repeats ids in its reasons, which may be as long as a message.
        close: (code, reason) => socket.close(code, reason && cutText(reason, MAX_CLOSE_REASON_BYTES)),
        onMessage: (handle) =>
          socket.on('message', (data) => handle(String(data)).catch((error: unknown) => this.#fail(socket, error))),
      },
      apiSocket,
    );
    let isAlive = true;
    socket.on('pong', () => {
      isAlive = true;
    });
    const pings = setInterval(() => {
      if (!isAlive) return socket.terminate();
      isAlive = false;
      return socket.ping();
    }, PING_INTERVAL_MS);
    socket.once('close', (code, reason) => {
      clearInterval(pings);
      forget();
      apiSocket.abort.abort();
      closed(code, String(reason));
    });
  }

  /** Settles when the message was handed to the system: the events of a slow reader wait in its own, bounded queue. */
  #send(socket: WebSocket, reader: Reader, data: string): Promise<void> {
    return new Promise((resolve) => {
      socket.send(data, () => {
        resumeWithRoom(socket);
        resolve();
      });
      if (socket.bufferedAmount <= MAX_BUFFERED_BYTES) return;
      if (!socket.isPaused) socket.pause();
      this.#unsent.check(reader);
    });
  }

  #fail(socket: WebSocket, error: unknown): void {
    this.#options.log.error({ err: error }, 'internal error in a WebSocket of the API');
    socket.close(CloseCode.InternalServerError, 'internal error');
  }

  async #operation(
    { connectionParams, extra: socket }: Context<Params, ApiSocket>,
    { query, operationName, variables }: SubscribePayload,
  ): Promise<ExecutionArgs | readonly GraphQLError[]> {
    socket.operations++;
    if (socket.operations > MAX_OPERATIONS_PER_SOCKET) {
      socket.socket.close(CloseCode.TooManyInitialisationRequests, `more than ${MAX_OPERATIONS_PER_SOCKET} operations`);
      const message = `more than ${MAX_OPERATIONS_PER_SOCKET} operations at once on one socket`;
      return [publicError(new GraphQLError(message), 'TOO_MUCH')];
    }
    socket.admitted = socket.admitted.then(() => this.#options.admit(query, socket.requester));
    await socket.admitted;
    if (socket.abort.signal.aborted) return [callerGone()];
    const enveloped = this.#options.prepare(
      socket.caller,
      authorizationOf(connectionParams),
      socket.abort.signal,
      socket.requester,
    );
    const { schema, parse, validate, contextFactory, execute, subscribe } = enveloped;
    let document: DocumentNode;
    try {
      document = parse(query);
    } catch (error) {
      // The protocol does not report the end of an operation that never began.
      socket.operations--;
      if (error instanceof GraphQLError) return [error];
      throw error;
    }
    const errors = validate(schema, document);
    if (errors.length > 0) {
      socket.operations--;
      return errors;
    }
    const contextValue = await contextFactory();
    return {
      schema,
      document,
      operationName,
      variableValues: variables,
      contextValue,
      rootValue: { execute, subscribe },
    };
  }
}

function authorizationOf(params: Readonly<Record<string, unknown>> | undefined): string | null {
  const value = params?.authorization ?? params?.Authorization;
  return typeof value === 'string' ? value : null;
}
