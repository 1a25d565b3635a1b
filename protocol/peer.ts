import type { Hash } from '../consensus/hash.ts';
import { BoundedMap } from './bounded-map.ts';
import { type Delivery, makeDelivery } from './delivery.ts';
import type { PeerId } from './events.ts';
import type { BlockEntry } from './header-index.ts';
import type { Hello, Message } from './messages.ts';
import type { Instant } from './time.ts';

/** Transactions that a peer is remembered to have; forgetting one costs a repeated announcement. */
const MAX_KNOWN_TXIDS = 20_000;
/** Further URLs that a peer is known by, besides the dialled one; those beyond are dialled again from time to time. */
export const MAX_KNOWN_URLS = 8;

/** One request of a peer, as it waits to be served. */
export type PeerRequest =
  | { readonly type: 'getBlock'; readonly blockHash: Hash }
  | Extract<Message, { type: 'getHeaders' | 'getTransactions' | 'getBlockTransactions' }>;

/** What is known of a peer that has said hello. */
export interface ReadyPeer {
  readonly kind: 'ready';
  readonly hello: Hello;
}

/** One connection. handshake -> ready (its hello was good) -> closing (one of the two said bye). */
export interface Peer {
  readonly id: PeerId;
  readonly direction: 'inbound' | 'outbound';
  /** The URL dialled, or the remote `host:port`. */
  readonly address: string;
  readonly host: string;
  readonly loopback: boolean;
  readonly connectedAtMs: number;
  readonly connectedMonotonicMs: number;
  state: { readonly kind: 'handshake' } | ReadyPeer | { readonly kind: 'closing' };
  /** Nonce of its process, from its hello; null before that. */
  nonce: bigint | null;
  /** It has said `bye` after its hello, and is about to close. */
  saidBye: boolean;
  /** Our tip, as our hello told it; null before that. */
  announcedTip: Hash | null;
  /** The most work that it claims or has shown to have. */
  claimedWork: bigint;
  claimedHeight: number;
  /** The best header of ours that it has shown to have. */
  best: BlockEntry | null;
  /** A `getHeaders` of ours is not answered yet. */
  awaitingHeaders: boolean;
  /** Did not answer a `getHeaders` in time: others are asked first. */
  slowHeaders: boolean;
  /** Requests for headers in a row that it did not answer in time. */
  headersTimeouts: number;
  /** Headers in a row that did not connect. */
  unconnectingHeaders: number;
  /** How it delivers the bodies that it is asked for. */
  readonly delivery: Delivery;
  readonly knownTxids: BoundedMap<Hash, true>;
  /** Unsent data has piled up: nothing is served until the transport has sent it. */
  congested: boolean;
  /** Its requests that are not served yet, oldest first. */
  readonly serving: PeerRequest[];
  ping: { readonly nonce: bigint; readonly sentMonotonicMs: number } | null;
  latencyMs: number | null;
  /** When it last brought a new block that was kept, and a new transaction that was accepted; null: never. */
  lastBlockMonotonicMs: number | null;
  lastTransactionMonotonicMs: number | null;
  /** Whether its request for addresses was answered: one for each connection. */
  addressesServed: boolean;
  /** Our own request for addresses is not answered yet. */
  addressesAsked: boolean;
  /** The operator has asked for this connection. */
  isNamed: boolean;
  /** URLs, besides the dialled one, at which dialling has shown this very node to answer. */
  readonly knownUrls: string[];
}

export function makePeer(
  event: Pick<Peer, 'direction' | 'address' | 'host' | 'loopback'> & { peer: PeerId },
  now: Instant,
): Peer {
  return {
    id: event.peer,
    direction: event.direction,
    address: event.address,
    host: event.host,
    loopback: event.loopback,
    connectedAtMs: now.wallMs,
    connectedMonotonicMs: now.monotonicMs,
    state: { kind: 'handshake' },
    nonce: null,
    saidBye: false,
    announcedTip: null,
    claimedWork: 0n,
    claimedHeight: 0,
    best: null,
    awaitingHeaders: false,
    slowHeaders: false,
    headersTimeouts: 0,
    unconnectingHeaders: 0,
    delivery: makeDelivery(),
    knownTxids: new BoundedMap(MAX_KNOWN_TXIDS),
    congested: false,
    serving: [],
    ping: null,
    latencyMs: null,
    lastBlockMonotonicMs: null,
    lastTransactionMonotonicMs: null,
    addressesServed: false,
    addressesAsked: false,
    isNamed: false,
    knownUrls: [],
  };
}

/** Notes that the peer has this block, and so all its ancestors. */
export function notePeerHas(peer: Peer, entry: BlockEntry): void {
  if (peer.best === null || entry.record.chainWork > peer.best.record.chainWork) peer.best = entry;
  if (entry.record.chainWork > peer.claimedWork) peer.claimedWork = entry.record.chainWork;
  if (entry.record.height > peer.claimedHeight) peer.claimedHeight = entry.record.height;
}

/** Notes that this block was sent to the peer. For display only: whether the peer accepts it is unknown. */
export function noteBlockSent(peer: Peer, entry: BlockEntry): void {
  if (entry.record.height > peer.claimedHeight) peer.claimedHeight = entry.record.height;
}

/** Name of a peer in logs and in `firstSeenFrom`. */
export function peerName(peer: Peer): string {
  return (peer.state.kind === 'ready' ? peer.state.hello.listenUrl : null) ?? peer.address;
}
