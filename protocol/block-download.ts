import type { Hash } from '../consensus/hash.ts';
import { BodyRequests } from './body-requests.ts';
import type { BoundedResource } from './bounded-resource.ts';
import type { Chain } from './chain.ts';
import { BODY_TIMEOUT_MS, isSilent, MAX_FAILURES, MAX_IN_FLIGHT_PER_PEER, markFailed } from './delivery.ts';
import type { Alarm, EventContext } from './event-context.ts';
import { ancestorAt, type BlockEntry } from './header-index.ts';
import { type Peer, peerName } from './peer.ts';
import type { Peers } from './peers.ts';

/** Bodies are fetched at most this far ahead of the lowest missing one, so that they arrive roughly in order. */
export const DOWNLOAD_WINDOW_BLOCKS = 1_024;
/** Bytes that may be in flight from one peer, estimated by the size of the last body. */
const MAX_IN_FLIGHT_BYTES = 4 * 1024 * 1024;
/**
 * Peers that are asked for one body at once after others have withheld it: 64 MB if all of them send a full block after
 * all. Doubling from one, all `MAX_PEERS` peers have been asked after seven rounds.
 */
const MAX_COPIES = 64;
/** Consecutive bodies that no peer with spare capacity can give, after which the search for further ones ends. */
const MAX_MISSES = 32;
/** Transactions in whole blocks that wait to be connected. Above it no further bodies are fetched: they would only wait as well. */
export const MAX_WAITING_TRANSACTIONS = 8_192;

export interface BlockDownloadObserver {
  /** The peer has failed to give bodies `MAX_FAILURES` times in a row. */
  onUseless(peer: Peer): void;
}

/** The next body that is needed along the best header chain. */
export interface NeededBody {
  readonly entry: BlockEntry;
  /** Since when it has been the next one, in monotonic milliseconds. */
  readonly sinceMs: number;
}

/**
 * Fetches the bodies of the best header chain from all peers that have them, inside a window that moves with what has
 * arrived; where no peer gives those, also the bodies of other branches that are better than the tip.
 *
 * A body that is needed next and does not come within `BODY_TIMEOUT_MS` is requested from more peers, twice as many each
 * time (1, 2, 4, …), and from one that has failed for it only after all others. So however many of `n` peers withhold
 * bodies, one that does not is reached after about log2(n) rounds.
 */
export class BlockDownload {
  readonly #context: EventContext;
  readonly #peers: Peers;
  readonly #chain: Chain;
  readonly #observer: BlockDownloadObserver;
  readonly #requests: BodyRequests;
  /** Rings when a body that is needed next is late, or to look again while no peer can be asked for it. */
  readonly #alarm: Alarm;
  #lastBodyBytes = 0;
  /** The bodies that are needed next, one of each wanted branch, best branch first, and since when (monotonic milliseconds). */
  #next: ReadonlyMap<BlockEntry, number> = new Map();

  constructor(context: EventContext, peers: Peers, chain: Chain, observer: BlockDownloadObserver) {
    this.#context = context;
    this.#peers = peers;
    this.#chain = chain;
    this.#observer = observer;
    this.#requests = new BodyRequests(peers);
    this.#alarm = context.alarm(() => this.#askForLate());
  }

  resources(): BoundedResource[] {
    return this.#requests.resources();
  }

  /** Whether this body was requested and has not arrived. */
  isExpected(hash: Hash): boolean {
    return this.#requests.isExpected(hash);
  }

  /** Peers that were asked for this body and are not late. */
  peersAsked(hash: Hash): Peer[] {
    return this.#requests.peersAsked(hash);
  }

