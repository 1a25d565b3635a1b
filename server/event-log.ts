import { randomBytes } from 'node:crypto';
import type { Notice } from '../protocol/notices.ts';

/** Events that are kept for those who come back; older ones are a gap. */
export const MAX_LOGGED_EVENTS = 10_000;
/** Events that one subscriber may be behind before its stream is closed. */
const MAX_BEHIND_EVENTS = 1_000;
/** Digits that tell one run of a node from another. */
const RUN_ID_BYTES = 4;

/** One published notice. The same object is given to every reader, so whatever is derived from it is derived once. */
export interface LoggedEvent {
  readonly cursor: string;
  /** Unix milliseconds. */
  readonly atMs: number;
  readonly notice: Notice;
}

/** In place of events that are not kept any more, or belong to an earlier run of the node. */
export interface Gap {
  readonly cursor: string;
  readonly atMs: number;
  readonly notice: { readonly kind: 'gap'; readonly missed: number | null };
}

export type StreamedEvent = LoggedEvent | Gap;

/** The subscriber took its events more slowly than they came. */
export class SlowSubscriberError extends Error {
  constructor() {
    super(`more than ${MAX_BEHIND_EVENTS} events behind; subscribe again with the last cursor`);
    this.name = 'SlowSubscriberError';
  }
}

/**
 * What a node published, in order, with a cursor for each event: a reader that comes back with its last cursor misses
 * nothing, or is told that it did.
 */
export class EventLog {
  readonly #run = randomBytes(RUN_ID_BYTES).toString('hex');
  readonly #events: LoggedEvent[] = [];
  /** Sequence number of the first event that is kept. */
  #first = 1;
  readonly #subscribers = new Set<Subscriber>();
  #isClosed = false;

  get lastCursor(): string {
    return this.#cursor(this.#first + this.#events.length - 1);
  }

  get subscriberCount(): number {
    return this.#subscribers.size;
  }

  append(notice: Notice, atMs: number): void {
    const event = { cursor: this.#cursor(this.#first + this.#events.length), atMs, notice };
    this.#events.push(event);
    if (this.#events.length > MAX_LOGGED_EVENTS) {
      this.#events.shift();
      this.#first++;
    }
    for (const subscriber of this.#subscribers) subscriber.push(event);
  }

  /**
   * Events after a cursor, oldest first; without one, all that are kept.
   * @returns null where the text is no cursor
   */
  since(cursor: string | null, limit: number, nowMs: number): StreamedEvent[] | null {
    const start = this.#startAfter(cursor, nowMs);
    if (!start) return null;
    const events = this.#events.slice(start.index, start.index + limit);
    return start.gap ? [start.gap, ...events].slice(0, limit) : events;
  }

  /**
   * Streams events: those after the cursor first, then new ones as they come. Without a cursor only new ones.
   * @returns null where the text is no cursor
   * @throws SlowSubscriberError out of the stream
   */
  subscribe(cursor: string | null, nowMs: number): AsyncIterableIterator<StreamedEvent, undefined> | null {
    const start = cursor === null ? { index: this.#events.length, gap: null } : this.#startAfter(cursor, nowMs);
    if (!start) return null;
    const backlog = this.#events.slice(start.index);
    const subscriber = new Subscriber(start.gap ? [start.gap, ...backlog] : backlog, () =>
      this.#subscribers.delete(subscriber),
    );
    if (this.#isClosed) subscriber.end();
    else this.#subscribers.add(subscriber);
    return subscriber;
  }

  /** Ends every stream. */
  close(): void {
    this.#isClosed = true;
    for (const subscriber of [...this.#subscribers]) subscriber.end();
  }

  #cursor(sequence: number): string {
    return `${this.#run}-${sequence}`;
  }

  #startAfter(cursor: string | null, nowMs: number): { index: number; gap: Gap | null } | null {
    if (cursor === null) return { index: 0, gap: null };
    const [, run, digits] = /^([0-9a-f]{8})-([0-9]{1,15})$/.exec(cursor) ?? [];
    if (run === undefined || digits === undefined) return null;
    const next = Number(digits) + 1;
    if (run !== this.#run) return { index: 0, gap: this.#gap(null, nowMs) };
    if (next < this.#first) return { index: 0, gap: this.#gap(this.#first - next, nowMs) };
    return { index: next - this.#first, gap: null };
  }

  #gap(missed: number | null, atMs: number): Gap {
    return { cursor: this.#cursor(this.#first - 1), atMs, notice: { kind: 'gap', missed } };
  }
}

/** One stream: a queue that fills as events come and empties as they are taken, with a bound. */
class Subscriber implements AsyncIterableIterator<StreamedEvent, undefined> {
  readonly #queue: StreamedEvent[];
  /** Events of the past do not count as being behind. */
  readonly #limit: number;
  readonly #onEnd: () => void;
  #waiting: { resolve(result: IteratorResult<StreamedEvent, undefined>): void; reject(error: Error): void } | null =
    null;
  #ended: 'no' | 'yes' | 'too-slow' = 'no';

  constructor(backlog: StreamedEvent[], onEnd: () => void) {
    this.#queue = backlog;
    this.#limit = backlog.length + MAX_BEHIND_EVENTS;
    this.#onEnd = onEnd;
  }

  push(event: StreamedEvent): void {
    if (this.#waiting) {
      this.#waiting.resolve({ value: event, done: false });
      this.#waiting = null;
    } else if (this.#queue.length < this.#limit) this.#queue.push(event);
    else {
      this.#queue.length = 0;
      this.#finish('too-slow');
    }
  }

  end(): void {
    this.#finish('yes');
    this.#waiting?.resolve({ value: undefined, done: true });
    this.#waiting = null;
  }

  next(): Promise<IteratorResult<StreamedEvent, undefined>> {
    const event = this.#queue.shift();
    if (event) return Promise.resolve({ value: event, done: false });
    if (this.#ended === 'too-slow') {
      this.#ended = 'yes';
      return Promise.reject(new SlowSubscriberError());
    }
    if (this.#ended === 'yes') return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  return(): Promise<IteratorResult<StreamedEvent, undefined>> {
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #finish(how: 'yes' | 'too-slow'): void {
    if (this.#ended === 'no') this.#ended = how;
    this.#onEnd();
  }
}
