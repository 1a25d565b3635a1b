import { onAbort } from './abort-listener.ts';
import { abortionOf, ClientError, clientErrorOf, closureOf } from './client-error.ts';
import { type LinkState, NodeConnection } from './node-connection.ts';
import type { NodeTransport } from './node-transport.ts';
import { FollowSubscription, PlaceQuery } from './operation-documents.ts';
import { eventOf, type StreamedEvent, typedAnswer } from './typed-answers.ts';
import type { BlockPlace, NodeEvent } from './types.ts';

/** Longest queue for a slow reader; beyond it the queue is dropped, and a snapshot and a gap stand in its place. */
const MAX_QUEUED = 10_000;

/** News of a node: the tip of each snapshot, and the events in between. A gap follows the tip that it leads to, a reset comes before it. */
export type NodeUpdate =
  | { readonly kind: 'tip'; readonly tip: BlockPlace }
  | { readonly kind: 'event'; readonly event: NodeEvent };

/** What is watched, where it begins and when it ends. */
export interface WatchOptions<Item> {
  readonly transport: NodeTransport;
  /** What the reader gets of an update; null: nothing. */
  readonly pick: (update: NodeUpdate) => Item | null;
  readonly after?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

type Result<Item> = IteratorResult<Item, void>;

interface Reader<Item> {
  resolve(result: Result<Item>): void;
  reject(error: ClientError): void;
}

/**
 * Watches a node from the first `next()` on, also across lost connections. Its connection closes at once when the signal
 * is aborted or the reader returns. `next()` rejects with a {@link ClientError}, once, when the signal is aborted or the
 * client is closed, when the node refuses to be watched, or when what answers is no node of this version or claims a network that cannot exist.
 */
export class NodeWatch<Item> implements AsyncIterable<Item> {
  readonly #options: WatchOptions<Item>;
  #connection: { close(): void; skipAhead(): void } | null = null;
  #forgets: (() => void)[] = [];
  #queue: Item[] = [];
  /** Calls of `next` that wait; the queue is empty then. */
  #readers: Reader<Item>[] = [];
  /** Not told yet. */
  #failure: ClientError | null = null;
  #isOver = false;

  constructor(options: WatchOptions<Item>) {
    this.#options = options;
  }

  next(): Promise<Result<Item>> {
    if (!this.#connection && !this.#isOver) this.#start();
    const item = this.#queue.shift();
    if (item !== undefined) return Promise.resolve({ done: false, value: item });
    const failure = this.#failure;
    this.#failure = null;
    if (failure) return Promise.reject(failure);
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
  }

  return(): Promise<Result<Item>> {
    this.#queue = [];
    this.#failure = null;
    this.#end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #start(): void {
    const { transport, after, signal } = this.#options;
    let cursor = after ?? '';
    const connection = new NodeConnection({
      transport,
      view: { snapshot: PlaceQuery, variables: {}, events: FollowSubscription },
      now: () => Date.now(),
      after,
      listener: {
        state: (state) => {
          const failure = failureOf(state, transport.url);
          if (failure) this.#fail(failure);
        },
        snapshot: ({ nodeInfo, tip }) => {
          this.#put({ kind: 'tip', tip });
          cursor = nodeInfo.cursor;
        },
        event: (event: StreamedEvent) => this.#putEvent(event),
        gap: (gap) => {
          const missed = gap.kind === 'missed' ? gap.count : null;
          this.#put({ kind: 'event', event: { __typename: 'GapEvent', cursor, missed } });
        },
        latency: () => {},
        givenUp: () => {},
      },
    });
    this.#connection = connection;
    const { closed } = transport;
    const giveUp = (failure: ClientError) => {
      this.#queue = [];
      this.#fail(failure);
    };
    this.#forgets = [
      onAbort(closed, () => giveUp(closureOf(closed as AbortSignal))),
      onAbort(signal, () => giveUp(abortionOf(signal as AbortSignal))),
    ];
    if (this.#isOver) this.#forgetSignals();
    else void connection.run();
  }

  #put(update: NodeUpdate): void {
    if (this.#isOver) return;
    const item = this.#options.pick(update);
    if (item === null) return;
    const reader = this.#readers.shift();
    if (reader) return reader.resolve({ done: false, value: item });
    this.#queue.push(item);
    if (this.#queue.length <= MAX_QUEUED) return;
    this.#queue = [];
    this.#connection?.skipAhead();
  }

  #putEvent(streamed: StreamedEvent): void {
    let event: NodeEvent;
    try {
      event = typedAnswer(this.#options.transport.url, streamed, eventOf);
    } catch (error) {
      return this.#fail(clientErrorOf(error));
    }
    this.#put({ kind: 'event', event });
  }

  #fail(failure: ClientError): void {
    if (this.#isOver) return;
    const reader = this.#readers.shift();
    if (reader) reader.reject(failure);
    else this.#failure = failure;
    this.#end();
  }

  #forgetSignals(): void {
    for (const forget of this.#forgets) forget();
  }

  /** Nothing of it is left but what was not read yet. */
  #end(): void {
    this.#isOver = true;
    this.#forgetSignals();
    this.#connection?.close();
    for (const reader of this.#readers.splice(0)) reader.resolve({ done: true, value: undefined });
  }
}

/** Why a node cannot be watched; null while another attempt may succeed. */
function failureOf(state: LinkState, url: string): ClientError | null {
  if (state.kind !== 'offline' || state.cause === null) return null;
  const { cause } = state;
  if (cause instanceof ClientError) return cause;
  return new ClientError('not-a-node', `${url} claims a network that cannot exist: ${cause.message}`, { cause });
}
