import type { Hash } from '../consensus/hash.ts';
import { BoundedMap } from './bounded-map.ts';
import { type Delivery, makeDelivery } from './delivery.ts';
import type { PeerId } from './events.ts';
import type { BlockEntry } from './header-index.ts';
import type { Hello, Message } from './messages.ts';
import type { Instant } from './time.ts';

/** Transactions that a peer is remembered to have; forgetting one costs a repeated announcement. */
const MAX_KNOWN_TXIDS = 20_000;
/** URLs, besides the one that was dialled, that a peer is remembered by; a further one is dialled again now and then. */
export const MAX_KNOWN_URLS = 8;

/** One thing that a peer asked for. */
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
  /** Of the process behind it, from its hello; null before that. */
  nonce: bigint | null;
  /** It has said `bye` after its hello: it is only waited for to close. */
  saidBye: boolean;
  /** Where our hello said that we stand. */
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
  /** Headers that led nowhere, in a row. */
  unconnectingHeaders: number;
  /** How it delivers the bodies that it is asked for. */
  readonly delivery: Delivery;
  readonly knownTxids: BoundedMap<Hash, true>;
  /** Unsent data has piled up: nothing more is served until it is gone. */
  congested: boolean;
  /** What it asked for and is still to be sent. */
  readonly serving: PeerRequest[];
  ping: { readonly nonce: bigint; readonly sentMonotonicMs: number } | null;
  latencyMs: number | null;
  /** When it last brought a block that was lacking and fits, and a transaction that was taken; null: never. */
  lastBlockMonotonicMs: number | null;
  lastTransactionMonotonicMs: number | null;
  /** Requests for addresses that may be answered: one a connection. */
  addressesServed: boolean;
  /** An answer to our own is still to come. */
  addressesAsked: boolean;
  /** The operator has asked for this connection. */
  isNamed: boolean;
  /** URLs, besides the one that was dialled, where dialling has shown that this very node answers. */
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

/** The peer is seen to have this block, and so all its ancestors. */
export function notePeerHas(peer: Peer, entry: BlockEntry): void {
  if (peer.best === null || entry.record.chainWork > peer.best.record.chainWork) peer.best = entry;
  if (entry.record.chainWork > peer.claimedWork) peer.claimedWork = entry.record.chainWork;
  if (entry.record.height > peer.claimedHeight) peer.claimedHeight = entry.record.height;
}

/** The peer was sent this block, which it lacked: for show only, since nobody knows what it makes of it. */
export function noteBlockSent(peer: Peer, entry: BlockEntry): void {
  if (entry.record.height > peer.claimedHeight) peer.claimedHeight = entry.record.height;
}

/** How a peer is called in logs and in `firstSeenFrom`. */
export function peerName(peer: Peer): string {
  return (peer.state.kind === 'ready' ? peer.state.hello.listenUrl : null) ?? peer.address;
}
