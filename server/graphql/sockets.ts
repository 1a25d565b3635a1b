import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ExecutionArgs } from 'graphql';
import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL, type ServerOptions } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { refuseUpgrade } from '../http/refuse-upgrade.ts';
import type { ApiContext } from './builder.ts';

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

interface Enveloped {
  // biome-ignore lint/suspicious/noExplicitAny: envelop's own types
  readonly enveloped: any;
  readonly context: ApiContext;
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

  /** @param prepare makes the operations' functions and context for a caller with this authorization */
  constructor(prepare: (authorization: string | null) => Enveloped) {
    const operations = new WeakMap<object, number>();
    const options: ServerOptions<Record<string, unknown>> = {
      connectionInitWaitTimeout: INIT_TIMEOUT_MS,
      // biome-ignore lint/suspicious/noExplicitAny: carried through from onSubscribe, see below
      execute: (args: any) => args.rootValue.execute(args),
      // biome-ignore lint/suspicious/noExplicitAny: carried through from onSubscribe, see below
      subscribe: (args: any) => args.rootValue.subscribe(args),
      onSubscribe: async (socket, _id, params) => {
        const count = (operations.get(socket) ?? 0) + 1;
        operations.set(socket, count);
        if (count > MAX_OPERATIONS_PER_SOCKET) {
          (socket.extra as { socket: { close(code: number, reason: string): void } }).socket.close(
            CloseCode.TooManyInitialisationRequests,
            `more than ${MAX_OPERATIONS_PER_SOCKET} operations at once`,
          );
        }
        const { enveloped, context } = prepare(authorizationOf(socket.connectionParams));
        const { schema, execute, subscribe, parse, validate, contextFactory } = enveloped;
        const document = parse(params.query);
        const errors = validate(schema, document);
        if (errors.length > 0) return errors;
        const args: ExecutionArgs = {
          schema,
          document,
          operationName: params.operationName,
          variableValues: params.variables,
          contextValue: { ...(await contextFactory()), ...context },
          rootValue: { execute, subscribe },
        };
        return args;
      },
      onComplete: (socket) => {
        operations.set(socket, Math.max(0, (operations.get(socket) ?? 1) - 1));
      },
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
}

function authorizationOf(params: Readonly<Record<string, unknown>> | undefined): string | null {
  const value = params?.authorization ?? params?.Authorization;
  return typeof value === 'string' ? value : null;
}
