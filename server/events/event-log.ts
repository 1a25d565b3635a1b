import { randomBytes } from 'node:crypto';
import type { Notice } from '../../protocol/notices.ts';

/** Events that are stored for reconnecting and slow subscribers; older ones become a gap. */
export const MAX_LOGGED_EVENTS = 10_000;
/** Length of the random id that distinguishes runs of a node. */
const RUN_ID_BYTES = 4;

/** One published notice. The same object is given to every reader, so that values derived from it can be cached by it. */
export interface LoggedEvent {
  readonly cursor: string;
  /** Unix milliseconds. */
  readonly atMs: number;
  readonly notice: Notice;
}

/** Stands for events that are no longer stored, or for a cursor that this run of the node has not given. */
export interface Gap {
  readonly cursor: string;
  readonly atMs: number;
  readonly notice: { readonly kind: 'gap'; readonly missed: number | null };
}

export type StreamedEvent = LoggedEvent | Gap;

/** The subscriber fell behind: its next event is no longer stored. */
export class SlowSubscriberError extends Error {
  constructor() {
    super(`more than ${MAX_LOGGED_EVENTS} events behind; subscribe again with the last cursor`);
    this.name = 'SlowSubscriberError';
  }
}

/**
 * Stores what a node published, in order, with a cursor for each event: a reader that reconnects with its last cursor
 * misses nothing, or gets a gap.
 */
export class EventLog {
  readonly #run = randomBytes(RUN_ID_BYTES).toString('hex');
  readonly #events: LoggedEvent[] = [];
  /** Sequence number of the first event that is kept. */
  #first = 1;
  /** Sequence number of the last event that voided all before it; 0: there was none. */
  #lastReset = 0;
  readonly #subscribers = new Set<Subscriber>();
  #isClosed = false;

  get subscriberCount(): number {
    return this.#subscribers.size;
  }

