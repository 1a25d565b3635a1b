import type { TypedDocumentNode } from '@urql/core';
import { checkNetworkClaim, type NetworkClaim, SpendingError } from '../consensus/spending-rules.ts';
import { ABORTED, ClientError, clientErrorOf, isPassing, UNREACHABLE } from './client-error.ts';
import { NodeSocket, SOCKET_LIMITS, type SocketLimits } from './node-socket.ts';
import type { NodeTransport } from './node-transport.ts';

/** Time between two attempts to reach a named node that does not answer. */
const RETRY_MS = 1_000;
/** The longest such time for a discovered node, which is known from others alone; it doubles with each failed attempt. */
const MAX_DISCOVERED_RETRY_MS = 30_000;
/** Attempts after which a discovered node is given up if it has never answered; fewer on a third host. */
const MAX_DISCOVERED_ATTEMPTS = 3;
const MAX_ELSEWHERE_ATTEMPTS = 2;

/** How often a connection tries to reach its node. */
export interface Retries {
  /** Time after the first attempt that fails; it doubles up to the longest one. */
  readonly shortestMs: number;
  readonly longestMs: number;
  /** Attempts after which a node that has never answered is given up. */
  readonly maxAttempts: number;
}

/** A user who names a node wants to see it return at once. */
export const NAMED_RETRIES: Retries = {
  shortestMs: RETRY_MS,
  longestMs: RETRY_MS,
  maxAttempts: Number.POSITIVE_INFINITY,
};

/** URLs that a node tells of must not make the page try strangers without end. */
export const DISCOVERED_RETRIES: Retries = {
  shortestMs: RETRY_MS,
  longestMs: MAX_DISCOVERED_RETRY_MS,
  maxAttempts: MAX_DISCOVERED_ATTEMPTS,
};

export const ELSEWHERE_RETRIES: Retries = { ...DISCOVERED_RETRIES, maxAttempts: MAX_ELSEWHERE_ATTEMPTS };

/**
 * Why a node is offline: nothing answers at its URL; the connection was lost; it stopped answering pings; it answers, but
 * not as a node of this version does; or it claims a network that cannot exist, see `checkNetworkClaim`.
 */
export type OfflineReason = 'unreachable' | 'lost' | 'silent' | 'foreign' | 'false-network';

/** connecting -> online <-> offline, or connecting -> offline. */
export type LinkState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'online'; readonly sinceMs: number }
  | {
      readonly kind: 'offline';
      readonly sinceMs: number;
      readonly why: OfflineReason;
      /** What the node answered, where that is the reason. */
      readonly cause: ClientError | SpendingError | null;
    };

/** Events that are missing: `restarted` where the node has started again since, else how many, null where unknown. */
export type Gap =
  | { readonly kind: 'restarted'; readonly atMs: number }
  | { readonly kind: 'missed'; readonly atMs: number; readonly count: number | null };

/** What every snapshot of a node contains. */
export interface NodeSnapshot {
  readonly nodeInfo: NetworkClaim & {
    /** Cursor of its latest event. */
    readonly cursor: string;
    readonly startedAt: string;
  };
}

/** An event of a node, of any kind. */
export interface StreamedEvent {
  readonly __typename: string;
  readonly cursor: string;
}

/** What is read of a node: a snapshot, and the events that follow it. */
export interface View<Seen extends NodeSnapshot, Event extends StreamedEvent, Asked extends Variables> {
  readonly snapshot: TypedDocumentNode<Seen, Asked>;
  readonly variables: Asked;
  readonly events: TypedDocumentNode<{ events: Event | GapEvent }, { after: string }>;
}

interface GapEvent {
  readonly __typename: 'GapEvent';
  readonly cursor: string;
  readonly missed: number | null;
}

