import { AddressBook } from './addresses.ts';
import type { BoundedResource } from './bounded-resource.ts';
import type { Alarm, EventContext } from './event-context.ts';
import type { RequestId } from './events.ts';
import type { Peer } from './peer.ts';
import type { Peers } from './peers.ts';
import type { StoredAddress } from './store-writes.ts';

/** Connections that the node opens by itself; those that the operator asks for are additional. */
export const MAX_OUTBOUND = 8;
/** Connections to peers, inbound and outbound. */
export const MAX_PEERS = 125;
/**
 * Connections that callers cannot take: the node's own, the additional one of a stale tip, and eight for peers that the
 * operator names. Where the operator names more, callers make room.
 */
const RESERVED_PEERS = MAX_OUTBOUND + 1 + 8;
/** Inbound connections. A further one replaces the least useful of them; where all are useful, it is refused. */
export const MAX_INBOUND = MAX_PEERS - RESERVED_PEERS;
/** Time before a connection that has ended is replaced. */
const REDIAL_DELAY_MS = 1_000;

export interface DialOptions {
  /** URLs of peers to keep connected to. */
  readonly configured: readonly string[];
  /** Learn of further nodes from peers and earlier runs. */
  readonly learn: boolean;
  /** Whether an address is stored for later runs; see `AddressBook`. */
  readonly keeps: ((url: string) => boolean) | undefined;
}

/** Which nodes this node dials, by itself or because its operator asks for it, and how many. */
export class Dialling {
  readonly addresses: AddressBook;
  /** Whether it learns of further nodes from peers and earlier runs. */
  readonly learns: boolean;
  readonly #context: EventContext;
  readonly #peers: Peers;
  readonly #nextDial: Alarm;
  readonly #underWay = new Set<string>();
  /** Requests of the operator that wait for a connection, by URL. */
  readonly #requests = new Map<string, RequestId[]>();
  /** Whether one connection more than `MAX_OUTBOUND` is allowed, to a random address. */
  #onTrial = false;
  #stopping = false;

  /** @param listenUrl where this node listens itself */
  constructor(
    context: EventContext,
    peers: Peers,
    listenUrl: string | null,
    { configured, learn, keeps }: DialOptions,
  ) {
    this.#context = context;
    this.#peers = peers;
    this.#nextDial = context.alarm(() => this.dialMore());
    this.addresses = new AddressBook(context, listenUrl, configured, keeps);
    this.learns = learn;
  }

  /** @param peers URLs to stay connected to, besides those that are configured */
  start(stored: Iterable<StoredAddress>, peers: readonly string[]): void {
    for (const url of peers) this.addresses.configure(url);
    if (this.learns) this.addresses.restore(stored);
    this.dialMore();
  }

  /** Stops dialling. */
  stop(): void {
    this.#stopping = true;
  }

  resources(): BoundedResource[] {
    return this.addresses.resources();
  }

