import type { Hash } from '../consensus/hash.ts';
import type { NetworkParams } from '../consensus/params.ts';
import { AddressBook, isLoopbackUrl, sourceOf } from './addresses.ts';
import type { NodeEvent, RequestId } from './events.ts';
import { leastUsefulPeer } from './eviction.ts';
import type { Holding } from './holding.ts';
import { MAX_ADDRESSES_PER_MESSAGE, PROTOCOL_VERSION } from './limits.ts';
import type { Hello, Message } from './messages.ts';
import { MAX_KNOWN_URLS, makePeer, type Peer, peerName } from './peer.ts';
import { BYE, type ByeCode, type Peers } from './peers.ts';
import type { StoredAddress } from './store-writes.ts';
import { randomU64 } from './time.ts';
import type { Turn } from './turn.ts';

/** Connections that the node opens by itself; those that the operator asks for come on top. */
export const MAX_OUTBOUND = 8;
/** All connections. A further one takes the place of the least useful inbound peer; where all are useful, it is refused. */
export const MAX_CONNECTIONS = 125;
/** A peer that has not said hello by then is disconnected. */
export const HANDSHAKE_TIMEOUT_MS = 10_000;
/** A connection that ends sooner counts as a failure: it is dialled again only after a while, and a longer one each time. */
const LASTING_MS = 10_000;
/** Two nodes that dial each other at the same time have both connections within so long. An older one stays. */
const SIMULTANEOUS_MS = 10_000;
/** Peers are pinged so often, or less where blocks are rare: so often in the time that a block takes. */
const PING_INTERVAL_MS = 30_000;
const PINGS_PER_BLOCK = 5;
/** A ping that is not answered by then costs the connection. */
const PONG_TIMEOUT_MS = 60_000;

/** What this node says of itself in its hello. */
export interface Identity {
  readonly listenUrl: string | null;
  readonly userAgent: string;
}

export interface DialOptions {
  /** URLs of peers to keep connected to. */
  readonly configured: readonly string[];
  /** Learn of further nodes from peers and earlier runs. */
  readonly learn: boolean;
}

export interface ConnectionsObserver {
  /** State of our chain for the hello. */
  chainState(): { tipHash: Hash; height: number; chainWork: bigint };
  onReady(peer: Peer): void;
  onGone(peer: Peer): void;
}

interface Refusal {
  readonly code: ByeCode;
  readonly reason: string;
  /** The connection that stays, where this one is a second one. */
  readonly twin?: Peer;
}

/**
 * Who is connected: dialling, the handshake, liveness, address exchange.
 * Both sides say hello at once. Two connections between the same two nodes that are made at the same time are cut down
 * to the one that the node with the smaller nonce opened, so that both sides choose the same.
 */
export class Connections {
  readonly addresses: AddressBook;
  readonly #turn: Turn;
  readonly #params: NetworkParams;
  readonly #peers: Peers;
  readonly #identity: Identity;
  readonly #observer: ConnectionsObserver;
  readonly #nonce: bigint;
  readonly #pingIntervalMs: number;
  readonly #dialling = new Set<string>();
  /** Requests of the operator that wait for a connection, by URL. */
  readonly #requests = new Map<string, RequestId[]>();
  readonly #learns: boolean;
  #stopping = false;
  /** Whether one connection more than `MAX_OUTBOUND` is allowed, and whom to dial is left to chance. */
  #onTrial = false;

  constructor(
    turn: Turn,
    params: NetworkParams,
    peers: Peers,
    identity: Identity,
    dialling: DialOptions,
    observer: ConnectionsObserver,
  ) {
    this.#turn = turn;
    this.#params = params;
    this.#peers = peers;
    this.#identity = identity;
    this.#observer = observer;
    this.#nonce = randomU64(turn.random);
    this.#pingIntervalMs = Math.max(PING_INTERVAL_MS, (params.spacingSeconds * 1_000) / PINGS_PER_BLOCK);
    this.addresses = new AddressBook(turn, identity.listenUrl, dialling.configured);
    this.#learns = dialling.learn;
  }