/** What a connection reports. */
export interface ConnectionListener<Seen, Event> {
  state(state: LinkState): void;
  /** At the beginning, after each gap and each `ResetEvent`; it replaces all that was known of the node. */
  snapshot(snapshot: Seen): void;
  /** Directly after a `ResetEvent` comes a snapshot; it may contain what the next events tell already. */
  event(event: Event): void;
  gap(gap: Gap): void;
  /** Round trip of a ping over the open socket. */
  latency(ms: number): void;
  /** The connection has ended: its node has never answered. */
  givenUp(): void;
}

type Variables = Record<string, unknown>;

/** What a connection is made of. */
export interface ConnectionParts<Seen extends NodeSnapshot, Event extends StreamedEvent, Asked extends Variables> {
  readonly transport: NodeTransport;
  readonly view: View<Seen, Event, Asked>;
  readonly listener: ConnectionListener<Seen, Event>;
  /** Unix milliseconds. */
  now(): number;
  readonly retries?: Retries;
  /** Default: {@link SOCKET_LIMITS}. */
  readonly socketLimits?: SocketLimits;
  /** Cursor of the last event that was seen; without one it begins with a snapshot. */
  readonly after?: string | undefined;
}

/**
 * The connection to one node: takes a snapshot, follows the events from there, and when it is lost reconnects by itself
 * and continues after the last event that it saw. It never polls a node that answers.
 */
