import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { clientOf } from '../transport/remote-address.ts';
import { type Reader, UnsentAnswers } from './unsent-answers.ts';

/** An answer of which a client takes nothing for so long is given up, and its connection. */
const STALL_TIMEOUT_MS = 30_000;
/** How often connections are looked at for that. */
const STALL_CHECK_MS = 10_000;

/** Answers over HTTP from their request to their end: one at a time on a connection, and none that is never taken. */
export class OpenAnswers {
  readonly #unsent = new UnsentAnswers();
  readonly #open = new Map<Socket, { readonly response: ServerResponse; readonly reader: Reader }>();
  readonly #timer = setInterval(() => this.#watchStalled(), STALL_CHECK_MS);

  /**
   * Notes that a request is to be answered.
   * @returns false where the connection was ended, because its last request has not been answered yet: no browser or
   * library of today sends such a pipeline, and hundreds of requests would be taken up at once before anybody else's
   */
  open(request: IncomingMessage, response: ServerResponse): boolean {
    const { socket } = request;
    // What is written but not yet taken by the system does not count: the client may have had the end before we know.
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
