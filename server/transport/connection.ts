import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { quotable } from '../../consensus/quotable.ts';
import { MAX_FRAME_BYTES } from '../../protocol/limits.ts';
import { isLost } from '../../protocol/line.ts';
import { cutText, MAX_CLOSE_REASON_BYTES } from './close-reason.ts';
import { costOf, LinkQueue } from './link-queue.ts';
import { CLOSE_TIMEOUT_MS } from './socket-limits.ts';
import type { ConditionedLink } from './weather.ts';

/** Why connections end because of the conditions of their link. */
export const CUT_REASON = 'the operator has cut the link';
export const LOSS_REASON = 'a message was lost under the link conditions';
/** Unsent bytes, of which those that wait because of link conditions are a part, above which a peer counts as congested: the core then stops serving it. */
export const CONGESTED_BYTES = 1024 * 1024;
/** Unsent bytes above which a connection is closed. */
export const MAX_UNSENT_BYTES = 8 * 1024 * 1024;
/** Time in which a peer must take `MIN_TAKEN_BYTES` of the unsent data, or all of it; otherwise the connection is closed. */
export const STALL_TIMEOUT_MS = 30_000;
const MIN_TAKEN_BYTES = CONGESTED_BYTES / 2;
/** Idle time after which the system asks whether the other machine is still there. */
const KEEP_ALIVE_MS = 30_000;
const NO_STATUS = 1005;
const ABNORMAL_CLOSURE = 1006;

/** Events of a connection. `closed` is reported exactly once, as the last one. */
export interface ConnectionHandlers {
  message(bytes: Uint8Array): void;
  /** An invalid frame; no message follows. */
  fault(reason: string): void;
  backlog(congested: boolean): void;
  closed(reason: string): void;
}