  /** The body that the best headers wait for; null where none is missing, or blocks are still being connected. */
  needed(): NeededBody | null {
    const { bestHeader, tip, isMoving } = this.#chain;
    if (isMoving || bestHeader.record.chainWork <= tip.record.chainWork) return null;
    for (const [entry, sinceMs] of this.#next)
      if (ancestorAt(bestHeader, entry.record.height) === entry) return { entry, sinceMs };
    return null;
  }

  /**
   * Records that a body is requested from a peer by other means: no other peer is asked unless this one takes too long.
   * False where the peer has as many requests in flight as it may have, and must not be asked.
   */
  expect(peer: Peer, entry: BlockEntry): boolean {
    const { asked } = peer.delivery;
    if (!asked.has(entry.record.hash) && asked.size >= MAX_IN_FLIGHT_PER_PEER) return false;
    this.#requests.markAsked([peer], entry, this.#context.now.monotonicMs);
    this.#alarm.ensure(BODY_TIMEOUT_MS);
    return true;
  }

  /** Requests missing bodies, as far as window and peers allow. */
  fetchMore(): void {
    this.#requests.forgetOwed(this.#context.now.monotonicMs);
    const room = this.#room();
    const requests = new Map<Peer, Hash[]>();
    let misses = 0;
    for (const entry of room.size === 0 || this.#isBehind() ? [] : this.#wanted()) {
      const peer = this.#choose(entry, room);
      if (!peer && ++misses >= MAX_MISSES) break;
      if (!peer) continue;
      misses = 0;
      const free = (room.get(peer) ?? 0) - 1;
      if (free > 0) room.set(peer, free);
      else room.delete(peer);
      this.#requests.markAsked([peer], entry, this.#context.now.monotonicMs);
      requests.set(peer, [...(requests.get(peer) ?? []), entry.record.hash]);
      if (room.size === 0) break;
    }
    for (const [peer, blockHashes] of requests) this.#peers.send(peer, { type: 'getBlocks', blockHashes });
    this.#armAlarm();
  }

  #armAlarm(): void {
    const now = this.#context.now.monotonicMs;
    this.#next = new Map([...this.#nextNeeded()].map((entry) => [entry, this.#next.get(entry) ?? now]));
    let dueMs = Number.POSITIVE_INFINITY;
    for (const entry of this.#next.keys()) dueMs = Math.min(dueMs, this.#dueMs(entry) ?? dueMs);
    if (Number.isFinite(dueMs)) this.#alarm.set(Math.max(0, dueMs - now));
    else if (this.#next.size > 0) this.#alarm.ensure(BODY_TIMEOUT_MS);
    else this.#alarm.clear();
  }

  /**
   * When the next round for a body that is needed next is due. It was not late while others before it were in flight. Only
   * time decides, not the fate of the requests: peers that claim to lack the body, or hang up, must not gain time. Null: no
   * peer was asked.
   */
  #dueMs(entry: BlockEntry): number | null {
    const roundMs = this.#requests.roundMs(entry.record.hash);
    return roundMs === null ? null : Math.max(roundMs, this.#next.get(entry) ?? 0) + BODY_TIMEOUT_MS;
  }

  /** Records that a peer sent a body, good or bad, requested or not. */
  recordDelivery(peer: Peer, hash: Hash, sizeBytes: number): void {
    this.#requests.recordDelivery(peer, hash, this.#context.now.monotonicMs);
    this.#lastBodyBytes = sizeBytes;
  }

  /** Drops the requests for a body that has arrived, or is known to be of no use. */
  stopFetching(hash: Hash): void {
    this.#requests.forget(hash);
  }

  onNotFound(peer: Peer, hashes: readonly Hash[]): void {
    for (const hash of hashes) this.#requests.markLacking(peer, hash);
    this.fetchMore();
  }

  /** A peer has shown new headers: it may now have bodies that it lacked. */
  onHeaders(peer: Peer): void {
    this.#requests.forgetLacking(peer);
    this.fetchMore();
  }

  onGone(peer: Peer): void {
    this.#requests.onGone(peer);
    this.fetchMore();
  }

  /** Asks further peers for the bodies that are needed next and late. */
  #askForLate(): void {
    const now = this.#context.now.monotonicMs;
    this.#requests.forgetOwed(now);
    const late = [...this.#nextNeeded()].filter(
      (entry) => this.#next.has(entry) && (this.#dueMs(entry) ?? Infinity) <= now,
    );
    for (const entry of late) this.#markLate(entry);
    // While the download is stuck, no other silent peer is waited for either.
    for (const peer of late.length > 0 ? this.#peers.ready() : [])
      if (isSilent(peer.delivery, now)) this.#recordFailure(peer);
    for (const entry of late) this.#askMore(entry);
    this.fetchMore();
  }

  /** Marks the peers that did not give a body in time. One that is busy with earlier requests is late, but has not failed. */
  #markLate(entry: BlockEntry): void {
    const { hash } = entry.record;
    const now = this.#context.now.monotonicMs;
    for (const peer of this.#requests.peersAsked(hash)) {
      const { asked } = peer.delivery;
      if (now - (asked.get(hash) ?? 0) < BODY_TIMEOUT_MS) continue;
      const [oldest] = asked.keys();
      if (oldest === hash || isSilent(peer.delivery, now)) this.#recordFailure(peer);
      else this.#requests.markLate(peer, hash);
    }
  }

  #recordFailure(peer: Peer): void {
    const { delivery } = peer;
    const now = this.#context.now.monotonicMs;
    this.#requests.markAllLate(peer);
    // One that was asked during its penalty, for want of others, is not charged a second failure.
    if (delivery.passedOverUntilMs > now) return;
    markFailed(delivery, now);
    const fields = { peer: peerName(peer), failures: delivery.failures };
    this.#context.emit({ type: 'log', level: 'info', message: 'peer withholds blocks', fields });
    if (delivery.failures >= MAX_FAILURES) this.#observer.onUseless(peer);
  }