  /** Opens connections until there are enough. */
  dialMore(): void {
    if (this.#stopping) return;
    const connected = new Set<string>();
    for (const peer of this.#peers.all()) {
      for (const url of [peer.address, ...peer.knownUrls]) connected.add(url);
      // Any peer can claim a URL: the ones that the operator named are dialled all the same.
      const claimed = peer.state.kind === 'ready' ? peer.state.hello.listenUrl : null;
      if (claimed && !this.addresses.isConfigured(claimed)) connected.add(claimed);
    }
    // A discouraged URL is tried once it is forgiven.
    let forgivenMs = Number.POSITIVE_INFINITY;
    const exclude = (url: string): boolean => {
      if (connected.has(url) || this.#underWay.has(url)) return true;
      const discouragedMs = this.#peers.discouragedMs(url);
      if (discouragedMs > 0) forgivenMs = Math.min(forgivenMs, discouragedMs);
      return discouragedMs > 0;
    };
    const { urls, nextMonotonicMs } = this.addresses.due(exclude, this.#onTrial ? 'random' : 'proven');
    for (const url of urls) {
      const isWanted = this.ownCount() < MAX_OUTBOUND + Number(this.#onTrial) || this.addresses.isConfigured(url);
      if (isWanted && this.#outboundCount() < MAX_PEERS) this.#dial(url);
    }
    const waitMs = nextMonotonicMs === null ? forgivenMs : nextMonotonicMs - this.#context.now.monotonicMs;
    const nextMs = Math.max(0, Math.min(waitMs, forgivenMs));
    if (Number.isFinite(nextMs)) this.#nextDial.set(nextMs);
  }

  /** A connection has ended: it is replaced, though not at once. */
  dialSoon(): void {
    this.#nextDial.ensure(REDIAL_DELAY_MS);
  }

  /** Connections that this node has opened, or is opening, without having been asked to. */
  ownCount(): number {
    let named = 0;
    for (const peer of this.#peers.all()) if (peer.isNamed && peer.state.kind !== 'closing') named++;
    return this.#outboundCount() - named - [...this.#underWay].filter((url) => this.#requests.has(url)).length;
  }

  /** Connections that this node has opened, or is opening. */
  #outboundCount(): number {
    return this.#peers.count('outbound') + this.#underWay.size;
  }

  /** Allows one connection more than `MAX_OUTBOUND`, to a random address, or no longer; see `StaleTip`. */
  allowExtra(isAllowed: boolean): void {
    this.#onTrial = isAllowed;
    this.dialMore();
  }

  onDiscovered(url: string): void {
    this.addresses.learnRunning(url);
    this.dialMore();
  }

  /** What was tried while the link was cut says nothing of the node there. */
  onLinkReopened(url: string): void {
    this.addresses.retryNow(url);
    this.dialMore();
  }

  /** Discovery reports that the node at this URL has ended: the next one that listens there is another node. */
  onGone(url: string): void {
    this.addresses.forget(url);
  }

  /** The operator wants this peer: it is dialled whatever the limits, even if it was discouraged. */
  onConnectRequest(request: RequestId, url: string): void {
    if (this.addresses.isSelf(url)) {
      this.#reply(request, 'self-connection', `${url} is this node itself`);
      return;
    }
    for (const peer of this.#peers.ready()) {
      if (peer.address !== url && !peer.knownUrls.includes(url)) continue;
      peer.isNamed = peer.direction === 'outbound';
      this.#context.emit({ type: 'reply', request, reply: { ok: true, value: { kind: 'connected', peer: peer.id } } });
      return;
    }
    if (this.#outboundCount() >= MAX_PEERS) {
      this.#reply(request, 'too-many-peers', `${MAX_PEERS} connections are open already; disconnect a peer first`);
      return;
    }
    this.#peers.pardon(url);
    this.addresses.release(url);
    this.addresses.learnRunning(url);
    this.#requests.set(url, [...(this.#requests.get(url) ?? []), request]);
    const alreadyOpen = [...this.#peers.all()].some((peer) => peer.address === url);
    if (!this.#underWay.has(url) && !alreadyOpen) this.#dial(url);
  }

  /** Whether the operator wants this connection. A caller that claims a URL which the operator named does not count. */
  isNamed(peer: Peer): boolean {
    return peer.isNamed || (peer.direction === 'outbound' && this.addresses.isConfigured(peer.address));
  }

  /** Whether a request of the operator waits for a connection to this URL. */
  isAskedFor(url: string): boolean {
    return this.#requests.has(url);
  }

  onConnected(url: string): void {
    this.#underWay.delete(url);
  }

  onDialFailed(url: string, reason: string): void {
    this.#underWay.delete(url);
    const level = this.#failureLevel(url);
    this.addresses.recordFailure(url);
    this.#context.emit({ type: 'log', level, message: 'could not connect', fields: { url, reason } });
    this.failRequests(url, 'connect-failed', `${url}: ${reason}`);
    this.dialMore();
  }

  /** Of a failure not recorded yet. A node that the operator named is warned of once, however often it is tried in vain. */
  #failureLevel(url: string): 'debug' | 'info' | 'warn' {
    if (!this.addresses.isConfigured(url)) return 'debug';
    return this.addresses.failuresOf(url) > 0 ? 'info' : 'warn';
  }

  /** Answers the requests for a connection to `url`: this peer is it. */
  completeRequests(url: string, peer: Peer): void {
    if (this.#requests.has(url)) peer.isNamed = peer.direction === 'outbound';
    for (const request of this.#requests.get(url) ?? []) {
      this.#context.emit({ type: 'reply', request, reply: { ok: true, value: { kind: 'connected', peer: peer.id } } });
    }
    this.#requests.delete(url);
  }

  /** Answers the requests for a connection to `url` with a failure. */
  failRequests(url: string, code: string, message: string): void {
    for (const request of this.#requests.get(url) ?? []) this.#reply(request, code, message);
    this.#requests.delete(url);
  }

  #reply(request: RequestId, code: string, message: string): void {
    this.#context.emit({ type: 'reply', request, reply: { ok: false, code, message } });
  }

  #dial(url: string): void {
    this.#underWay.add(url);
    this.#context.emit({ type: 'dial', url });
  }
}