  append(notice: Notice, atMs: number): void {
    const event = { cursor: this.#cursor(this.#end), atMs, notice };
    this.#events.push(event);
    if (this.#events.length > MAX_LOGGED_EVENTS) {
      this.#events.shift();
      this.#first++;
    }
    for (const subscriber of this.#subscribers) subscriber.wake();
  }

  /**
   * Appends an event that voids all before it: they are not kept, and every reader, from whichever of their cursors it
   * continues, finds this event next. Once this event itself is no longer kept, a reader from before it finds a gap.
   */
  reset(notice: Notice, atMs: number): void {
    this.#first = this.#end;
    this.#events.length = 0;
    this.#lastReset = this.#first;
    for (const subscriber of this.#subscribers) subscriber.skipTo(this.#first);
    this.append(notice, atMs);
  }

  /**
   * Sends an event to current subscribers without storing it: for progress that is soon out of date. Its cursor is that
   * of the last stored event, so that a reader that continues from it misses nothing.
   */
  broadcast(notice: Notice, atMs: number): void {
    const event = { cursor: this.lastCursor, atMs, notice };
    for (const subscriber of this.#subscribers) subscriber.offer(event);
  }

  /** Cursor of the last stored event: a subscription with it begins with the next one. */
  get lastCursor(): string {
    return this.#cursor(this.#end - 1);
  }

  /** The latest events for which `isWanted` holds, oldest first. */
  latest(limit: number, isWanted: (event: LoggedEvent) => boolean = () => true): LoggedEvent[] {
    const found: LoggedEvent[] = [];
    for (let index = this.#events.length - 1; index >= 0 && found.length < limit; index--) {
      const event = this.#events[index];
      if (event && isWanted(event)) found.push(event);
    }
    return found.reverse();
  }

  /** The event with a sequence number. Undefined: it has not happened yet. Null: it is no longer stored. */
  at(sequence: number): LoggedEvent | null | undefined {
    return sequence < this.#first ? null : this.#events[sequence - this.#first];
  }

  /**
   * Events after a cursor, oldest first; without one, all that are stored.
   * @returns null if the text is not a cursor
   */
  since(cursor: string | null, limit: number, nowMs: number): StreamedEvent[] | null {
    const start = this.#startAfter(cursor, nowMs);
    if (!start) return null;
    const index = start.sequence - this.#first;
    const events = this.#events.slice(index, index + limit);
    return start.gap ? [start.gap, ...events].slice(0, limit) : events;
  }

  /**
   * Streams events: those after the cursor first, then new ones as they come. Without a cursor only new ones.
   * @param isWanted other events are skipped; gaps are always delivered
   * @returns null if the text is not a cursor
   * @throws SlowSubscriberError out of the stream
   */
  subscribe(
    cursor: string | null,
    nowMs: number,
    isWanted: (event: LoggedEvent) => boolean = () => true,
  ): AsyncIterableIterator<StreamedEvent, undefined> | null {
    const start = cursor === null ? { sequence: this.#end, gap: null } : this.#startAfter(cursor, nowMs);
    if (!start) return null;
    const subscriber = new Subscriber(this, start.sequence, start.gap, isWanted, () =>
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

  /** Sequence number of the next event. */
  get #end(): number {
    return this.#first + this.#events.length;
  }

  #cursor(sequence: number): string {
    return `${this.#run}-${sequence}`;
  }

  #startAfter(cursor: string | null, nowMs: number): { sequence: number; gap: Gap | null } | null {
    if (cursor === null) return { sequence: this.#first, gap: null };
    const [, run, digits] = /^([0-9a-f]{8})-([0-9]{1,15})$/.exec(cursor) ?? [];
    if (run === undefined || digits === undefined) return null;
    const next = Number(digits) + 1;
    const isFuture = next > this.#end;
    if (run !== this.#run || isFuture) return { sequence: this.#first, gap: this.#gap(null, nowMs) };
    // What a reset has voided is not missed.
    const sequence = Math.max(next, this.#lastReset);
    if (sequence >= this.#first) return { sequence, gap: null };
    return { sequence: this.#first, gap: this.#gap(this.#first - sequence, nowMs) };
  }

  #gap(missed: number | null, atMs: number): Gap {
    return { cursor: this.#cursor(this.#first - 1), atMs, notice: { kind: 'gap', missed } };
  }
}

/** One stream: a place in the log that moves on as events are taken. */
class Subscriber implements AsyncIterableIterator<StreamedEvent, undefined> {
  readonly #log: EventLog;
  readonly #isWanted: (event: LoggedEvent) => boolean;
  readonly #onEnd: () => void;
  #next: number;
  #gap: Gap | null;
  #waiting: { resolve(result: IteratorResult<StreamedEvent, undefined>): void } | null = null;
  #isOver = false;

  constructor(
    log: EventLog,
    next: number,
    gap: Gap | null,
    isWanted: (event: LoggedEvent) => boolean,
    onEnd: () => void,
  ) {
    this.#log = log;
    this.#next = next;
    this.#gap = gap;
    this.#isWanted = isWanted;
    this.#onEnd = onEnd;
  }

  /** Delivers the next event if the subscriber waits for one. */
  wake(): void {
    const event = this.#waiting && this.#take();
    if (!event) return;
    this.#waiting?.resolve({ value: event, done: false });
    this.#waiting = null;
  }

  /** Delivers an event that is not stored, if the subscriber has taken all stored ones and waits. */
  offer(event: LoggedEvent): void {
    if (!this.#waiting || !this.#isWanted(event)) return;
    this.#waiting.resolve({ value: event, done: false });
    this.#waiting = null;
  }

  /** Continues at this place: what lies before is void. */
  skipTo(sequence: number): void {
    this.#gap = null;
    this.#next = Math.max(this.#next, sequence);
  }

  end(): void {
    this.#isOver = true;
    this.#onEnd();
    this.#waiting?.resolve({ value: undefined, done: true });
    this.#waiting = null;
  }

  next(): Promise<IteratorResult<StreamedEvent, undefined>> {
    if (this.#log.at(this.#next) === null && !this.#isOver) {
      this.end();
      return Promise.reject(new SlowSubscriberError());
    }
    const event = this.#take();
    if (event) return Promise.resolve({ value: event, done: false });
    if (this.#isOver) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => {
      this.#waiting = { resolve };
    });
  }

  return(): Promise<IteratorResult<StreamedEvent, undefined>> {
    this.#next = Number.POSITIVE_INFINITY;
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Takes the next wanted event, if it has happened. */
  #take(): StreamedEvent | null {
    const gap = this.#gap;
    this.#gap = null;
    if (gap) return gap;
    for (let event = this.#log.at(this.#next); event; event = this.#log.at(this.#next)) {
      this.#next++;
      if (this.#isWanted(event)) return event;
    }
    return null;
  }
}
