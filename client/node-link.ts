import type { CombinedError, TypedDocumentNode } from '@urql/core';
import { createClient as createSocket, type Client as SocketClient } from 'graphql-ws';
import { checkNetworkClaim, SpendingError } from '../consensus/spending-rules.ts';
import { contextOf, createClient } from './client.ts';
import { EventsSubscription, type NodeEvent, type Snapshot, SnapshotQuery } from './documents.ts';
import { ABORTED, Failure, failureOf, UNREACHABLE } from './failure.ts';

/** Time between two attempts to reach a node that does not answer, and that somebody has named. */
const RETRY_MS = 1_000;
/** The longest such time for a node that was only heard of; it doubles with every attempt that fails. */
const MAX_DISCOVERED_RETRY_MS = 30_000;
/** Attempts after which such a node is given up, if it has never answered; of one on a third host, fewer. */
const MAX_DISCOVERED_ATTEMPTS = 3;
const MAX_ELSEWHERE_ATTEMPTS = 2;
/** An attempt that takes longer has failed. Browsers hold attempts back where there are many at once. */
const CONNECT_TIMEOUT_MS = 10_000;
/** How often a node is asked whether it is still there, after its last answer; its answer also gives the latency. */
const PING_MS = 400;
/** A node that has not answered by then is taken for gone: with the time between pings less than two seconds. */
const PONG_TIMEOUT_MS = 1_300;
/** A question that takes longer has failed. Mining is no question: it takes as long as it takes. */
const QUERY_TIMEOUT_MS = 10_000;
/** Heights of the first picture. */
const SNAPSHOT_DEPTH = 150;
/** Pending transactions of the first picture; the rest comes in pages. */
const SNAPSHOT_PENDING = 100;

/** How often a link tries to reach its node. */
export interface Retries {
  /** Time after the first attempt that fails; it doubles up to the longest one. */
  readonly shortestMs: number;
  readonly longestMs: number;
  /** Attempts after which a node that has never answered is given up. */
  readonly maxAttempts: number;
}

/** Whoever names a node wants to see it come back at once. */
export const NAMED_RETRIES: Retries = {
  shortestMs: RETRY_MS,
  longestMs: RETRY_MS,
  maxAttempts: Number.POSITIVE_INFINITY,
};

/** What a node says of others must not make the page knock at doors for ever. */
export const DISCOVERED_RETRIES: Retries = {
  shortestMs: RETRY_MS,
  longestMs: MAX_DISCOVERED_RETRY_MS,
  maxAttempts: MAX_DISCOVERED_ATTEMPTS,
};

export const ELSEWHERE_RETRIES: Retries = { ...DISCOVERED_RETRIES, maxAttempts: MAX_ELSEWHERE_ATTEMPTS };

/**
 * Why a node is offline: nothing answers there; the connection was lost; it fell silent; it answers, but not to what
 * this page asks, as another version may; or it says of its network what cannot be, see `checkNetworkClaim`.
 */
export type OfflineReason = 'unreachable' | 'lost' | 'silent' | 'foreign' | 'false-network';

/** connecting -> online <-> offline, or connecting -> offline. */
export type LinkState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'online'; readonly sinceMs: number }
  | { readonly kind: 'offline'; readonly sinceMs: number; readonly why: OfflineReason };

/** Events that were not told: `restarted` where the node has started anew since, else how many. */
export type Gap =
  | { readonly kind: 'restarted'; readonly atMs: number }
  | { readonly kind: 'missed'; readonly atMs: number; readonly count: number | null };

/** What a link tells whoever made it. */
export interface LinkListener {
  state(state: LinkState): void;
  /** All of the node, anew: at the beginning, and after a gap. What was known of it before is void. */
  snapshot(snapshot: Snapshot): void;
  event(event: NodeEvent): void;
  gap(gap: Gap): void;
  /** Round trip of a ping over the open socket. */
  latency(ms: number): void;
  /** The link has ended: its node has never answered. */
  givenUp(): void;
}

/** What a link takes from its surroundings. */
export interface LinkPlatform {
  now(): number;
  /** The WebSocket of this platform; undefined: the browser's own. */
  readonly webSocketImpl?: unknown;
}

type Variables = Record<string, unknown>;

/**
 * The connection to one node: takes a first picture, follows its events from there, and comes back by itself when it
 * was lost, behind the last event that it saw. It never polls a node that answers.
 */
export class NodeLink {
  readonly url: string;
  readonly #listener: LinkListener;
  readonly #platform: LinkPlatform;
  readonly #stop = new AbortController();
  /** Aborted when the connection is lost: nobody answers any more. */
  #lost = new AbortController();
  #socket: SocketClient | null = null;
  #token: string | null = null;
  /** The one that the last picture was taken with. */
  #knownToken: string | null = null;
  #cursor: string | null = null;
  /** Where the stream has failed: if it does so again there, what comes next cannot be had. */
  #failedAt: string | null = null;
  #startedAt: string | null = null;
  #wake: () => void = () => {};
  #retries: Retries;
  /** Attempts in a row that failed. */
  #failures = 0;
  #attemptedAtMs = Number.NEGATIVE_INFINITY;