  start(stored: Iterable<StoredAddress>): void {
    if (this.#learns) this.addresses.restore(stored);
    this.dialMore();
  }

  /** Says goodbye to everyone and dials nobody any more. */
  stop(): void {
    this.#stopping = true;
    for (const peer of this.#peers.all()) this.#peers.disconnect(peer, BYE.shutdown, 'the node is shutting down');
  }

  holdings(): Holding[] {
    return [
      // One that is told to go makes room at once, and closes in a moment.
      { what: 'connections', count: this.#peers.count(), limit: MAX_CONNECTIONS },
      ...this.addresses.holdings(),
    ];
  }

  /** Opens connections until there are enough. */
  dialMore(): void {
    if (this.#stopping) return;
    const connected = new Set<string>();
    for (const peer of this.#peers.all()) {
      for (const url of [peer.address, ...peer.knownUrls]) connected.add(url);
      // Anybody can claim a URL: the ones that the operator named are dialled all the same.
      const claimed = peer.state.kind === 'ready' ? peer.state.hello.listenUrl : null;
      if (claimed && !this.addresses.isConfigured(claimed)) connected.add(claimed);
    }
    const exclude = (url: string): boolean =>
      connected.has(url) || this.#dialling.has(url) || this.#peers.isDiscouraged(url);
    const { urls, nextMonotonicMs } = this.addresses.due(exclude, this.#onTrial ? 'random' : 'proven');
    for (const url of urls) {
      const outbound = this.#peers.count('outbound') + this.#dialling.size;
      if (outbound < MAX_OUTBOUND + Number(this.#onTrial) || this.addresses.isConfigured(url)) this.#dial(url);
    }
    if (nextMonotonicMs !== null) {
      this.#turn.setAlarm('dial', Math.max(0, nextMonotonicMs - this.#turn.now.monotonicMs));
    }
  }

  /** One connection more than `MAX_OUTBOUND`, to anybody, for as long as one of the others may have to be replaced; see `StaleTip`. */
  allowExtra(isAllowed: boolean): void {
    this.#onTrial = isAllowed;
    this.dialMore();
  }

  onDiscovered(url: string): void {
    this.addresses.learnRunning(url);
    this.dialMore();
  }

  /** The operator wants this peer: dialled whatever the limits and earlier misdeeds. */
  onConnectRequest(request: RequestId, url: string): void {
    if (this.addresses.isSelf(url)) {
      this.#reply(request, 'self-connection', `${url} is this node itself`);
      return;
    }
    for (const peer of this.#peers.ready()) {
      if (peer.address !== url && !peer.knownUrls.includes(url)) continue;
      this.#turn.emit({ type: 'reply', request, reply: { ok: true, value: { kind: 'connected', peer: peer.id } } });
      return;
    }
    this.#peers.pardon(url);
    this.addresses.release(url);
    this.addresses.learnRunning(url);
    this.#requests.set(url, [...(this.#requests.get(url) ?? []), request]);
    const alreadyOpen = [...this.#peers.all()].some((peer) => peer.address === url);
    if (!this.#dialling.has(url) && !alreadyOpen) this.#dial(url);
  }

  onDisconnectRequest(request: RequestId, id: string): void {
    const peer = this.#peers.get(id);
    if (!peer) {
      this.#reply(request, 'unknown-peer', `no peer has the id ${id}`);
      return;
    }
    this.#hold(peer);
    this.#peers.disconnect(peer, BYE.operator, 'disconnected by the operator');
    this.#turn.emit({ type: 'reply', request, reply: { ok: true, value: { kind: 'done' } } });
  }

  onConnected(event: Extract<NodeEvent, { type: 'peer-connected' }>): void {
    const peer = makePeer(event, this.#turn.now);
    this.#dialling.delete(event.address);
    this.#peers.add(peer);
    if (this.#stopping) {
      this.#peers.disconnect(peer, BYE.shutdown, 'the node is shutting down');
    } else if (peer.direction === 'inbound' && !peer.loopback && this.#peers.isDiscouraged(peer.host)) {
      this.#peers.disconnect(peer, BYE.discouraged, 'this host misbehaved a short while ago');
    } else if (!this.#makeRoomFor(peer) && peer.direction === 'inbound') {
      this.#peers.disconnect(peer, BYE.full, `${MAX_CONNECTIONS} connections are open already`);
    } else {
      const { tipHash, height, chainWork } = this.#observer.chainState();
      peer.saidTip = tipHash;
      const { listenUrl, userAgent } = this.#identity;
      const nonce = this.#nonce;
      const version = PROTOCOL_VERSION;
      this.#peers.send(peer, {
        type: 'hello',
        version,
        genesisHash: this.#params.genesis.hash,
        nonce,
        tipHash,
        height,
        chainWork,
        listenUrl,
        userAgent,
      });
      this.#turn.setAlarm(`handshake/${peer.id}`, HANDSHAKE_TIMEOUT_MS);
    }
  }

  onDialFailed(url: string, reason: string): void {
    this.#dialling.delete(url);
    this.addresses.failed(url);
    const level = this.addresses.isConfigured(url) ? 'warn' : 'debug';
    this.#turn.emit({ type: 'log', level, message: 'could not connect', fields: { url, reason } });
    this.#failRequests(url, 'connect-failed', `${url}: ${reason}`);
    this.dialMore();
  }

  onClosed(peer: Peer, reason: string): void {
    const wasReady = peer.state.kind === 'ready';
    this.#peers.remove(peer);
    this.#turn.clearAlarm(`handshake/${peer.id}`);
    this.#turn.clearAlarm(`ping/${peer.id}`);
    if (peer.direction === 'outbound') {
      const lastedMs = this.#turn.now.monotonicMs - peer.connectedMonotonicMs;
      if (wasReady && lastedMs >= LASTING_MS) this.addresses.lasted(peer.address);
      else this.addresses.failed(peer.address);
      this.#failRequests(peer.address, 'connect-failed', `${peer.address}: ${reason || 'connection closed'}`);
    }
    if (wasReady && !this.#stopping) this.#logDisconnected(peer, reason || 'connection closed');
    this.#observer.onGone(peer);
    this.#turn.emit({ type: 'publish', notice: { kind: 'peers' } });
    this.#turn.ensureAlarm('dial', 1_000);
  }

  onAlarm(kind: string, peer: Peer): void {
    if (kind === 'handshake' && peer.state.kind === 'handshake') {
      this.#peers.disconnect(peer, BYE.timeout, `no hello within ${HANDSHAKE_TIMEOUT_MS / 1000} s`);
    } else if (kind === 'ping' && peer.state.kind === 'ready') this.#ping(peer);
  }

  /** First message of a peer. */
  onHello(peer: Peer, hello: Hello): void {
    this.#turn.clearAlarm(`handshake/${peer.id}`);
    const refusal = this.#refusalOf(peer, hello);
    if (refusal) {
      this.#refuse(peer, refusal);
      return;
    }
    peer.state = { kind: 'ready', hello };
    peer.claimedWork = hello.chainWork;
    peer.claimedHeight = hello.height;
    if (this.#peers.isDiscouraged(peer)) {
      this.#peers.disconnect(peer, BYE.discouraged, 'you misbehaved a short while ago');
      return;
    }
    if (peer.direction === 'outbound') {
      this.addresses.succeeded(peer.address);
      if (this.#learns) this.#askAddresses(peer);
    } else if (hello.listenUrl && this.#learns && isToldInGoodFaith(peer, hello.listenUrl)) {
      this.addresses.learn(hello.listenUrl, sourceOf(peer));
    }
    this.#connectedTo(peer.address, peer);
    this.#turn.emit({
      type: 'log',
      level: 'info',
      message: 'peer connected',
      fields: { peer: peerName(peer), height: hello.height },
    });
    this.#turn.emit({ type: 'publish', notice: { kind: 'peers' } });
    this.#ping(peer);
    this.#observer.onReady(peer);
  }

  onPong(peer: Peer, nonce: bigint): void {
    if (peer.ping?.nonce !== nonce) return;
    const first = peer.latencyMs === null;
    peer.latencyMs = this.#turn.now.monotonicMs - peer.ping.sentMonotonicMs;
    peer.ping = null;
    if (first) this.#turn.emit({ type: 'publish', notice: { kind: 'peers' } });
  }

  onGetAddresses(peer: Peer): void {
    if (peer.addressesServed) return;
    peer.addressesServed = true;
    this.#peers.send(peer, { type: 'addresses', urls: this.addresses.known(peer, MAX_ADDRESSES_PER_MESSAGE) });
  }

  /** Only what was asked for counts, once; and nobody elsewhere knows of nodes on this machine. */
  onAddresses(peer: Peer, message: Extract<Message, { type: 'addresses' }>): void {
    if (!peer.addressesAsked) return;
    peer.addressesAsked = false;
    for (const url of message.urls) if (isToldInGoodFaith(peer, url)) this.addresses.learn(url, sourceOf(peer));
    this.dialMore();
  }

  onBye(peer: Peer, code: number, reason: string): void {
    if (code === BYE.operator) this.#holdAfterBye(peer);
    if (peer.direction === 'outbound' && (code === BYE.discouraged || code === BYE.full))
      this.addresses.postpone(peer.address);
    this.#turn.emit({
      type: 'log',
      level: 'debug',
      message: 'peer says goodbye',
      fields: { peer: peerName(peer), reason },
    });
    if (peer.direction === 'outbound')
      this.#failRequests(peer.address, 'refused-by-peer', `${peer.address} says: ${reason}`);
  }

  /**
   * The operator over there does not want us. Where we have dialled, we know who says so; a caller only claims a URL, and
   * that must not keep us from a node that our own operator named.
   */
  #holdAfterBye(peer: Peer): void {
    const url =
      peer.direction === 'outbound' ? peer.address : peer.state.kind === 'ready' && peer.state.hello.listenUrl;
    if (url && (peer.direction === 'outbound' || !this.addresses.isConfigured(url))) this.addresses.hold(url);
  }

  /** Whether there is room for a newcomer, if need be because the least useful inbound peer has to yield. */
  #makeRoomFor(newcomer: Peer): boolean {
    if (this.#peers.count() <= MAX_CONNECTIONS) return true;
    const others = [...this.#peers.all()].filter((peer) => peer !== newcomer);
    const leastUseful = leastUsefulPeer(others);
    if (!leastUseful) return false;
    const reason = `${MAX_CONNECTIONS} connections are open, and another peer needs the place`;
    this.#turn.emit({ type: 'log', level: 'debug', message: 'peer yields', fields: { peer: peerName(leastUseful) } });
    this.#peers.disconnect(leastUseful, BYE.full, reason);
    return true;
  }

  #askAddresses(peer: Peer): void {
    peer.addressesAsked = true;
    this.#peers.send(peer, { type: 'getAddresses' });
  }

  /** Keeps both sides from connecting again by themselves. */
  #hold(peer: Peer): void {
    this.addresses.hold(peer.address);
    if (peer.state.kind === 'ready' && peer.state.hello.listenUrl) this.addresses.hold(peer.state.hello.listenUrl);
  }

  #dial(url: string): void {
    this.#dialling.add(url);
    this.#turn.emit({ type: 'dial', url });
  }

  #ping(peer: Peer): void {
    const now = this.#turn.now.monotonicMs;
    if (peer.ping && now - peer.ping.sentMonotonicMs >= PONG_TIMEOUT_MS) {
      const reason = `no answer to a ping within ${PONG_TIMEOUT_MS / 1000} s`;
      this.#logDisconnected(peer, reason);
      this.#peers.disconnect(peer, BYE.timeout, reason);
      return;
    }
    if (!peer.ping) {
      peer.ping = { nonce: randomU64(this.#turn.random), sentMonotonicMs: now };
      this.#peers.send(peer, { type: 'ping', nonce: peer.ping.nonce });
    }
    this.#turn.setAlarm(`ping/${peer.id}`, this.#pingIntervalMs);
  }

  #logDisconnected(peer: Peer, reason: string): void {
    this.#turn.emit({
      type: 'log',
      level: 'info',
      message: 'peer disconnected',
      fields: { peer: peerName(peer), reason },
    });
  }

  #refusalOf(peer: Peer, hello: Hello): Refusal | null {
    if (hello.nonce === this.#nonce) {
      if (peer.direction === 'outbound') this.addresses.markSelf(peer.address);
      return { code: BYE.selfConnection, reason: 'connected to itself' };
    }
    if (hello.version !== PROTOCOL_VERSION) {
      return {
        code: BYE.wrongVersion,
        reason: `speaks protocol version ${hello.version}, this node version ${PROTOCOL_VERSION}`,
      };
    }
    const { hash: genesisHash } = this.#params.genesis;
    if (hello.genesisHash !== genesisHash) {
      const theirs = hello.genesisHash.slice(0, 16);
      return {
        code: BYE.wrongNetwork,
        reason: `another network: genesis ${theirs}…, not ${genesisHash.slice(0, 16)}…`,
      };
    }
    const twin = this.#peers
      .ready()
      .find((other) => other.state.kind === 'ready' && other.state.hello.nonce === hello.nonce);
    if (!twin) return null;
    const openedBySmaller = (each: Peer): boolean => (each.direction === 'outbound') === this.#nonce < hello.nonce;
    const duplicate = { code: BYE.duplicate, reason: 'a second connection between the same nodes', twin };
    // Everybody whom a node has said hello to knows its nonce, and could have its place.
    if (this.#turn.now.monotonicMs - twin.connectedMonotonicMs > SIMULTANEOUS_MS) return duplicate;
    if (openedBySmaller(twin) || !openedBySmaller(peer)) return duplicate;
    this.#peers.disconnect(twin, duplicate.code, duplicate.reason);
    return null;
  }

  #refuse(peer: Peer, { code, reason, twin }: Refusal): void {
    const expected = code === BYE.duplicate || code === BYE.selfConnection;
    const level = expected ? 'debug' : 'warn';
    this.#turn.emit({ type: 'log', level, message: 'refused peer', fields: { peer: peer.address, reason } });
    this.addresses.failed(peer.address);
    if (twin && peer.direction === 'outbound') {
      // Who answers at this URL is connected already.
      const { knownUrls } = twin;
      if (knownUrls.length < MAX_KNOWN_URLS && !knownUrls.includes(peer.address)) knownUrls.push(peer.address);
      this.#connectedTo(peer.address, twin);
    }
    this.#failRequests(peer.address, 'refused', `${peer.address} is ${reason}`);
    this.#peers.disconnect(peer, code, reason);
  }

  /** Who asked for a connection to `url` has it: this one. */
  #connectedTo(url: string, peer: Peer): void {
    for (const request of this.#requests.get(url) ?? []) {
      this.#turn.emit({ type: 'reply', request, reply: { ok: true, value: { kind: 'connected', peer: peer.id } } });
    }
    this.#requests.delete(url);
  }

  #failRequests(url: string, code: string, message: string): void {
    for (const request of this.#requests.get(url) ?? []) this.#reply(request, code, message);
    this.#requests.delete(url);
  }

  #reply(request: RequestId, code: string, message: string): void {
    this.#turn.emit({ type: 'reply', request, reply: { ok: false, code, message } });
  }
}

/** Nobody elsewhere knows of nodes on this machine: who names one wants us to knock at a door of our own. */
function isToldInGoodFaith(peer: Peer, url: string): boolean {
  return peer.loopback || !isLoopbackUrl(url);
}
