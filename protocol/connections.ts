import type { Network } from '../consensus/genesis.ts';
import type { Hash } from '../consensus/hash.ts';
import { isLoopbackUrl, sourceOf } from './addresses.ts';
import type { BoundedResource } from './bounded-resource.ts';
import { type Dialling, MAX_INBOUND, MAX_PEERS } from './dialling.ts';
import type { EventContext, PeerAlarm } from './event-context.ts';
import type { NodeEvent, RequestId } from './events.ts';
import { leastUsefulPeer, youngestCaller } from './eviction.ts';
import { MAX_ADDRESSES_PER_MESSAGE, PROTOCOL_VERSION } from './limits.ts';
import type { Hello, Message } from './messages.ts';
import { type PartedBy, Partings } from './partings.ts';
import { MAX_KNOWN_URLS, makePeer, type Peer, peerName } from './peer.ts';
import { BYE, type ByeCode, type Peers } from './peers.ts';
import { randomU64 } from './time.ts';

/** A peer that has not said hello within this time is disconnected. */
export const HANDSHAKE_TIMEOUT_MS = 10_000;
/** A connection that ends sooner counts as a failure: the next attempt waits, longer each time. */
const LASTING_MS = 10_000;
/** Two nodes that dial each other at the same time have both connections within this time. An older connection stays. */
const SIMULTANEOUS_MS = 10_000;
/** Peers are pinged at this interval, or `PINGS_PER_BLOCK` times per block where blocks are rarer. */
const PING_INTERVAL_MS = 30_000;
const PINGS_PER_BLOCK = 5;
/** A peer that does not answer a ping within this time is disconnected. */
const PONG_TIMEOUT_MS = 60_000;

/** How this node introduces itself in its hello. */
export interface Identity {
  readonly listenUrl: string | null;
  readonly userAgent: string;
}

export interface ConnectionsObserver {
  /** State of our chain for the hello. */
  chainState(): { tipHash: Hash; height: number; chainWork: bigint };
  onReady(peer: Peer): void;
  onGone(peer: Peer): void;
}

const DUPLICATE_REASON = 'a second connection between the same nodes';

/** Why a peer is sent away after its hello. */
interface Rejection {
  readonly code: ByeCode;
  readonly reason: string;
  /** The connection to the same node that stays. */
  readonly twin?: Peer;
}

interface ConnectionsParts {
  readonly context: EventContext;
  readonly params: Network;
  readonly peers: Peers;
  readonly identity: Identity;
  readonly dialling: Dialling;
  readonly observer: ConnectionsObserver;
}

/**
 * The connections of a node: handshake, liveness, address exchange, goodbyes. Which nodes to dial is decided by `Dialling`.
 * Both sides say hello at once. Of two connections that two nodes open to each other at the same time, the one from the
 * node with the smaller nonce stays, so that both sides choose the same.
 */
export class Connections {
  readonly #dialling: Dialling;
  readonly #context: EventContext;
  readonly #params: Network;
  readonly #peers: Peers;
  readonly #identity: Identity;
  readonly #observer: ConnectionsObserver;
  readonly #nonce: bigint;
  readonly #pingIntervalMs: number;
  readonly #handshakeTimeout: PeerAlarm;
  readonly #nextPing: PeerAlarm;
  readonly #partings = new Partings();
  #stopping = false;

  constructor({ context, params, peers, identity, dialling, observer }: ConnectionsParts) {
    this.#context = context;
    this.#params = params;
    this.#peers = peers;
    this.#identity = identity;
    this.#observer = observer;
    this.#nonce = randomU64(context.random);
    this.#pingIntervalMs = Math.max(PING_INTERVAL_MS, (params.spacingSeconds * 1_000) / PINGS_PER_BLOCK);
    this.#handshakeTimeout = context.peerAlarm((peer) => this.#onHandshakeTimeout(peer));
    this.#nextPing = context.peerAlarm((peer) => this.#ping(peer));
    this.#dialling = dialling;
  }