  /** @param url base URL of the node, see `parseNodeUrl` */
  constructor(url: string, listener: LinkListener, platform: LinkPlatform, retries: Retries = NAMED_RETRIES) {
    this.url = url;
    this.#listener = listener;
    this.#platform = platform;
    this.#retries = retries;
  }

  /** Runs until it is closed, or gives its node up. */
  async run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.#attemptedAtMs = this.#platform.now();
      this.#failures++;
      await this.#session();
      const { shortestMs, longestMs, maxAttempts } = this.#retries;
      if (this.#startedAt === null && this.#failures >= maxAttempts && !this.#stop.signal.aborted) {
        this.close();
        this.#listener.givenUp();
        return;
      }
      await this.#pause(Math.min(longestMs, shortestMs * 2 ** Math.max(0, this.#failures - 1)));
    }
  }

  /** Tries as often as this from now on, and at once. */
  useRetries(retries: Retries): void {
    this.#retries = retries;
    this.retry();
  }

  /** Somebody has seen the node just now: it is tried without delay, but not more often than a node that was named. */
  hurry(): void {
    if (this.#platform.now() - this.#attemptedAtMs < RETRY_MS) return;
    this.retry();
  }

  /** Ends the connection for good. */
  close(): void {
    this.#stop.abort();
    this.#socket?.terminate();
    this.#wake();
  }

  /** Loses the connection on purpose; it is taken up again behind the last event. */
  disconnect(): void {
    this.#socket?.terminate();
  }

  /**
   * Takes the picture of the node anew: for what no event tells of.
   * @throws {Failure} in words, with a code
   */
  async refresh(): Promise<void> {
    this.#listener.snapshot(await this.#snapshot());
  }

  /** Tries at once, instead of at the next attempt. */
  retry(): void {
    this.#failures = 0;
    this.#wake();
  }

  /** Shows the node this token from now on; null: none. */
  useToken(token: string | null): void {
    this.#token = token;
    this.#cursor = null;
    this.#socket?.terminate();
    this.#wake();
  }

  /**
   * Asks the node.
   * @throws {Failure} in words, with a code
   */
  async query<Data, Asked extends Variables>(
    document: TypedDocumentNode<Data, Asked>,
    variables: Asked,
    signal?: AbortSignal,
  ): Promise<Data> {
    const limit = AbortSignal.any([
      this.#stop.signal,
      AbortSignal.timeout(QUERY_TIMEOUT_MS),
      ...(signal ? [signal] : []),
    ]);
    // A client of its own: one would take two questions that are alike for one, and give both up together.
    const result = await createClient(this.url).query(document, variables, contextOf(limit, this.#token));
    return dataOf(result.data, result.error, this.url);
  }

  /**
   * Tells the node to do something.
   * @param limit gives up waiting, for what takes as long as it takes: a node gives up mining, too. Without it an order
   *   has as much time as a question
   * @throws {Failure} in words, with a code; also when the connection is lost meanwhile
   */
  async mutate<Data, Asked extends Variables>(
    document: TypedDocumentNode<Data, Asked>,
    variables: Asked,
    limit: AbortSignal = AbortSignal.timeout(QUERY_TIMEOUT_MS),
  ): Promise<Data> {
    const signal = AbortSignal.any([limit, this.#stop.signal, this.#lost.signal]);
    const result = await createClient(this.url).mutation(document, variables, contextOf(signal, this.#token));
    return dataOf(result.data, result.error, this.url);
  }

  /** One connection, from the attempt until it is lost. */
  async #session(): Promise<void> {
    const session = new Session();
    this.#lost = new AbortController();
    const socket = this.#openSocket(session);
    this.#socket = socket;
    // The socket's end, if it comes first, says more than what fails because of it.
    this.#follow(socket, session).catch((error: unknown) => session.end(reasonOf(error)));
    const why = await session.ended;
    this.#socket = null;
    this.#lost.abort(new Failure(UNREACHABLE, `the connection to ${this.url} was lost`));
    // What goes wrong on the way out is of no interest any more.
    Promise.resolve(socket.dispose()).catch(() => {});
    this.#listener.state({ kind: 'offline', sinceMs: this.#platform.now(), why });
  }

  #openSocket(session: Session): SocketClient {
    const { now, webSocketImpl } = this.#platform;
    let pingedAtMs = 0;
    let silence: ReturnType<typeof setTimeout> | undefined;
    let hasConnected = false;
    const giveUp = setTimeout(() => {
      session.end('unreachable');
      socket.terminate();
    }, CONNECT_TIMEOUT_MS);
    const socket = createSocket({
      url: `${this.url.replace(/^http/, 'ws')}/graphql`,
      webSocketImpl,
      connectionParams: () => (this.#token === null ? {} : { authorization: `Bearer ${this.#token}` }),
      lazy: false,
      // What is to come after a lost connection has another cursor, so that this class does it.
      retryAttempts: 0,
      onNonLazyError: () => {},
      keepAlive: PING_MS,
      on: {
        connected: () => {
          hasConnected = true;
          clearTimeout(giveUp);
        },
        ping: (isReceived) => {
          if (isReceived) return;
          pingedAtMs = now();
          silence = setTimeout(() => {
            session.end('silent');
            socket.terminate();
          }, PONG_TIMEOUT_MS);
        },
        pong: (isReceived) => {
          if (!isReceived) return;
          clearTimeout(silence);
          this.#listener.latency(now() - pingedAtMs);
        },
        closed: () => {
          clearTimeout(giveUp);
          clearTimeout(silence);
          session.end(hasConnected ? 'lost' : 'unreachable');
        },
      },
    });
    return socket;
  }

  /** Follows the node's events until the session ends. */
  async #follow(socket: SocketClient, session: Session): Promise<void> {
    await new Promise<void>((resolve) => {
      socket.on('connected', () => resolve());
    });
    const isFirst = this.#startedAt === null;
    const hasMissed = this.#cursor === null && !isFirst;
    if (this.#cursor === null && !(await this.#takeSnapshot(session))) return;
    if (hasMissed && this.#token === this.#knownToken) {
      this.#listener.gap({ kind: 'missed', atMs: this.#platform.now(), count: null });
    }
    this.#knownToken = this.#token;
    this.#failures = 0;
    this.#listener.state({ kind: 'online', sinceMs: this.#platform.now() });
    for (;;) {
      const missed = await this.#untilGap(socket, session);
      const startedAt = this.#startedAt;
      const snapshot = await this.#takeSnapshot(session);
      if (!snapshot) return;
      const atMs = this.#platform.now();
      const isRestarted = snapshot.nodeInfo.startedAt !== startedAt;
      this.#listener.gap(isRestarted ? { kind: 'restarted', atMs } : { kind: 'missed', atMs, count: missed });
    }
  }

  /** @returns null where the session is over: there may be a later picture already */
  async #takeSnapshot(session: Session): Promise<Snapshot | null> {
    const snapshot = await this.#snapshot();
    if (session.isOver) return null;
    this.#cursor = snapshot.nodeInfo.cursor;
    this.#startedAt = snapshot.nodeInfo.startedAt;
    this.#listener.snapshot(snapshot);
    return snapshot;
  }

  async #snapshot(): Promise<Snapshot> {
    const snapshot = await this.query(SnapshotQuery, { depth: SNAPSHOT_DEPTH, pending: SNAPSHOT_PENDING });
    checkNetworkClaim(snapshot.nodeInfo);
    return snapshot;
  }

  /** Hands on events until the node says that some are missing; resolves with how many, if it knows. */
  #untilGap(socket: SocketClient, session: Session): Promise<number | null> {
    return new Promise((resolve) => {
      const stream = createClient(this.url, socket).subscription(EventsSubscription, { after: this.#cursor ?? '' });
      const subscription = stream.subscribe(({ data, error }) => {
        if (error) {
          // A slow page is sent away: with its cursor it goes on where it was, if it is not sent away there again.
          if (isAnswer(error)) {
            const isAgain = this.#failedAt === this.#cursor;
            this.#failedAt = this.#cursor;
            if (isAgain) this.#cursor = null;
          }
          session.end('lost');
          return;
        }
        const event = data?.events;
        // A stream that is ended tells its last event again.
        if (!event || this.#stop.signal.aborted) return;
        if (event.__typename === 'GapEvent') {
          subscription.unsubscribe();
          resolve(event.missed);
          return;
        }
        this.#cursor = event.cursor;
        this.#listener.event(event);
      });
    });
  }

  #pause(ms: number): Promise<void> {
    if (this.#stop.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** One connection: running -> over, by the first reason that there is. */
class Session {
  readonly ended: Promise<OfflineReason>;
  isOver = false;
  #resolve: (why: OfflineReason) => void = () => {};

  constructor() {
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  end(why: OfflineReason): void {
    this.isOver = true;
    this.#resolve(why);
  }
}

function reasonOf(error: unknown): OfflineReason {
  if (error instanceof SpendingError) return 'false-network';
  return isAnswer(error) ? 'foreign' : 'lost';
}

/** Whether the node itself said no, instead of being out of reach. */
function isAnswer(error: unknown): boolean {
  const { code } = failureOf(error, '');
  return code !== UNREACHABLE && code !== ABORTED;
}

function dataOf<Data>(data: Data | undefined, error: CombinedError | undefined, url: string): Data {
  if (error) throw failureOf(error, url);
  if (data === undefined) throw failureOf(new Error('the answer is empty'), url);
  return data;
}
