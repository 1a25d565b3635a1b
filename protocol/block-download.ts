import type { Hash } from '../consensus/hash.ts';
import type { Chain } from './chain.ts';
import type { PeerId } from './events.ts';
import { ancestorAt, type BlockEntry } from './header-index.ts';
import { type Holding, largestHolding } from './holding.ts';
import type { Peer } from './peer.ts';
import type { Peers } from './peers.ts';
import type { Turn } from './turn.ts';

/** Bodies are fetched at most so far ahead of the lowest one that is missing, so that they come roughly in order. */
export const DOWNLOAD_WINDOW_BLOCKS = 1_024;
/** Bodies asked of one peer and not yet received. */
export const MAX_IN_FLIGHT_PER_PEER = 16;
/** Bytes that the bodies in flight of one peer may come to, if they are as large as the last one was. */
const MAX_IN_FLIGHT_BYTES = 4 * 1024 * 1024;
/** Transactions of whole blocks that wait to be connected, above which no further bodies are fetched: more would only wait, too. */
export const MAX_WAITING_TRANSACTIONS = 8_192;
/** A peer that holds back the next body for so long is passed over; doubled each time, up to the longest, halved by progress. */
const STALL_FIRST_MS = 2_000;
const STALL_LONGEST_MS = 64_000;

interface InFlight {
  readonly entry: BlockEntry;
  readonly peer: Peer;
  readonly sinceMonotonicMs: number;
}

/**
 * Fetches the bodies of the best headers from all peers that have them, inside a window that moves with what has come,
 * and those of other branches that are better than the tip where nobody gives those.
 * Whoever holds back the body that is needed next is passed over, and another is asked.
 */
export class BlockDownload {
  readonly #turn: Turn;
  readonly #peers: Peers;
  readonly #chain: Chain;
  readonly #inFlight = new Map<Hash, InFlight>();
  /** Peers that stalled, until when (monotonic milliseconds) they are asked for nothing. */
  readonly #passedOver = new Map<PeerId, number>();
  /** Peers that said they do not have a body: not asked for it again. */
  readonly #lacking = new Map<PeerId, Set<Hash>>();
  #stallMs = STALL_FIRST_MS;
  #lastBodyBytes = 0;
  /** The bodies that are needed next, one of each wanted branch, and since when (monotonic milliseconds) each has been that. */
  #next: ReadonlyMap<BlockEntry, number> = new Map();

  constructor(turn: Turn, peers: Peers, chain: Chain) {
    this.#turn = turn;
    this.#peers = peers;
    this.#chain = chain;
  }