/** An open WebSocket to one peer, with its limits. open -> closing -> closed. */
export class Connection {
  /** Resolves after `closed` was reported. */
  readonly ended: Promise<void>;
  readonly #socket: WebSocket;
  readonly #handlers: ConnectionHandlers;
  /** Aborted when the connection has ended: whatever it started ends with it. */
  readonly #life = new AbortController();
  /** What waits because the way to the peer has conditions. */
  readonly #queue = new LinkQueue((bytes) => {
    this.#queuedBytes -= costOf(bytes);
    this.#transmit(bytes);
  });
  #congested = false;
  /** `close` was called: nothing more is taken. */
  #isClosing = false;
  /** Bytes that were queued in all, with what the frames add. */
  #queuedBytes = 0;
  /** A look at how much the peer has taken is due. */
  #isWatching = false;
  /** Whether frames of the peer are ignored. */
  #muted = false;
  /** Why it ends, as far as the end came from here. */
  #reason: string | null = null;

  /** @param socket open, with no frame read from it yet */
  constructor(socket: WebSocket, tcp: Socket, handlers: ConnectionHandlers) {
    this.#socket = socket;
    this.#handlers = handlers;
    this.ended = new Promise((resolve) => this.#onEnd(resolve));
    tcp.setNoDelay(true);
    tcp.setKeepAlive(true, KEEP_ALIVE_MS);
    this.#listen('message', (data: Buffer, isBinary: boolean) => this.#onMessage(data, isBinary));
    this.#listen('error', (error: NodeJS.ErrnoException) => this.#fault(faultReason(error)));
    this.#listen('close', (code: number, text: Buffer) => this.#onClose(code, text));
    // A late error without a listener would end the process.
    socket.on('error', ignore);
  }

  /** Queues one binary frame; dropped once the connection is closing. The bytes are not changed. */
  send(bytes: Uint8Array): void {
    if (this.#isClosing || this.#socket.readyState !== WebSocket.OPEN) return;
    if (this.#queue.isIdle) {
      this.#transmit(bytes);
      return;
    }
    const { link } = this.#queue;
    if (link && isLost(link.conditions, link.random)) {
      this.terminate(LOSS_REASON);
      return;
    }
    this.#queuedBytes += costOf(bytes);
    this.#queue.push(bytes);
    this.#watchBacklog();
  }

  /** Sets the conditions of the way to the peer; null: none. What waits goes on under the new ones. */
  setLink(link: ConditionedLink | null): void {
    if (link?.conditions.cut) this.terminate(CUT_REASON);
    else this.#queue.setLink(link);
  }

  /** Pauses or resumes reading, for back pressure. */
  setPaused(paused: boolean): void {
    if (paused) this.#socket.pause();
    else this.#socket.resume();
  }

  /** Sends what is queued, then closes. A reason too long for the frame is cut. */
  close(code: number, reason: string): void {
    this.#muted = true;
    this.#reason ??= reason;
    this.#isClosing = true;
    // Its answer to the close has to be read.
    this.#socket.resume();
    const closeSocket = (): void => this.#socket.close(code, cutText(reason, MAX_CLOSE_REASON_BYTES));
    if (this.#queue.isIdle) {
      closeSocket();
      return;
    }
    // As long as `ws` gives a close that is on its way.
    const timer = setTimeout(() => this.terminate(reason), CLOSE_TIMEOUT_MS);
    this.#onEnd(() => clearTimeout(timer));
    this.#queue.whenEmpty(closeSocket);
  }

  /** Closes immediately and discards what is queued. */
  terminate(reason: string): void {
    this.#muted = true;
    this.#reason ??= reason;
    this.#queue.discard();
    this.#socket.terminate();
  }

  #transmit(bytes: Uint8Array): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    const unsentBytes = this.#socket.bufferedAmount;
    this.#socket.send(bytes, this.#watchBacklog);
    this.#queuedBytes += this.#socket.bufferedAmount - unsentBytes;
    this.#watchBacklog();
  }

  get #unsentBytes(): number {
    return this.#queue.sizeBytes + this.#socket.bufferedAmount;
  }

  readonly #watchBacklog = (): void => {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    const unsentBytes = this.#unsentBytes;
    if (unsentBytes > MAX_UNSENT_BYTES) {
      this.terminate(`more than ${MAX_UNSENT_BYTES} bytes unsent`);
      return;
    }
    if (unsentBytes > 0) this.#watchReader();
    if (unsentBytes > CONGESTED_BYTES === this.#congested) return;
    this.#congested = !this.#congested;
    this.#handlers.backlog(this.#congested);
  };

  /** Looks once, after a while, how much the peer has taken; and again for as long as something is unsent. */
  #watchReader(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    const takenBytes = this.#queuedBytes - this.#unsentBytes;
    const dueBytes = Math.min(this.#unsentBytes, MIN_TAKEN_BYTES);
    const look = (): void => {
      this.#life.signal.removeEventListener('abort', stop);
      this.#isWatching = false;
      const unsentBytes = this.#unsentBytes;
      if (unsentBytes === 0) return;
      if (this.#queuedBytes - unsentBytes - takenBytes < dueBytes)
        this.terminate(`took less than ${dueBytes} bytes in ${STALL_TIMEOUT_MS / 1000} s`);
      else this.#watchReader();
    };
    const timer = setTimeout(look, STALL_TIMEOUT_MS);
    const stop = (): void => clearTimeout(timer);
    this.#onEnd(stop);
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    if (this.#muted) return;
    if (!isBinary) {
      this.#fault('text frame');
      return;
    }
    // A plain array over the same memory: `slice` of a Buffer would share it where a Uint8Array copies.
    this.#handlers.message(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }

  #fault(reason: string): void {
    if (this.#muted) return;
    this.#muted = true;
    this.#reason ??= reason;
    this.#handlers.fault(reason);
  }

  #onClose(code: number, text: Buffer): void {
    this.#muted = true;
    this.#queue.discard();
    const reason = this.#reason ?? closeReason(code, text.toString());
    this.#handlers.closed(reason);
    this.#life.abort(reason);
  }

  #listen(event: 'message' | 'error' | 'close', listener: (...args: never[]) => void): void {
    const untyped = listener as (...args: unknown[]) => void;
    this.#socket.on(event, untyped);
    this.#onEnd(() => this.#socket.off(event, untyped));
  }

  #onEnd(undo: () => void): void {
    this.#life.signal.addEventListener('abort', undo, { once: true });
  }
}

function ignore(): void {}

function faultReason(error: NodeJS.ErrnoException): string {
  if (error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') return `frame of more than ${MAX_FRAME_BYTES} bytes`;
  if (error.code === 'WS_ERR_TOO_MANY_BUFFERED_PARTS') return 'frame in too many fragments';
  return `broken frame: ${error.message}`;
}

function closeReason(code: number, text: string): string {
  if (code === ABNORMAL_CLOSURE) return 'connection lost';
  if (code === NO_STATUS) return 'closed by the peer';
  return `closed by the peer: ${code}${text && ` ${quotable(text, MAX_CLOSE_REASON_BYTES)}`}`;
}
