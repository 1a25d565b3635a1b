import type { Socket } from 'node:net';
import { LineAllowance } from './line-allowance.ts';
import { LineReader, LineTooLongError } from './line-reader.ts';
import { MAX_UNSENT_BYTES } from './stratum-limits.ts';
import { NotStratumError } from './stratum-message.ts';

/** Packets that ask whether the other end is still there, after this time of silence. */
const KEEP_ALIVE_MS = 60_000;

/** What is done with the lines of a connection. */
export interface LineHandler {
  /** Throws `NotStratumError` for a line after which the connection is to be closed. */
  receive(line: string, nowMs: number): void;
  onClose(reason: string): void;
}

/**
 * A socket as lines in and out, with the limits of one connection. Lines beyond the allowed rate wait, and the socket is not
 * read meanwhile, so that the sender waits as well.
 */
export class StratumConnection {
  readonly openedMs: number;
  readonly #socket: Socket;
  readonly #handler: LineHandler;
  readonly #monotonicMs: () => number;
  readonly #reader = new LineReader();
  readonly #allowance: LineAllowance;
  readonly #waiting: string[] = [];
  #lastLineMs: number;
  #resumeTimer: NodeJS.Timeout | null = null;
  #closeReason: string | null = null;

  constructor(socket: Socket, handler: LineHandler, monotonicMs: () => number) {
    this.#socket = socket;
    this.#handler = handler;
    this.#monotonicMs = monotonicMs;
    this.openedMs = monotonicMs();
    this.#lastLineMs = this.openedMs;
    this.#allowance = new LineAllowance(this.openedMs);
    socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS);
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    // What fails is told by its close.
    socket.on('error', (error: NodeJS.ErrnoException) => (this.#closeReason ??= error.code ?? error.message));
    socket.on('close', () => this.#onClosed());
  }

  /** When the last whole line came, or the connection was opened. */
  get lastLineMs(): number {
    return this.#lastLineMs;
  }

  send(line: string): void {
    if (this.#socket.destroyed) return;
    this.#socket.write(line);
    if (this.#socket.writableLength > MAX_UNSENT_BYTES) this.close('does not read what it is sent');
  }

  /** Ends it at once. @param reason for the log */
  close(reason: string): void {
    this.#closeReason ??= reason;
    this.#socket.destroy();
  }

  #onData(chunk: Buffer): void {
    try {
      for (const line of this.#reader.push(chunk)) this.#waiting.push(line);
    } catch (error) {
      if (!(error instanceof LineTooLongError)) throw error;
      this.close('sent a line that is too long');
      return;
    }
    this.#handleWaiting();
  }

  #handleWaiting(): void {
    for (let line = this.#waiting[0]; line !== undefined && !this.#socket.destroyed; line = this.#waiting[0]) {
      const nowMs = this.#monotonicMs();
      const waitMs = this.#allowance.take(nowMs);
      if (waitMs > 0) {
        this.#pause(waitMs);
        return;
      }
      this.#waiting.shift();
      this.#lastLineMs = nowMs;
      this.#receive(line, nowMs);
    }
  }

  #receive(line: string, nowMs: number): void {
    try {
      this.#handler.receive(line, nowMs);
    } catch (error) {
      if (!(error instanceof NotStratumError)) throw error;
      this.close(`sent ${error.message}`);
    }
  }

  #pause(waitMs: number): void {
    this.#socket.pause();
    this.#resumeTimer ??= setTimeout(() => {
      this.#resumeTimer = null;
      this.#socket.resume();
      this.#handleWaiting();
    }, Math.ceil(waitMs));
  }

  #onClosed(): void {
    if (this.#resumeTimer) clearTimeout(this.#resumeTimer);
    this.#waiting.length = 0;
    this.#handler.onClose(this.#closeReason ?? 'closed by the program');
  }
}
