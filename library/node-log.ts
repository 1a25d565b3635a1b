import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';

/** Lines of a node's log that are kept; the oldest are dropped. */
const MAX_LINES = 1_000;
/** Longest line that is kept, in characters; the rest is cut off. */
const MAX_LINE_CHARS = 2_000;

/** The latest lines of the log of a node in a thread. */
export class NodeLog {
  /** For the thread, which sends its lines here. */
  readonly source: MessagePort;
  readonly #lines: MessagePort;
  #kept: string[] = [];
  #dropped = 0;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.source = port1;
    this.#lines = port2;
    port2.on('message', (text: string) => this.#keep(text));
    port2.unref();
  }

  /** Adds a line, or several, of this thread's own. */
  add(text: string): void {
    this.#takeWaiting();
    this.#keep(text);
  }

  /** Lines so far, also those that are no longer kept. */
  get count(): number {
    this.#takeWaiting();
    return this.#dropped + this.#kept.length;
  }

  /** Oldest first. @param after lines to leave out at the beginning: what `count` was at some moment */
  lines(after = 0): readonly string[] {
    const wanted = Math.min(MAX_LINES, this.count - after);
    return wanted > 0 ? this.#kept.slice(-wanted) : [];
  }

  /** What the thread has sent before is there at once: a caller with an answer of the node need not wait for its lines. */
  #takeWaiting(): void {
    for (let next = receiveMessageOnPort(this.#lines); next; next = receiveMessageOnPort(this.#lines)) {
      this.#keep(next.message);
    }
  }

  #keep(text: string): void {
    for (const line of text.trimEnd().split('\n')) this.#kept.push(line.slice(0, MAX_LINE_CHARS));
    // Cut rarely, so that adding a line does not move all others.
    if (this.#kept.length < 2 * MAX_LINES) return;
    this.#dropped += this.#kept.length - MAX_LINES;
    this.#kept = this.#kept.slice(-MAX_LINES);
  }
}