  /**
   * Asks twice as many peers as the last time. Where fewer are left that have not failed for this body, one that has failed
   * and whose penalty is over is asked with them, since new callers may come without end. Once all have failed, it is asked
   * alone.
   */
  #askMore(entry: BlockEntry): void {
    const { hash } = entry.record;
    const now = this.#context.now.monotonicMs;
    const hasFailed = (peer: Peer): boolean => this.#requests.hasFailed(peer, hash);
    const holders = this.#peers.ready().filter((peer) => this.#mayGive(peer, entry) && this.#canTakeOneMore(peer));
    const untried = holders.filter((peer) => !hasFailed(peer)).sort(byMerit);
    const copies = untried.length === 0 ? 1 : Math.min(this.#requests.copies(hash) * 2, MAX_COPIES);
    const asked = untried.slice(0, copies);
    if (untried.length < copies) {
      const patient = holders.filter((peer) => hasFailed(peer) && peer.delivery.passedOverUntilMs <= now);
      asked.push(...patient.sort(byMerit).slice(0, 1));
      if (untried.length === 0 && asked.length > 0) this.#requests.forgetFailures(hash);
    }
    this.#requests.beginRound(hash, copies, now);
    this.#requests.markAsked(asked, entry, now);
    for (const peer of asked) this.#peers.send(peer, { type: 'getBlocks', blockHashes: [hash] });
  }

  #mayGive(peer: Peer, { record: { hash, height } }: BlockEntry): boolean {
    if (!peer.best || this.#requests.lacks(peer, hash)) return false;
    return ancestorAt(peer.best, height)?.record.hash === hash;
  }

  /** Whether one more body may be requested from a peer beyond its allowance, because it is urgent. */
  #canTakeOneMore({ delivery }: Peer): boolean {
    return delivery.asked.size < MAX_IN_FLIGHT_PER_PEER;
  }

  /** The lowest block of each wanted branch whose body is missing. */
  *#nextNeeded(): Generator<BlockEntry> {
    for (const branch of this.#branches()) {
      const { value: lowest } = missingOf(branch).next();
      if (lowest) yield lowest;
    }
  }

  /**
   * Missing bodies that are not in flight, lowest first: of the best branch, and where its next one is late, of the others.
   * Lazy: the caller puts what it takes in flight before it takes the next.
   */
  *#wanted(): Generator<BlockEntry> {
    for (const branch of this.#branches()) {
      let next: BlockEntry | null = null;
      for (const entry of missingOf(branch)) {
        next ??= entry;
        if (!this.#requests.isInFlight(entry.record.hash)) yield entry;
      }
      if (next === null || this.#requests.isInFlight(next.record.hash)) return;
    }
  }

  /**
   * The ends of the branches to fetch: the best header's, then others that peers have and that are better than the tip.
   * The miner of the best header may withhold its body forever, which must not stop the node.
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

  /** Whether blocks arrive faster than they are connected. */
  #isBehind(): boolean {
    return this.#chain.hasWaitingTransactions(MAX_WAITING_TRANSACTIONS);
  }

  /** The best peer that has room and has not failed for this body. */
  #choose(entry: BlockEntry, room: ReadonlyMap<Peer, number>): Peer | null {
    let chosen: Peer | null = null;
    for (const [peer, free] of room) {
      if (chosen && (byMerit(peer, chosen) || (room.get(chosen) ?? 0) - free) >= 0) continue;
      if (this.#mayGive(peer, entry) && !this.#requests.hasFailed(peer, entry.record.hash)) chosen = peer;
    }
    return chosen;
  }

  /** How many bodies each peer may be asked for now, without peers that cannot have any of the missing ones. */
  #room(): Map<Peer, number> {
    const room = new Map<Peer, number>();
    const lowest = Math.min(...[...this.#nextNeeded()].map(({ record }) => record.height));
    for (const peer of Number.isFinite(lowest) ? this.#peers.ready() : []) {
      if (!peer.best || peer.best.record.height < lowest) continue;
      const free = this.#roomOf(peer);
      if (free > 0) room.set(peer, free);
    }
    return room;
  }

  /** Bodies that may be requested from a peer now. In batches: none until half of the earlier ones have arrived. */
  #roomOf({ delivery }: Peer): number {
    if (delivery.passedOverUntilMs > this.#context.now.monotonicMs) return 0;
    const limit = Math.min(delivery.allowance, Math.ceil(MAX_IN_FLIGHT_BYTES / (this.#lastBodyBytes + 1)));
    const room = limit - delivery.asked.size;
    return room >= limit / 2 ? room : 0;
  }
}

/** Sorts by reliability: fewer failures, fewer refusals, has delivered before, was dialled by this node. */
function byMerit(a: Peer, b: Peer): number {
  return (
    a.delivery.failures - b.delivery.failures ||
    a.delivery.refusals - b.delivery.refusals ||
    Number(hasDelivered(b)) - Number(hasDelivered(a)) ||
    Number(b.direction === 'outbound') - Number(a.direction === 'outbound')
  );
}

function hasDelivered({ delivery, lastBlockMonotonicMs }: Peer): boolean {
  return delivery.lastDeliveryMs !== null || lastBlockMonotonicMs !== null;
}

/** Missing bodies inside a branch's window, lowest first. Lazy, since mostly only the first few are taken. */
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
  // A block that has arrived has all its ancestors, so the missing ones are at the end of the branch.
  let [low, high] = [0, branch.record.height + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((ancestorAt(branch, middle)?.record.arrival ?? 0) > 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