export class NodeConnection<Seen extends NodeSnapshot, Event extends StreamedEvent, Asked extends Variables> {
  readonly url: string;
  readonly #transport: NodeTransport;
  readonly #view: View<Seen, Event, Asked>;
  readonly #listener: ConnectionListener<Seen, Event>;
  readonly #now: () => number;
  readonly #socketLimits: SocketLimits;
  readonly #stop = new AbortController();
  /** Aborted when the connection is lost: no answer will come. */
  #lost = new AbortController();
  #socket: NodeSocket | null = null;
  #session: Session | null = null;
  /** The token that the last snapshot was taken with. */
  #knownToken: string | null;
  #cursor: string | null;
  /** Cursor where the stream has failed: after a second failure there, it restarts from a snapshot. */
  #failedAt: string | null = null;
  #startedAt: string | null = null;
  /** Whether events before the next snapshot would be missing. */
  #continues: boolean;
  #wake: () => void = () => {};
  #retries: Retries;
  /** Attempts in a row that failed. */
  #failures = 0;
  #attemptedAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: ConnectionParts<Seen, Event, Asked>) {
    const { transport, after } = parts;
    this.url = transport.url;
    this.#transport = transport;
    this.#view = parts.view;
    this.#listener = parts.listener;
    this.#now = parts.now;
    this.#socketLimits = parts.socketLimits ?? SOCKET_LIMITS;
    this.#retries = parts.retries ?? NAMED_RETRIES;
    this.#knownToken = transport.adminToken;
    this.#cursor = after ?? null;
    this.#continues = after !== undefined;
  }

  /** Runs until it is closed or gives the node up. */
  async run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.#attemptedAtMs = this.#now();
      this.#failures++;
      await this.#connect();
      const { shortestMs, longestMs, maxAttempts } = this.#retries;
      if (this.#startedAt === null && this.#failures >= maxAttempts && !this.#stop.signal.aborted) {
        this.close();
        this.#listener.givenUp();
        return;
      }
      await this.#pause(Math.min(longestMs, shortestMs * 2 ** Math.max(0, this.#failures - 1)));
    }
  }

  /** Retries like this from now on, beginning at once. */
  useRetries(retries: Retries): void {
    this.#retries = retries;
    this.retry();
  }

  /** For a node that was seen just now: tries without delay, but not more often than a named node. */
  hurry(): void {
    if (this.#now() - this.#attemptedAtMs < RETRY_MS) return;
    this.retry();
  }

  /** Ends the connection for good. */
  close(): void {
    this.#stop.abort();
    this.#socket?.terminate();
    this.#wake();
  }

  /** Drops the connection; it reconnects and continues after the last event. */
  disconnect(): void {
    this.#dropSession();
  }

  /** Leaves out events that its reader cannot take: it reconnects, and begins with a snapshot and a gap. */
  skipAhead(): void {
    this.#cursor = null;
    this.#dropSession();
  }

  /**
   * Takes another snapshot, for changes that no event reports.
   * @throws {ClientError}
   */
  async refresh(): Promise<void> {
    this.#listener.snapshot(await this.#querySnapshot());
  }

  /** Tries at once instead of at the next attempt. */
  retry(): void {
    this.#failures = 0;
    this.#wake();
  }

  /** Shows the node this token from now on; null: none. */
  useToken(token: string | null): void {
    this.#transport.adminToken = token;
    this.#cursor = null;
    this.#dropSession();
    this.#wake();
  }

  /** Asks the node. Throws {@link ClientError}. */
  query<Data, Given extends Variables>(
    document: TypedDocumentNode<Data, Given>,
    variables: Given,
    signal?: AbortSignal,
  ): Promise<Data> {
    return this.#transport.query(document, variables, {
      signal: AbortSignal.any([this.#stop.signal, ...(signal ? [signal] : [])]),
    });
  }

  /**
   * Tells the node to do something. Throws {@link ClientError}, also when the connection is lost meanwhile.
   * @param limit replaces the usual time limit, for operations without a known length such as mining, which the
   *   node ends when it is aborted
   */
  mutate<Data, Given extends Variables>(
    document: TypedDocumentNode<Data, Given>,
    variables: Given,
    limit?: AbortSignal,
  ): Promise<Data> {
    const signals = [this.#stop.signal, this.#lost.signal, ...(limit ? [limit] : [])];
    return this.#transport.mutate(document, variables, {
      signal: AbortSignal.any(signals),
      ...(limit ? { timeoutMs: Number.POSITIVE_INFINITY } : {}),
    });
  }

  /** One connection, from the attempt until it is lost. */
  async #connect(): Promise<void> {
    const session = new Session();
    this.#session = session;
    this.#lost = new AbortController();
    const socket = this.#openSocket();
    this.#socket = socket;
    // The socket's end, if it comes first, says more than what fails because of it.
    void socket.ended.then((why) => session.end({ why, cause: null }));
    this.#follow(socket, session).catch((error: unknown) => session.end(endOf(error)));
    const { why, cause } = await session.ended;
    this.#socket = null;
    this.#lost.abort(new ClientError('lost', `the connection to ${this.url} was lost`));
    // It is over: what fails while it closes changes nothing.
    socket.close().catch(() => {});
    this.#listener.state({ kind: 'offline', sinceMs: this.#now(), why, cause });
  }

  /** Results that the socket has read already must not move the cursor. */
  #dropSession(): void {
    if (this.#session) this.#session.isOver = true;
    this.#socket?.terminate();
  }

  #openSocket(): NodeSocket {
    let pingedAtMs = 0;
    return new NodeSocket(this.#transport, {
      ...this.#socketLimits,
      isLazy: false,
      onPing: () => {
        pingedAtMs = this.#now();
      },
      onPong: () => this.#listener.latency(this.#now() - pingedAtMs),
    });
  }

  /** Follows the node's events until the session ends. */
  async #follow(socket: NodeSocket, session: Session): Promise<void> {
    await socket.connected;
    const hasMissed = this.#cursor === null && this.#continues;
    if (this.#cursor === null && !(await this.#takeSnapshot(session))) return;
    if (hasMissed && this.#transport.adminToken === this.#knownToken) {
      this.#listener.gap({ kind: 'missed', atMs: this.#now(), count: null });
    }
    this.#knownToken = this.#transport.adminToken;
    this.#failures = 0;
    this.#listener.state({ kind: 'online', sinceMs: this.#now() });
    for (;;) {
      const event = await this.#untilBreak(socket, session);
      const isOn = await (isGap(event) ? this.#bridge(event, session) : this.#reset(event, session));
      if (!isOn) return;
    }
  }

  /** Tells what is behind a gap, and that it is there. @returns whether the session is not over */
  async #bridge({ missed }: GapEvent, session: Session): Promise<boolean> {
    const startedAt = this.#startedAt;
    const snapshot = await this.#takeSnapshot(session);
    if (!snapshot) return false;
    const atMs = this.#now();
    const isRestarted = startedAt !== null && snapshot.nodeInfo.startedAt !== startedAt;
    this.#listener.gap(isRestarted ? { kind: 'restarted', atMs } : { kind: 'missed', atMs, count: missed });
    return true;
  }

  /**
   * Tells that the node went back, and where it is now. Events go on after the reset and not after the snapshot, so
   * that none is left out; and where the connection is lost before the snapshot is there, the reset comes again.
   * @returns whether the session is not over
   */
  async #reset(event: Event, session: Session): Promise<boolean> {
    const snapshot = await this.#querySnapshot();
    if (session.isOver) return false;
    this.#cursor = event.cursor;
    // A node that has started again meanwhile still shows itself by a gap.
    this.#startedAt ??= snapshot.nodeInfo.startedAt;
    this.#listener.event(event);
    this.#listener.snapshot(snapshot);
    return true;
  }

  /** @returns null where the session is over: there may be a later snapshot already */
  async #takeSnapshot(session: Session): Promise<Seen | null> {
    const snapshot = await this.#querySnapshot();
    if (session.isOver) return null;
    this.#cursor = snapshot.nodeInfo.cursor;
    this.#startedAt = snapshot.nodeInfo.startedAt;
    this.#continues = true;
    this.#listener.snapshot(snapshot);
    return snapshot;
  }

  async #querySnapshot(): Promise<Seen> {
    const snapshot = await this.query(this.#view.snapshot, this.#view.variables);
    checkNetworkClaim(snapshot.nodeInfo);
    return snapshot;
  }

  /** Reports events until some are missing or the node went back to a snapshot of itself; resolves with what says so. */
  #untilBreak(socket: NodeSocket, session: Session): Promise<Event | GapEvent> {
    return new Promise((resolve) => {
      let isOver = false;
      const fail = (error: ClientError) => {
        // The node ends the stream of a slow reader: with its cursor it continues, unless it fails there again.
        if (isAnswer(error)) {
          const isAgain = this.#failedAt === this.#cursor;
          this.#failedAt = this.#cursor;
          if (isAgain) this.#cursor = null;
        }
        session.end({ why: 'lost', cause: null });
      };
      const end = socket.subscribe(
        this.#view.events,
        { after: this.#cursor ?? '' },
        {
          next: ({ events: event }) => {
            // What the socket had read already still arrives after its end.
            if (isOver || this.#stop.signal.aborted || session.isOver) return;
            if (isGap(event) || event.__typename === 'ResetEvent') {
              isOver = true;
              end();
              resolve(event);
              return;
            }
            this.#cursor = event.cursor;
            this.#listener.event(event);
          },
          error: fail,
          complete: () => {},
        },
      );
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

interface SessionEnd {
  readonly why: OfflineReason;
  readonly cause: ClientError | SpendingError | null;
}

/** One connection: running -> over, with the first reason. */
class Session {
  readonly ended: Promise<SessionEnd>;
  /** No more results count. */
  isOver = false;
  #resolve: (end: SessionEnd) => void = () => {};

  constructor() {
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  end(end: SessionEnd): void {
    this.isOver = true;
    this.#resolve(end);
  }
}

function endOf(error: unknown): SessionEnd {
  if (error instanceof SpendingError) return { why: 'false-network', cause: error };
  const cause = clientErrorOf(error);
  return isAnswer(cause) && !isPassing(cause) ? { why: 'foreign', cause } : { why: 'lost', cause: null };
}

/** Whether the node itself refused, instead of being unreachable. */
function isAnswer({ code }: ClientError): boolean {
  return code !== UNREACHABLE && code !== ABORTED;
}

function isGap(event: StreamedEvent | GapEvent): event is GapEvent {
  return event.__typename === 'GapEvent';
}
