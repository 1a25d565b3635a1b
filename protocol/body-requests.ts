import type { Hash } from '../consensus/hash.ts';
import { BoundedMap } from './bounded-map.ts';
import { type BoundedResource, fullestResource } from './bounded-resource.ts';
import { forgetOwed, MAX_IN_FLIGHT_PER_PEER, markDelivered } from './delivery.ts';
import type { PeerId } from './events.ts';
import type { BlockEntry } from './header-index.ts';
import type { Peer } from './peer.ts';
import type { Peers } from './peers.ts';

/** Bodies whose requests are remembered: twice what may be in flight from all peers. The oldest are forgotten first. */
const MAX_REMEMBERED_BODIES = 4_096;

/** Who was asked for a body. */
interface BodyRecord {
  /** Peers that were asked and are not late. */
  readonly asked: Set<Peer>;
  /** Peers that did not give it in time: asked again only after all others. */
  readonly failed: Set<PeerId>;
  /** Peers that said they do not have it: not asked again until they announce something. */
  readonly lacking: Set<PeerId>;
  /** When the last round of requests began. A request in between, because a peer has gone, does not begin one. */
  roundMs: number;
  /** Peers that the last round asked at once. */
  copies: number;
}

/** Who is, or was, asked for which body. A body may be asked of several peers at once. */
export class BodyRequests {
  readonly #peers: Peers;
  readonly #bodies = new BoundedMap<Hash, BodyRecord>(MAX_REMEMBERED_BODIES);

  constructor(peers: Peers) {
    this.#peers = peers;
  }

  resources(): BoundedResource[] {
    const inFlight = Array.from(this.#peers.all(), ({ delivery }) => delivery.asked.size);
    return [
      fullestResource('bodies in flight of a peer', inFlight, MAX_IN_FLIGHT_PER_PEER),
      { what: 'bodies that were asked for', count: this.#bodies.size, limit: MAX_REMEMBERED_BODIES },
    ];
  }

  /** Whether the body was requested and has not arrived, late or not. */
  isExpected(hash: Hash): boolean {
    return this.#bodies.has(hash);
  }

  /** Whether some peer was asked for the body and is not late. */
  isInFlight(hash: Hash): boolean {
    return this.peersAsked(hash).length > 0;
  }

  /** When the last round of requests for the body began (monotonic milliseconds); null before the first. */
  roundMs(hash: Hash): number | null {
    return this.#bodies.get(hash)?.roundMs ?? null;
  }

  /** Peers that the last round asked for the body at once; 0 before the first. */
  copies(hash: Hash): number {
    return this.#bodies.get(hash)?.copies ?? 0;
  }

  hasFailed(peer: Peer, hash: Hash): boolean {
    return this.#bodies.get(hash)?.failed.has(peer.id) ?? false;
  }

  lacks(peer: Peer, hash: Hash): boolean {
    return this.#bodies.get(hash)?.lacking.has(peer.id) ?? false;
  }

  /** Records that these peers are asked for the body now. */
  markAsked(peers: readonly Peer[], { record: { hash } }: BlockEntry, nowMs: number): void {
    const record = this.#bodies.get(hash) ?? {
      asked: new Set(),
      failed: new Set(),
      lacking: new Set(),
      roundMs: nowMs,
      copies: 1,
    };
    for (const peer of peers) {
      record.asked.add(peer);
      peer.delivery.asked.set(hash, nowMs);
    }
    this.#bodies.set(hash, record);
  }

  /** Begins a round in which up to `copies` peers are asked for the body, whatever became of the last one. */
  beginRound(hash: Hash, copies: number, nowMs: number): void {
    const record = this.#bodies.get(hash);
    if (!record) return;
    record.roundMs = nowMs;
    record.copies = copies;
  }

  /** Records that a peer sent the body, good or bad. */
  recordDelivery(peer: Peer, hash: Hash, nowMs: number): void {
    markDelivered(peer.delivery, hash, nowMs);
    this.#bodies.get(hash)?.asked.delete(peer);
  }

  /** The body has arrived, or is no longer wanted. Other peers that were asked may still send it. */
  forget(hash: Hash): void {
    this.#bodies.delete(hash);
  }

  /** Peers that were asked for the body and are not late, without those that are being disconnected. */
  peersAsked(hash: Hash): Peer[] {
    const asked = this.#bodies.get(hash)?.asked;
    return asked ? [...asked].filter(({ state }) => state.kind === 'ready') : [];
  }

  /** Records that a peer did not give this body in time. */
  markLate(peer: Peer, hash: Hash): void {
    const record = this.#bodies.get(hash);
    record?.asked.delete(peer);
    record?.failed.add(peer.id);
  }

  /** A peer withholds what it was asked for: others may be asked for all of it. */
  markAllLate(peer: Peer): void {
    for (const hash of peer.delivery.asked.keys()) this.markLate(peer, hash);
  }

  /** All peers have failed for the body: each may be asked once more. */
  forgetFailures(hash: Hash): void {
    this.#bodies.get(hash)?.failed.clear();
  }

  /** The peer says that it does not have the body. */
  markLacking(peer: Peer, hash: Hash): void {
    if (!peer.delivery.asked.delete(hash)) return;
    peer.delivery.refusals++;
    const record = this.#bodies.get(hash);
    record?.asked.delete(peer);
    record?.lacking.add(peer.id);
  }

  /** The peer has announced new blocks: it may have what it lacked before. */
  forgetLacking(peer: Peer): void {
    for (const { lacking } of this.#bodies.values()) lacking.delete(peer.id);
  }

  /** Forgets outstanding requests to peers whose penalty is over. */
  forgetOwed(nowMs: number): void {
    for (const { delivery } of this.#peers.all()) forgetOwed(delivery, nowMs);
  }

  onGone(peer: Peer): void {
    for (const { asked, failed, lacking } of this.#bodies.values()) {
      asked.delete(peer);
      failed.delete(peer.id);
      lacking.delete(peer.id);
    }
  }
}
