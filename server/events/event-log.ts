import { randomBytes } from 'node:crypto';
import type { Notice } from '../../protocol/notices.ts';
import type { ContractNotice } from './emissions.ts';

/** Events that are stored for reconnecting and slow subscribers, but for those of contracts; older ones become a gap. */
export const MAX_LOGGED_EVENTS = 10_000;
/**
 * Bytes of stored events of contracts. They have a limit of their own: a block can hold more than a thousand, and must not take
 * the place of thousands of blocks. Beyond it the oldest events of all kinds become a gap.
 */
export const MAX_CONTRACT_EVENT_BYTES = 16 * 1024 * 1024;
/** What an event of a contract takes besides its receipt, about. */
const CONTRACT_EVENT_OVERHEAD_BYTES = 512;
/** Events that are no longer stored leave the list so many at a time: each time moves all that follow. */
const DROPPED_TOGETHER = 1_024;
/** Length of the random id that distinguishes runs of a node. */
const RUN_ID_BYTES = 4;

/** What is stored: a notice of the node, or what contracts emitted in a block that it tells of. */
export type LoggedNotice = Notice | ContractNotice;

/** One published notice. The same object is given to every reader, so that values derived from it can be cached by it. */
export interface LoggedEvent {
  readonly cursor: string;
  /** Unix milliseconds. */
  readonly atMs: number;
  readonly notice: LoggedNotice;
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
    super('too far behind: the next event is no longer stored; subscribe again with the last cursor');
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
  /** Sequence number of the first event in the list, and of the first one that is still stored. */
  #listed = 1;
  #first = 1;
  /** Of what is stored. */
  #contractBytes = 0;
  #others = 0;
  /** Sequence number of the last event that voided all before it; 0: there was none. */
  #lastReset = 0;
  readonly #subscribers = new Set<Subscriber>();
  #isClosed = false;

  get subscriberCount(): number {
    return this.#subscribers.size;
  }

  append(notice: LoggedNotice, atMs: number): void {
    const event = { cursor: this.#cursor(this.#end), atMs, notice };
    this.#events.push(event);
    this.#count(event, 1);
    while (this.#others > MAX_LOGGED_EVENTS || this.#contractBytes > MAX_CONTRACT_EVENT_BYTES) this.#dropFirst();
    for (const subscriber of this.#subscribers) subscriber.wake();
  }

  /**
   * Appends an event that voids all before it: they are not kept, and every reader, from whichever of their cursors it
   * continues, finds this event next. Once this event itself is no longer kept, a reader from before it finds a gap.
   */
  reset(notice: Notice, atMs: number): void {
    this.#first = this.#end;
    this.#listed = this.#first;
    this.#events.length = 0;
    this.#contractBytes = 0;
    this.#others = 0;
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
    for (let sequence = this.#end - 1; sequence >= this.#first && found.length < limit; sequence--) {
      const event = this.at(sequence);
      if (event && isWanted(event)) found.push(event);
    }
    return found.reverse();
  }

  /** The event with a sequence number. Undefined: it has not happened yet. Null: it is no longer stored. */
  at(sequence: number): LoggedEvent | null | undefined {
    return sequence < this.#first ? null : this.#events[sequence - this.#listed];
  }

  /**
   * Events after a cursor, oldest first; without one, all that are stored.
   * @returns null if the text is not a cursor
   */
  since(cursor: string | null, limit: number, nowMs: number): StreamedEvent[] | null {
    const start = this.#startAfter(cursor, nowMs);
    if (!start) return null;
    const index = start.sequence - this.#listed;
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
    return this.#listed + this.#events.length;
  }

  #count({ notice }: LoggedEvent, sign: 1 | -1): void {
    if (notice.kind === 'contract')
      this.#contractBytes += sign * (notice.receipt.length + CONTRACT_EVENT_OVERHEAD_BYTES);
    else this.#others += sign;
  }

  #dropFirst(): void {
    const event = this.at(this.#first);
    if (event) this.#count(event, -1);
    this.#first++;
    const dropped = this.#first - this.#listed;
    if (dropped < DROPPED_TOGETHER) return;
    this.#events.splice(0, dropped);
    this.#listed = this.#first;
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
