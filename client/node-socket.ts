import { stringifyDocument, type TypedDocumentNode } from '@urql/core';
import { createClient, type Client as GraphqlSocket } from 'graphql-ws/client';
import { answerData } from './answer-data.ts';
import { answerTimedOut, withinLimits } from './call-limits.ts';
import { ClientError, clientErrorOf } from './client-error.ts';
import type { CallOptions } from './client-options.ts';
import { type NodeTransport, operationFailed } from './node-transport.ts';

/** Close codes of a socket that a time limit ended; those of graphql-transport-ws where it has one. */
const ENDED = { unanswered: 4504, silent: 4499 } as const;
const MS_PER_SECOND = 1_000;

/** Limits of a socket. */
export interface SocketLimits {
  /** Longest wait until the node accepts it. */
  readonly connectTimeoutMs: number;
  /** Time from the last answer to the next ping, which notices a node that has vanished; 0: no pings. */
  readonly pingMs: number;
  /** Longest wait for the answer to a ping. */
  readonly pongTimeoutMs: number;
}

/** Those of a program, which need not know within a second that a node has vanished. */
export const SOCKET_LIMITS: SocketLimits = { connectTimeoutMs: 10_000, pingMs: 10_000, pongTimeoutMs: 10_000 };

/** Limits and events of a socket. */
export interface SocketOptions extends SocketLimits {
  /** Open only while an operation runs, so that an idle socket does not keep the program alive. */
  readonly isLazy: boolean;
  /** The node has answered a ping. */
  readonly onPong?: () => void;
  readonly onPing?: () => void;
}

type Variables = Record<string, unknown>;

/** Receives the results of an operation. */
export interface Sink<Data> {
  next(data: Data): void;
  /** It has failed, or the socket has ended. */
  error(error: ClientError): void;
  /** The node has ended it. */
  complete(): void;
}

/**
 * Operations over one WebSocket: streams, and mutations that take longer than an HTTP request may. It does not reconnect
 * by itself: what must follow a lost connection depends on the operation.
 */
export class NodeSocket {
  /** Resolves when the node accepts it. */
  readonly connected: Promise<void>;
  /** Resolves when it has ended, with the reason; `silent` where the node did not answer a ping. */
  readonly ended: Promise<'unreachable' | 'lost' | 'silent'>;
  readonly #url: string;
  readonly #closed: AbortSignal | undefined;
  readonly #client: GraphqlSocket;
  #endedBy: { readonly code: number; readonly reason: string } | null = null;
  /** Whether the node has accepted the current connection, or the last one; a lazy socket has several. */
  #isAccepted = false;

  constructor(transport: NodeTransport, options: SocketOptions) {
    this.#url = transport.url;
    this.#closed = transport.closed;
    let attempt: ReturnType<typeof setTimeout> | undefined;
    let silence: ReturnType<typeof setTimeout> | undefined;
    const end = (by: keyof typeof ENDED) => {
      const [what, limitMs] = by === 'silent' ? [' a ping', options.pongTimeoutMs] : ['', options.connectTimeoutMs];
      this.#endedBy = {
        code: ENDED[by],
        reason: `the node did not answer${what} within ${limitMs / MS_PER_SECOND} s`,
      };
      this.#client.terminate();
    };
    this.#client = createClient({
      url: `${transport.url.replace(/^http/, 'ws')}/graphql`,
      webSocketImpl: transport.webSocket,
      connectionParams: () => transport.authorization,
      lazy: options.isLazy,
      retryAttempts: 0,
      onNonLazyError: () => {},
      keepAlive: options.pingMs,
      on: {
        connecting: () => {
          this.#isAccepted = false;
          this.#endedBy = null;
          clearTimeout(attempt);
          attempt = setTimeout(() => end('unanswered'), options.connectTimeoutMs);
        },
        connected: () => {
          this.#isAccepted = true;
          transport.markAnswered();
          clearTimeout(attempt);
        },
        ping: (isReceived) => {
          if (isReceived) return;
          clearTimeout(silence);
          silence = setTimeout(() => end('silent'), options.pongTimeoutMs);
          options.onPing?.();
        },
        pong: (isReceived) => {
          if (!isReceived) return;
          clearTimeout(silence);
          options.onPong?.();
        },
        closed: () => {
          clearTimeout(attempt);
          clearTimeout(silence);
        },
      },
    });
    this.connected = new Promise((resolve) => {
      this.#client.on('connected', () => resolve());
    });
    this.ended = new Promise((resolve) => {
      this.#client.on('closed', () => {
        if (this.#endedBy?.code === ENDED.silent) resolve('silent');
        else resolve(this.#isAccepted ? 'lost' : 'unreachable');
      });
    });
  }

  /** Starts an operation. @returns a function that ends it */
  subscribe<Data, Asked extends Variables>(
    document: TypedDocumentNode<Data, Asked>,
    variables: Asked,
    sink: Sink<Data>,
  ): () => void {
    return this.#client.subscribe<Data>(
      { query: stringifyDocument(document), variables },
      {
        next: ({ data, errors }) => {
          if (errors && errors.length > 0) return sink.error(operationFailed(errors));
          let answer: Data;
          try {
            answer = answerData(document, data, this.#url);
          } catch (error) {
            return sink.error(clientErrorOf(error));
          }
          sink.next(answer);
        },
        error: (error) => sink.error(this.#errorOf(error)),
        complete: () => sink.complete(),
      },
    );
  }

  /** The first answer, which ends the operation; without a time limit unless one is given. Throws {@link ClientError}. */
  run<Data, Asked extends Variables>(
    document: TypedDocumentNode<Data, Asked>,
    variables: Asked,
    { signal, timeoutMs = Number.POSITIVE_INFINITY }: CallOptions = {},
  ): Promise<Data> {
    let end = () => {};
    const limits = { signal, closed: this.#closed, timeoutMs, timedOut: () => answerTimedOut(this.#url, timeoutMs) };
    const answer = withinLimits(
      limits,
      () =>
        new Promise<Data>((resolve, reject) => {
          end = this.subscribe(document, variables, {
            next: resolve,
            error: reject,
            complete: () =>
              reject(new ClientError('failed', `the node at ${this.#url} ended the operation without an answer`)),
          });
        }),
    );
    return answer.finally(() => end());
  }

  /** Drops the connection at once, without a closing handshake. */
  terminate(): void {
    this.#client.terminate();
  }

  /** Ends all operations and closes the connection. */
  async close(): Promise<void> {
    await this.#client.dispose();
  }

  #errorOf(error: unknown): ClientError {
    if (Array.isArray(error)) return operationFailed(error);
    const cause = this.#endedBy ?? error;
    // What the protocol does not allow is an Error without a close code; the ends of a connection are events.
    if (cause instanceof Error && !('code' in cause)) {
      return new ClientError('not-a-node', `${this.#url} answers, but not as a node does`, { cause });
    }
    if (!this.#isAccepted) return new ClientError('unreachable', `${this.#url} does not answer`, { cause });
    return new ClientError('lost', `the connection to ${this.#url} was lost`, { cause });
  }
}