  /** Says goodbye to all peers and stops dialling. */
  stop(): void {
    this.#stopping = true;
    this.#dialling.stop();
    for (const peer of this.#peers.all()) this.#peers.disconnect(peer, BYE.shutdown, 'the node is shutting down');
  }

  resources(): BoundedResource[] {
    return [
      // A connection that is being closed no longer counts.
      { what: 'connections', count: this.#peers.count(), limit: MAX_PEERS },
      ...this.#partings.resources(),
    ];
  }

  onDisconnectRequest(request: RequestId, id: string): void {
    const peer = this.#peers.get(id);
    if (!peer) {
      const message = `no peer has the id ${id}`;
      this.#context.emit({ type: 'reply', request, reply: { ok: false, code: 'unknown-peer', message } });
      return;
    }
    this.#part(peer, 'us');
    this.#context.emit({ type: 'reply', request, reply: { ok: true, value: { kind: 'done' } } });
  }

  /**
   * Ends all connections to a node that an operator, here or there, has disconnected, and opens none by itself until an
   * operator connects the two again. URLs at which this node has dialled the other are held back. Any other URL, such as one
   * that the other claims, is dialled once more, without a hello, to see whether the same process answers.
   */
  #part(peer: Peer, by: PartedBy): void {
    const { nonce } = peer;
    const now = this.#context.now.monotonicMs;
    const same = [...this.#peers.all()].filter((each) => each === peer || (nonce !== null && each.nonce === nonce));
    const urls = [...new Set(same.flatMap(urlsOf))];
    for (const each of same) {
      if (each.state.kind === 'ready') this.#logDisconnected(each, 'disconnected by the operator');
      if (nonce !== null) this.#partings.part(nonce, by, urls, each.id, now);
      this.#peers.disconnect(each, BYE.operator, 'disconnected by the operator');
    }
    const untilMs = nonce === null ? Number.POSITIVE_INFINITY : this.#partings.untilMs(nonce, now);
    for (const url of urls) this.#dialling.addresses.hold(url, by, untilMs);
    // A connection to one of these URLs that has not come to a hello yet.
    for (const each of this.#peers.all())
      if (each.nonce === null && urls.includes(each.address))
        this.#peers.disconnect(each, BYE.operator, 'disconnected by the operator');
  }

  onConnected(event: Extract<NodeEvent, { type: 'peer-connected' }>): void {
    const peer = makePeer(event, this.#context.now);
    this.#dialling.onConnected(event.address);
    this.#peers.add(peer);
    if (this.#stopping) {
      this.#peers.disconnect(peer, BYE.shutdown, 'the node is shutting down');
    } else if (peer.direction === 'inbound' && !peer.loopback && this.#peers.isDiscouraged(peer.host)) {
      this.#peers.disconnect(peer, BYE.discouraged, 'this host misbehaved recently');
    } else if (!this.#makeRoomFor(peer)) {
      this.#peers.disconnect(peer, BYE.full, `all ${MAX_INBOUND} inbound connections are in use`);
    } else if (peer.direction === 'outbound' && this.#dialling.addresses.isHeld(peer.address)) {
      this.#peers.disconnect(peer, BYE.operator, 'disconnected by the operator');
    } else {
      // The node that answers may be one that an operator has disconnected: it learns nothing until that is known.
      if (!this.#mayBeParted(peer)) this.#sayHello(peer);
      this.#handshakeTimeout.set(peer, HANDSHAKE_TIMEOUT_MS);
    }
  }

  #mayBeParted(peer: Peer): boolean {
    return peer.direction === 'outbound' && !this.#partings.isEmpty && !this.#dialling.isAskedFor(peer.address);
  }

  #sayHello(peer: Peer): void {
    const { tipHash, height, chainWork } = this.#observer.chainState();
    peer.announcedTip = tipHash;
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
  }

  onClosed(peer: Peer, reason: string): void {
    const isReady = peer.state.kind === 'ready';
    const wasReady = isReady || peer.saidBye;
    this.#peers.remove(peer);
    this.#partings.onClosed(peer.id, this.#context.now.monotonicMs);
    this.#handshakeTimeout.clear(peer);
    this.#nextPing.clear(peer);
    if (peer.direction === 'outbound') {
      const lastedMs = this.#context.now.monotonicMs - peer.connectedMonotonicMs;
      if (wasReady && lastedMs >= LASTING_MS) this.#dialling.addresses.recordLastingConnection(peer.address);
      else this.#dialling.addresses.recordFailure(peer.address);
      this.#dialling.failRequests(peer.address, 'connect-failed', `${peer.address}: ${reason || 'connection closed'}`);
    }
    if (isReady && !this.#stopping) this.#logDisconnected(peer, reason || 'connection closed');
    this.#observer.onGone(peer);
    this.#context.emit({ type: 'publish', notice: { kind: 'peers' } });
    this.#dialling.dialSoon();
  }

  #onHandshakeTimeout(peer: Peer): void {
    if (peer.state.kind !== 'handshake') return;
    this.#peers.disconnect(peer, BYE.timeout, `no hello within ${HANDSHAKE_TIMEOUT_MS / 1000} s`);
  }

  /** Takes a message that is about the connection itself. Returns any other; null where it comes before the hello. */
  onMessage(peer: Peer, message: Message): Exclude<Message, { type: 'hello' | 'bye' }> | null {
    const isFirst = peer.state.kind === 'handshake';
    if (message.type === 'hello' && isFirst) this.#onHello(peer, message);
    else if (message.type === 'bye') this.#onBye(peer, message.code, message.reason);
    else if (message.type === 'hello') this.#peers.punish(peer, 'sent a second hello');
    else if (isFirst) this.#peers.punish(peer, `sent ${message.type} before hello`);
    else return message;
    return null;
  }

  /** First message of a peer. */
  #onHello(peer: Peer, hello: Hello): void {
    this.#handshakeTimeout.clear(peer);
    peer.nonce = hello.nonce;
    const partedBy = this.#partings.partedBy(hello.nonce, this.#context.now.monotonicMs);
    if (partedBy && !this.#isConnectedAgain(peer, partedBy, hello.nonce)) return;
    const twin = this.#twinOf(hello);
    const rejection = this.#rejectionOf(peer, hello, twin);
    if (rejection) {
      this.#reject(peer, rejection);
      return;
    }
    if (twin) this.#replaceTwin(twin, peer);
    if (peer.announcedTip === null) this.#sayHello(peer);
    peer.state = { kind: 'ready', hello };
    peer.claimedWork = hello.chainWork;
    peer.claimedHeight = hello.height;
    if (this.#peers.isDiscouraged(peer)) {
      this.#peers.disconnect(peer, BYE.discouraged, 'you misbehaved recently');
      return;
    }
    if (peer.direction === 'outbound') {
      this.#dialling.addresses.recordSuccess(peer.address);
      if (this.#dialling.learns) this.#askAddresses(peer);
    } else if (hello.listenUrl && this.#dialling.learns && isToldInGoodFaith(peer, hello.listenUrl)) {
      this.#dialling.addresses.learn(hello.listenUrl, sourceOf(peer));
    }
    this.#dialling.completeRequests(peer.address, peer);
    this.#context.emit({
      type: 'log',
      level: 'info',
      message: 'peer connected',
      fields: { peer: peerName(peer), height: hello.height },
    });
    this.#context.emit({ type: 'publish', notice: { kind: 'peers' } });
    this.#ping(peer);
    this.#observer.onReady(peer);
  }

  /**
   * A node that an operator has disconnected is connected again. True where an operator wants that: then the parting is
   * forgotten. A connection that this node has dialled by itself, or that was already on its way, is ended.
   */
  #isConnectedAgain(peer: Peer, by: PartedBy, nonce: bigint): boolean {
    const now = this.#context.now.monotonicMs;
    const isWanted =
      peer.direction === 'outbound'
        ? this.#dialling.isAskedFor(peer.address)
        : !this.#partings.wasUnderWay(nonce, peer.connectedMonotonicMs, now);
    if (isWanted) {
      const urls = this.#partings.end(nonce);
      // A caller may have stolen the nonce, and must not release what this node does not dial.
      if (peer.direction === 'outbound') for (const url of urls) this.#dialling.addresses.release(url);
    } else {
      if (peer.direction === 'outbound') {
        this.#partings.noteUrl(nonce, peer.address);
        this.#dialling.addresses.hold(peer.address, by, this.#partings.untilMs(nonce, now));
      }
      this.#peers.disconnect(peer, BYE.operator, 'disconnected by the operator');
    }
    return isWanted;
  }

  onPong(peer: Peer, nonce: bigint): void {
    if (peer.ping?.nonce !== nonce) return;
    const first = peer.latencyMs === null;
    peer.latencyMs = this.#context.now.monotonicMs - peer.ping.sentMonotonicMs;
    peer.ping = null;
    if (first) this.#context.emit({ type: 'publish', notice: { kind: 'peers' } });
  }

  onGetAddresses(peer: Peer): void {
    if (peer.addressesServed) return;
    peer.addressesServed = true;
    this.#peers.send(peer, {
      type: 'addresses',
      urls: this.#dialling.addresses.known(peer, MAX_ADDRESSES_PER_MESSAGE),
    });
  }

  /** Accepts one answer per request, and no addresses of this machine from peers elsewhere. */
  onAddresses(peer: Peer, message: Extract<Message, { type: 'addresses' }>): void {
    if (!peer.addressesAsked) return;
    peer.addressesAsked = false;
    for (const url of message.urls)
      if (isToldInGoodFaith(peer, url)) this.#dialling.addresses.learn(url, sourceOf(peer));
    this.#dialling.dialMore();
  }

  /** The peer ends the connection: nothing more is sent to it. */
  #onBye(peer: Peer, code: number, reason: string): void {
    const fields = { peer: peerName(peer), reason };
    // One of the two has to be upgraded, which only operators can do.
    const level = code === BYE.wrongVersion ? 'warn' : 'debug';
    this.#context.emit({ type: 'log', level, message: 'goodbye from peer', fields });
    if (peer.direction === 'outbound') {
      if (code === BYE.discouraged || code === BYE.full) this.#dialling.addresses.postpone(peer.address);
      this.#dialling.failRequests(peer.address, 'refused-by-peer', `${peer.address} refused the connection: ${reason}`);
    }
    if (peer.state.kind === 'ready' && !this.#stopping) this.#logDisconnected(peer, `goodbye: ${reason}`);
    this.#peers.leave(peer);
    if (code === BYE.operator) this.#part(peer, 'them');
  }

  /** Disconnects a useless peer, so that another can take its place. One that the operator named stays. */
  replace(peer: Peer, reason: string): void {
    if (this.#dialling.isNamed(peer)) return;
    const fields = { peer: peerName(peer), reason };
    this.#context.emit({ type: 'log', level: 'info', message: 'peer replaced', fields });
    this.#dialling.addresses.postpone(peer.address);
    this.#peers.disconnect(peer, BYE.timeout, reason);
  }

  /** Makes room for a new connection, if necessary by disconnecting the least useful inbound peer. False: there is none. */
  #makeRoomFor(newcomer: Peer): boolean {
    const limit = Math.min(MAX_INBOUND, MAX_PEERS - this.#peers.count('outbound'));
    if (this.#peers.count('inbound') <= limit) return true;
    const others = [...this.#peers.all()].filter((peer) => peer !== newcomer && peer.state.kind !== 'closing');
    const leastUseful = leastUsefulPeer(others) ?? (newcomer.direction === 'outbound' ? youngestCaller(others) : null);
    if (!leastUseful) return newcomer.direction === 'outbound';
    this.#context.emit({
      type: 'log',
      level: 'debug',
      message: 'peer evicted',
      fields: { peer: peerName(leastUseful) },
    });
    this.#peers.disconnect(leastUseful, BYE.full, 'replaced by another peer');
    return true;
  }

  #askAddresses(peer: Peer): void {
    peer.addressesAsked = true;
    this.#peers.send(peer, { type: 'getAddresses' });
  }

  #ping(peer: Peer): void {
    if (peer.state.kind !== 'ready') return;
    const now = this.#context.now.monotonicMs;
    if (peer.ping && now - peer.ping.sentMonotonicMs >= PONG_TIMEOUT_MS) {
      const reason = `no answer to a ping within ${PONG_TIMEOUT_MS / 1000} s`;
      this.#logDisconnected(peer, reason);
      this.#peers.disconnect(peer, BYE.timeout, reason);
      return;
    }
    if (!peer.ping) {
      peer.ping = { nonce: randomU64(this.#context.random), sentMonotonicMs: now };
      this.#peers.send(peer, { type: 'ping', nonce: peer.ping.nonce });
    }
    this.#nextPing.set(peer, this.#pingIntervalMs);
  }

  #logDisconnected(peer: Peer, reason: string): void {
    this.#context.emit({
      type: 'log',
      level: 'info',
      message: 'peer disconnected',
      fields: { peer: peerName(peer), reason },
    });
  }

  /** An open connection to the process that says this hello. */
  #twinOf({ nonce }: Hello): Peer | null {
    return this.#peers.ready().find(({ state }) => state.kind === 'ready' && state.hello.nonce === nonce) ?? null;
  }

  /** Why a peer that has said hello may not stay; null where it may, in the place of its twin if it has one. */
  #rejectionOf(peer: Peer, hello: Hello, twin: Peer | null): Rejection | null {
    if (hello.nonce === this.#nonce) return { code: BYE.selfConnection, reason: 'connected to itself' };
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
    if (!twin) return null;
    // Every node that was told this nonce could claim it, and so take the place of an established connection.
    const isEstablished = this.#context.now.monotonicMs - twin.connectedMonotonicMs > SIMULTANEOUS_MS;
    const openedBySmaller = (each: Peer): boolean => (each.direction === 'outbound') === this.#nonce < hello.nonce;
    if (!isEstablished && !openedBySmaller(twin) && openedBySmaller(peer)) return null;
    return { code: BYE.duplicate, reason: DUPLICATE_REASON, twin };
  }

  #replaceTwin(twin: Peer, peer: Peer): void {
    noteTwin(peer, twin);
    this.#peers.disconnect(twin, BYE.duplicate, DUPLICATE_REASON);
  }

  #reject(peer: Peer, { code, reason, twin }: Rejection): void {
    const isSelf = code === BYE.selfConnection;
    if (isSelf && peer.direction === 'outbound') this.#dialling.addresses.markSelf(peer.address);
    const level = isSelf || code === BYE.duplicate ? 'debug' : 'warn';
    this.#context.emit({ type: 'log', level, message: 'peer rejected', fields: { peer: peer.address, reason } });
    this.#dialling.addresses.recordFailure(peer.address);
    if (twin && peer.direction === 'outbound') {
      noteTwin(twin, peer);
      this.#dialling.completeRequests(peer.address, twin);
    }
    this.#dialling.failRequests(peer.address, 'refused', `${peer.address} is ${reason}`);
    this.#peers.disconnect(peer, code, reason);
  }
}

/** Notes for a peer the URLs of a second connection to the same process. */
function noteTwin({ knownUrls }: Peer, other: Peer): void {
  for (const url of urlsOf(other))
    if (knownUrls.length < MAX_KNOWN_URLS && !knownUrls.includes(url)) knownUrls.push(url);
}

/** URLs where this node has dialled a peer. */
function urlsOf(peer: Peer): string[] {
  return peer.direction === 'outbound' ? [peer.address, ...peer.knownUrls] : [...peer.knownUrls];
}

/** A peer elsewhere cannot know nodes on this machine: naming one would only make this node dial its own ports. */
function isToldInGoodFaith(peer: Peer, url: string): boolean {
  return peer.loopback || !isLoopbackUrl(url);
}
