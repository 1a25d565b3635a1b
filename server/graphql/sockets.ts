import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type DocumentNode, type ExecutionArgs, GraphQLError, type GraphQLSchema } from 'graphql';
import {
  CloseCode,
  type Context,
  GRAPHQL_TRANSPORT_WS_PROTOCOL,
  type ServerOptions,
  type SubscribePayload,
} from 'graphql-ws';
import { type Extra, useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { refuseUpgrade } from '../http/refuse-upgrade.ts';

/** A socket that has not sent its init message by then is closed. */
const INIT_TIMEOUT_MS = 3_000;
/** Operations under way on one socket; a further one closes it. */
const MAX_OPERATIONS_PER_SOCKET = 20;
const MAX_MESSAGE_BYTES = 128 * 1024;
const KEEP_ALIVE_MS = 12_000;
/** Bytes that a socket may be behind with taking; beyond it, it is closed. */
const MAX_UNSENT_BYTES = 4 * 1024 * 1024;
/** Application close code: the client takes its messages too slowly. */
const TOO_SLOW = 4_430;

/** Envelop's functions for one operation; every plugin of the HTTP side is in them. */
interface Enveloped {
  readonly schema: GraphQLSchema;
  parse(source: string): DocumentNode;
  validate(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[];
  contextFactory(): unknown;
  readonly execute: unknown;
  readonly subscribe: unknown;
}

/** What is known of one socket. */
interface Caller {
  operations: number;
  /** Aborted when the socket closes, so that what it waits for can be given up. */
  readonly abort: AbortController;
}

/** GraphQL over WebSocket (the graphql-transport-ws protocol), with the same plugins and limits as over HTTP. */
export class GraphqlSockets {
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    handleProtocols: () => GRAPHQL_TRANSPORT_WS_PROTOCOL,
  });
  readonly #disposable: { dispose(): void | Promise<void> };

  readonly #callers = new WeakMap<object, Caller>();
  readonly #prepare: (authorization: string | null, signal: AbortSignal) => Enveloped;

  /** @param prepare makes the operations' functions for a caller with this authorization */
  constructor(prepare: (authorization: string | null, signal: AbortSignal) => Enveloped) {
    this.#prepare = prepare;
    const options: ServerOptions<Record<string, unknown>, Extra> = {
      connectionInitWaitTimeout: INIT_TIMEOUT_MS,
      // biome-ignore lint/suspicious/noExplicitAny: envelop's functions travel in the root value
      execute: (args: any) => args.rootValue.execute(args),
      // biome-ignore lint/suspicious/noExplicitAny: envelop's functions travel in the root value
      subscribe: (args: any) => args.rootValue.subscribe(args),
      onSubscribe: (socket, _id, params) => this.#operation(socket, params),
      onComplete: (socket) => {
        this.#callerOf(socket).operations--;
      },
      onClose: (socket) => this.#callerOf(socket).abort.abort(),
    };
    this.#disposable = useServer(options, this.#server, KEEP_ALIVE_MS);
  }

  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const offered = request.headers['sec-websocket-protocol']?.split(',').map((name) => name.trim());
    if (!offered?.includes(GRAPHQL_TRANSPORT_WS_PROTOCOL)) {
      refuseUpgrade(socket, 400, `the subprotocol is ${GRAPHQL_TRANSPORT_WS_PROTOCOL}`);
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      const send = webSocket.send.bind(webSocket) as (...args: unknown[]) => void;
      webSocket.send = (...args: unknown[]) => {
        if (webSocket.bufferedAmount > MAX_UNSENT_BYTES) webSocket.close(TOO_SLOW, 'messages are taken too slowly');
        else send(...args);
      };
      this.#server.emit('connection', webSocket, request);
    });
  }

  close(): void {
    void this.#disposable.dispose();
  }

  async #operation(
    socket: Context<Record<string, unknown>, Extra>,
    { query, operationName, variables }: SubscribePayload,
  ): Promise<ExecutionArgs | readonly GraphQLError[]> {
    const caller = this.#callerOf(socket);
    caller.operations++;
    if (caller.operations > MAX_OPERATIONS_PER_SOCKET) {
      socket.extra.socket.close(
        CloseCode.TooManyInitialisationRequests,
        `more than ${MAX_OPERATIONS_PER_SOCKET} operations`,
      );
      return [new GraphQLError(`more than ${MAX_OPERATIONS_PER_SOCKET} operations at once on one socket`)];
    }
    const enveloped = this.#prepare(authorizationOf(socket.connectionParams), caller.abort.signal);
    const { schema, parse, validate, contextFactory, execute, subscribe } = enveloped;
    let document: DocumentNode;
    try {
      document = parse(query);
    } catch (error) {
      if (error instanceof GraphQLError) return [error];
      throw error;
    }
    const errors = validate(schema, document);
    if (errors.length > 0) return errors;
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

  #callerOf(socket: object): Caller {
    const known = this.#callers.get(socket);
    if (known) return known;
    const caller = { operations: 0, abort: new AbortController() };
    this.#callers.set(socket, caller);
    return caller;
  }
}

function authorizationOf(params: Readonly<Record<string, unknown>> | undefined): string | null {
  const value = params?.authorization ?? params?.Authorization;
  return typeof value === 'string' ? value : null;
}