  holdings(): Holding[] {
    const { size } = this.#peers;
    return [
      largestHolding(
        'bodies in flight of a peer',
        Array.from(this.#peers.all(), (peer) => this.#countOf(peer)),
        MAX_IN_FLIGHT_PER_PEER,
      ),
      { what: 'peers that are passed over', count: this.#passedOver.size, limit: size },
      { what: 'peers that lack bodies', count: this.#lacking.size, limit: size },
    ];
  }

  /** Whether this body is being fetched. */
  isInFlight(hash: Hash): boolean {
    return this.#inFlight.has(hash);
  }

  /**
   * A body is asked of a peer by other means: nobody else is asked for it unless this one takes too long. False where so
   * much is asked of the peer already that it must not be.
   */
  expect(peer: Peer, entry: BlockEntry): boolean {
    if (this.#inFlight.get(entry.record.hash)?.peer !== peer && this.#countOf(peer) >= MAX_IN_FLIGHT_PER_PEER)
      return false;
    this.#inFlight.set(entry.record.hash, { entry, peer, sinceMonotonicMs: this.#turn.now.monotonicMs });
    this.#turn.ensureAlarm('bodies', this.#stallMs);
    return true;
  }

  /** Asks for what is missing, as far as window and peers allow. */
  fetchMore(): void {
    const room = this.#room();
    const requests = new Map<Peer, Hash[]>();
    for (const entry of room.size === 0 || this.#isBehind() ? [] : this.#wanted()) {
      const peer = this.#choose(entry, room);
      if (!peer) continue;
      const free = (room.get(peer) ?? 0) - 1;
      if (free > 0) room.set(peer, free);
      else room.delete(peer);
      this.#inFlight.set(entry.record.hash, { entry, peer, sinceMonotonicMs: this.#turn.now.monotonicMs });
      requests.set(peer, [...(requests.get(peer) ?? []), entry.record.hash]);
      if (room.size === 0) break;
    }
    for (const [peer, blockHashes] of requests) this.#peers.send(peer, { type: 'getBlocks', blockHashes });
    this.#armAlarm();
  }

  /** Rings when a body that is needed next is late, or, where nobody can be asked for one, to look again. */
  #armAlarm(): void {
    const now = this.#turn.now.monotonicMs;
    this.#next = new Map([...this.#nextNeeded()].map((entry) => [entry, this.#next.get(entry) ?? now]));
    let dueMs = Number.POSITIVE_INFINITY;
    for (const entry of this.#next.keys()) {
      const request = this.#inFlight.get(entry.record.hash);
      if (request) dueMs = Math.min(dueMs, this.#dueMonotonicMs(request));
    }
    if (Number.isFinite(dueMs)) this.#turn.setAlarm('bodies', Math.max(0, dueMs - now));
    else if (this.#next.size > 0) this.#turn.ensureAlarm('bodies', STALL_FIRST_MS);
    else this.#turn.clearAlarm('bodies');
  }

  /** When a request for the body that is needed next is late: while others before it were under way, it was not. */
  #dueMonotonicMs(request: InFlight): number {
    return Math.max(request.sinceMonotonicMs, this.#next.get(request.entry) ?? 0) + this.#stallMs;
  }

  /** A body came, from whomever. True if it had been asked for. */
  received(hash: Hash, sizeBytes: number): boolean {
    const known = this.#inFlight.delete(hash);
    for (const lacking of this.#lacking.values()) lacking.delete(hash);
    if (known) this.#lastBodyBytes = sizeBytes;
    if (known) this.#stallMs = Math.max(STALL_FIRST_MS, this.#stallMs / 2);
    return known;
  }

  onNotFound(peer: Peer, hashes: readonly Hash[]): void {
    const lacking = this.#lacking.get(peer.id) ?? new Set();
    for (const hash of hashes) {
      if (this.#inFlight.get(hash)?.peer !== peer) continue;
      this.#inFlight.delete(hash);
      lacking.add(hash);
    }
    this.#lacking.set(peer.id, lacking);
    this.fetchMore();
  }

  onGone(peer: Peer): void {
    for (const [hash, request] of this.#inFlight) if (request.peer === peer) this.#inFlight.delete(hash);
    this.#passedOver.delete(peer.id);
    this.#lacking.delete(peer.id);
    this.fetchMore();
  }

  /** Looks for peers that hold back what is needed next. */
  onAlarm(): void {
    const now = this.#turn.now.monotonicMs;
    for (const next of this.#nextNeeded()) {
      const request = this.#inFlight.get(next.record.hash);
      if (request && this.#next.has(next) && now >= this.#dueMonotonicMs(request)) this.#passOver(request);
    }
    this.fetchMore();
  }

  #passOver({ peer, entry }: InFlight): void {
    this.#turn.emit({
      type: 'log',
      level: 'info',
      message: 'peer holds back a block',
      fields: { peer: peer.address, height: entry.record.height },
    });
    this.#passedOver.set(peer.id, this.#turn.now.monotonicMs + this.#stallMs);
    for (const [hash, each] of this.#inFlight) if (each.peer === peer) this.#inFlight.delete(hash);
    this.#stallMs = Math.min(this.#stallMs * 2, STALL_LONGEST_MS);
  }

  /** The lowest block of each wanted branch whose body is not there. */
  *#nextNeeded(): Generator<BlockEntry> {
    for (const branch of this.#branches()) {
      const { value: lowest } = missingOf(branch).next();
      if (lowest) yield lowest;
    }
  }

  /**
   * Missing bodies that are not in flight, lowest first: of the best branch, and where nobody gives the next one of
   * that, of the others. To be taken while what is taken is put in flight.
   */
  *#wanted(): Generator<BlockEntry> {
    for (const branch of this.#branches()) {
      let next: BlockEntry | null = null;
      for (const entry of missingOf(branch)) {
        next ??= entry;
        if (!this.#inFlight.has(entry.record.hash)) yield entry;
      }
      if (next === null || this.#inFlight.has(next.record.hash)) return;
    }
  }

  /**
   * The ends of the branches to fetch: that of the best header, then those that peers have and that are better than the
   * tip, too. Whoever made the best header may keep its body for ever, and nobody shall have to wait for it.
   */
  #branches(): Set<BlockEntry> {
    const { bestHeader, tip } = this.#chain;
    const branches = new Set<BlockEntry>();
    if (bestHeader.record.chainWork <= tip.record.chainWork) return branches;
    branches.add(bestHeader);
    for (const { best } of this.#peers.ready()) {
      if (!best || best.failure || best.record.chainWork <= tip.record.chainWork) continue;
      if (ancestorAt(bestHeader, best.record.height) !== best) branches.add(best);
    }
    return branches;
  }

  /** Blocks come faster than they are connected. */
  #isBehind(): boolean {
    return this.#chain.hasWaitingTransactions(MAX_WAITING_TRANSACTIONS);
  }

  #available(): Peer[] {
    const now = this.#turn.now.monotonicMs;
    const ready = this.#peers.ready();
    const willing = ready.filter((peer) => (this.#passedOver.get(peer.id) ?? 0) <= now);
    // Better a slow peer than none.
    return willing.length > 0 ? willing : ready;
  }

  #choose(entry: BlockEntry, room: ReadonlyMap<Peer, number>): Peer | null {
    let chosen: Peer | null = null;
    for (const [peer, free] of room) {
      if (free <= 0 || (chosen && free <= (room.get(chosen) ?? 0))) continue;
      if (this.#lacking.get(peer.id)?.has(entry.record.hash)) continue;
      if (peer.best && ancestorAt(peer.best, entry.record.height) === entry) chosen = peer;
    }
    return chosen;
  }

  /** Who may be asked for how many bodies now; without those that surely have none of the missing ones. */
  #room(): Map<Peer, number> {
    const room = new Map<Peer, number>();
    const lowest = Math.min(...[...this.#nextNeeded()].map(({ record }) => record.height));
    for (const peer of Number.isFinite(lowest) ? this.#available() : []) {
      if (!peer.best || peer.best.record.height < lowest) continue;
      const free = this.#roomOf(peer);
      if (free > 0) room.set(peer, free);
    }
    return room;
  }

  /** Bodies that are in flight from a peer. */
  #countOf(peer: Peer): number {
    let count = 0;
    for (const request of this.#inFlight.values()) if (request.peer === peer) count++;
    return count;
  }

  /** Bodies that may be asked of a peer now. Asked in batches: no room until half of the earlier ones are here. */
  #roomOf(peer: Peer): number {
    const limit = Math.min(MAX_IN_FLIGHT_PER_PEER, Math.ceil(MAX_IN_FLIGHT_BYTES / (this.#lastBodyBytes + 1)));
    const room = limit - this.#countOf(peer);
    return room >= limit / 2 ? room : 0;
  }
}

/** Missing bodies of a branch's window, lowest first. Found one by one, for mostly only the first few are asked for. */
function* missingOf(branch: BlockEntry): Generator<BlockEntry> {
  const lowest = lowestMissing(branch);
  const end = Math.min(branch.record.height + 1, lowest + DOWNLOAD_WINDOW_BLOCKS);
  for (let height = lowest; height < end; height++) {
    const entry = ancestorAt(branch, height);
    if (entry?.record.bodyBytes === 0) yield entry;
  }
}

/** The lowest height of a branch whose block, or one before it, lacks its body; above the branch if none does. */
function lowestMissing(branch: BlockEntry): number {
  // Whoever has arrived has all its ancestors: the missing ones are at the end.
  let [low, high] = [0, branch.record.height + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((ancestorAt(branch, middle)?.record.arrival ?? 0) > 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
