import type { Hash } from '../consensus/hash.ts';
import { BoundedMap } from './bounded-map.ts';
import { type BoundedResource, fullestResource } from './bounded-resource.ts';
import { forgetOwed, MAX_IN_FLIGHT_PER_PEER, markDelivered } from './delivery.ts';
import type { PeerId } from './events.ts';
import type { BlockEntry } from './header-index.ts';
import type { Peer } from './peer.ts';
import type { Peers } from './peers.ts';

/** Bodies of which it is remembered who was asked: twice what all peers may be asked for. The oldest are forgotten first. */
const MAX_REMEMBERED_BODIES = 4_096;

/** Who was asked for a body. */
interface BodyRecord {
  /** Peers that were asked and are not late. */
  readonly asked: Set<Peer>;
  /** Peers that did not give it in time: asked again only after everybody else. */
  readonly failed: Set<PeerId>;
  /** Peers that said they do not have it: not asked again until they announce something. */
  readonly lacking: Set<PeerId>;
  /** When the last round began in which it was asked for. Further requests in between, because somebody has gone, begin none. */
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

  /** Whether the body was asked for and has not come, late or not. */
  isExpected(hash: Hash): boolean {
    return this.#bodies.has(hash);
  }

  /** Whether somebody was asked for the body and is not late. */
  isInFlight(hash: Hash): boolean {
    return this.peersAsked(hash).length > 0;
  }

  /** When the last round began in which the body was asked for (monotonic milliseconds); null before the first. */
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

  /** The peers are asked for the body, all at once. */
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

  /** A round begins in which up to `copies` peers are asked for the body, whatever became of the last one. */
  beginRound(hash: Hash, copies: number, nowMs: number): void {
    const record = this.#bodies.get(hash);
    if (!record) return;
    record.roundMs = nowMs;
    record.copies = copies;
  }

  /** A peer sent the body, good or bad. */
  recordDelivery(peer: Peer, hash: Hash, nowMs: number): void {
    markDelivered(peer.delivery, hash, nowMs);
    this.#bodies.get(hash)?.asked.delete(peer);
  }

  /** The body is here, or no longer wanted. Whoever else was asked may still send it. */
  forget(hash: Hash): void {
    this.#bodies.delete(hash);
  }

  /** Peers that are asked for the body and are not late. One that is told to go will give nothing any more. */
  peersAsked(hash: Hash): Peer[] {
    const asked = this.#bodies.get(hash)?.asked;
    return asked ? [...asked].filter(({ state }) => state.kind === 'ready') : [];
  }

  /** A peer did not give this body in time. */
  markLate(peer: Peer, hash: Hash): void {
    const record = this.#bodies.get(hash);
    record?.asked.delete(peer);
    record?.failed.add(peer.id);
  }

  /** A peer holds back what it was asked for: others may be asked for all of it. */
  markAllLate(peer: Peer): void {
    for (const hash of peer.delivery.asked.keys()) this.markLate(peer, hash);
  }

  /** Everybody has failed for the body: all may be asked once more. */
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

  /** The peer tells of blocks that it had not told of: it may have what it lacked before. */
  forgetLacking(peer: Peer): void {
    for (const { lacking } of this.#bodies.values()) lacking.delete(peer.id);
  }

  /** Forgets what peers owe whose patience is over. */
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
