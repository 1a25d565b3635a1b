import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { clientOf } from '../transport/remote-address.ts';
import { type Reader, UnsentAnswers } from './unsent-answers.ts';

/** A connection is closed if its client takes nothing of an answer for this long. */
const STALL_TIMEOUT_MS = 30_000;
/** Interval between checks for that. */
const STALL_CHECK_MS = 10_000;

/** Tracks HTTP answers from request to end: one at a time per connection, and none that is never read. */
export class OpenAnswers {
  readonly #unsent = new UnsentAnswers();
  readonly #open = new Map<Socket, { readonly response: ServerResponse; readonly reader: Reader }>();
  readonly #timer = setInterval(() => this.#watchStalled(), STALL_CHECK_MS);

  /**
   * Records the start of an answer.
   * @returns false if the connection was closed because its previous request is not answered yet: no current browser or
   * library pipelines requests, and hundreds of requests would be started at once before those of others
   */
  open(request: IncomingMessage, response: ServerResponse): boolean {
    const { socket } = request;
    // Data written but not yet reported as flushed does not count: the client may have received the end already.
    if (this.#open.get(socket)?.response.writableEnded === false) {
      socket.destroy();
      return false;
    }
    const reader: Reader = {
      client: clientOf(socket.remoteAddress),
      unsentBytes: () => response.writableLength,
      cutOff: () => socket.destroy(),
    };
    const forget = this.#unsent.add(reader);
    this.#open.set(socket, { response, reader });
    // Set by `#watchStalled`; Node takes any progress of the system's queue as a sign of life.
    response.on('timeout', () => {
      if (response.writableLength > 0) socket.destroy();
    });
    response.once('close', () => {
      forget();
      if (this.#open.get(socket)?.response === response) this.#open.delete(socket);
    });
    return true;
  }

  /** To be called when all of an answer has been written, or it has failed. */
  onAnswered({ socket }: IncomingMessage): void {
    const answer = this.#open.get(socket);
    if (answer) this.#unsent.check(answer.reader);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #watchStalled(): void {
    for (const [socket, { response }] of this.#open) {
      if (response.writableLength > 0 && socket.timeout !== STALL_TIMEOUT_MS) socket.setTimeout(STALL_TIMEOUT_MS);
    }
  }
}
