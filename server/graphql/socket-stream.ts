import type { Duplex } from 'node:stream';
import type { ExecutionResult } from 'graphql';
import type { WebSocket } from 'ws';

/**
 * Unsent bytes per socket. Above it a stream pauses until they are sent, and after an answer the socket is not read any
 * further, so that a client that reads nothing gets no more answers.
 */
export const MAX_BUFFERED_BYTES = 64 * 1024;

/**
 * Resumes reading from a socket once it has room. Must be called whenever any message was handed to the system: a message
 * sent after the one that paused the socket may be the last to leave.
 */
export function resumeWithRoom(socket: WebSocket): void {
  if (socket.isPaused && socket.bufferedAmount <= MAX_BUFFERED_BYTES) socket.resume();
}

/** Serialized results. Subscribers with the same document get the same object, which is serialized once for all. */
const texts = new WeakMap<ExecutionResult, string>();

function textOf(result: ExecutionResult): string {
  const known = texts.get(result);
  if (known !== undefined) return known;
  const text = JSON.stringify(result);
  texts.set(result, text);
  return text;
}

/** A socket of the API, and the connection under it. */
export interface StreamSocket {
  readonly socket: WebSocket;
  readonly connection: Duplex;
}

/**
 * Sends the results of a subscription itself; the protocol sees a stream without values that ends. This way a result
 * shared by many subscribers is not serialized, checked and copied for each of them.
 */
export class SocketStream implements AsyncIterableIterator<never, undefined> {
  readonly #results: AsyncIterator<ExecutionResult>;
  readonly #to: StreamSocket;
  /** The text of a message up to its result. */
  readonly #head: string;

  /** @param id of the operation, which its messages carry */
  constructor(results: AsyncIterable<ExecutionResult>, to: StreamSocket, id: string) {
    this.#results = results[Symbol.asyncIterator]();
    this.#to = to;
    this.#head = `{"id":${JSON.stringify(id)},"type":"next","payload":`;
  }

  /** Settles at the end of the stream. */
  async next(): Promise<IteratorResult<never, undefined>> {
    for (;;) {
      const result = await this.#results.next();
      if (result.done) return { value: undefined, done: true };
      const text = `${this.#head}${textOf(result.value)}}`;
      const { socket } = this.#to;
      flushTogether(this.#to.connection);
      // Waits for a slow reader: its events stay in the event log, which is bounded.
      const isSlow = socket.bufferedAmount > MAX_BUFFERED_BYTES;
      const isSent = new Promise<void>((resolve) => {
        socket.send(text, () => {
          resumeWithRoom(socket);
          resolve();
        });
      });
      if (isSlow) await isSent;
    }
  }

  async return(): Promise<IteratorResult<never, undefined>> {
    await this.#results.return?.();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

const corked = new Set<Duplex>();

/** Passes everything written to a connection in one iteration of the event loop to the system in one call. */
function flushTogether(connection: Duplex): void {
  if (corked.has(connection)) return;
  if (corked.size === 0) setImmediate(flush);
  corked.add(connection);
  connection.cork();
}

function flush(): void {
  const connections = [...corked];
  corked.clear();
  for (const connection of connections) connection.uncork();
}
