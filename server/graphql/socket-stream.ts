import type { Duplex } from 'node:stream';
import type { ExecutionResult } from 'graphql';
import type { WebSocket } from 'ws';

/**
 * What may wait in a socket. Above it a stream stops until it is on its way, and after an answer nothing more is read from
 * the socket, so that whoever takes nothing gets no more answers.
 */
export const MAX_BUFFERED_BYTES = 64 * 1024;

/**
 * Reads from a socket again once it has room. To be called whenever a message is on its way, of whatever kind: what is
 * sent after the message that paused it may be the last to leave.
 */
export function resumeWithRoom(socket: WebSocket): void {
  if (socket.isPaused && socket.bufferedAmount <= MAX_BUFFERED_BYTES) socket.resume();
}

/** Texts of results. Subscribers who ask for the same are given the same object; it is made text once for all of them. */
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
 * The results of a subscription, sent as they come: to the protocol it looks like a stream that has nothing but an end.
 * So a result that many subscribers are given is not made text, checked and copied for each of them.
 */
export class SocketStream implements AsyncIterableIterator<never, undefined> {
  readonly #results: AsyncIterator<ExecutionResult>;
  readonly #to: StreamSocket;
  /** All of a message before its result. */
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
      // A slow reader is waited for: its events stay in the log, which has a bound.
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

/** Hands all that is written to a connection in one turn of the event loop to the system in one call. */
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
