import { RuleError } from '../consensus/errors.ts';
import { ZERO_HASH } from '../consensus/hash.ts';
import type { BlockHeader } from '../consensus/header.ts';
import type { NetworkParams } from '../consensus/params.ts';
import { type BoundedResource, fullestResource } from './bounded-resource.ts';
import type { Chain } from './chain.ts';
import { type EarlyChain, EarlyHeaders } from './early-headers.ts';
import type { Alarm, EventContext, PeerAlarm } from './event-context.ts';
import type { PeerId } from './events.ts';
import { type BlockEntry, locatorOf } from './header-index.ts';
import {
  BrokenChain,
  beginJob,
  checkNext,
  type EarlyHeader,
  type HeaderJob,
  isFull,
  type LooseHeaders,
  looseFrom,
  makeJob,
} from './header-job.ts';
import { notePeerHas, type Peer, peerName } from './peer.ts';
import type { Peers } from './peers.ts';
import { wallSeconds } from './time.ts';

/** A peer that does not answer `getHeaders` within this time is passed over. */
const HEADERS_TIMEOUT_MS = 5_000;
/** Without useful headers within this time, twice as many peers are asked as the last time, up to `MAX_ASKED_AT_ONCE`. */
const HEADERS_ROUND_MS = 2_000;
const MAX_ASKED_AT_ONCE = 64;
/** Unanswered requests for headers in a row after which a peer is replaced. */
const MAX_HEADERS_TIMEOUTS = 3;
/** How often the clock is checked while headers wait for it: it may be corrected at any time. */
const CLOCK_CHECK_MS = 1_000;
/** A branch of less work than ours is kept only if it leaves the active chain at most this many blocks below the tip. */
export const NEAR_TIP_BLOCKS = 144;
/** Headers kept in memory of one peer whose chain has not shown enough work yet; above it the chain is dropped. */
const MAX_UNPROVEN_HEADERS = 50_000;
/** Headers in a row that do not connect, after which the peer is no longer asked. */
const MAX_UNCONNECTING = 10;

/** Headers checked, or kept, in one event: a few milliseconds, ten in a node that has just started. */
const HEADERS_PER_STEP = 50;
/** Messages of one peer that may wait to be processed; further ones are ignored. */
const MAX_WAITING_MESSAGES = 4;

export interface HeaderSyncObserver {
  /** Headers were kept that the peer had not shown before: it has the chain up to the last one. */
  onHeaders(peer: Peer, last: BlockEntry): void;
  /** The peer has left `MAX_HEADERS_TIMEOUTS` requests in a row unanswered. */
  onUseless(peer: Peer): void;
}

/**
 * Headers first: asks the peer with the most claimed work for its headers, and keeps them once their chain has shown
 * enough work to matter. Headers of chains that never get there cost the sender their work and us nothing.
 */
export class HeaderSync {
  readonly #context: EventContext;
  readonly #peers: Peers;
  readonly #chain: Chain;
  readonly #observer: HeaderSyncObserver;
  readonly #timeout: PeerAlarm;
  readonly #nextRound: Alarm;
  readonly #clockCheck: Alarm;
  /** Headers of chains that have not shown enough work yet, by peer. */
  readonly #unproven = new Map<PeerId, BlockEntry[]>();
  /** Chains that are not acceptable yet, by peer. */
  readonly #early: EarlyHeaders;
  /** Messages that wait to be processed, oldest first. */
  #jobs: HeaderJob[] = [];
  #continueAsked = false;
  /** When the sync was last idle or last received useful headers (monotonic milliseconds). */
  #lastProgressMs = 0;
  /** How many peers the last round asked, 0 after useful headers, and when it began (monotonic milliseconds). */
  #askedAtOnce = 0;
  #roundMs = 0;

  constructor(context: EventContext, params: NetworkParams, peers: Peers, chain: Chain, observer: HeaderSyncObserver) {
    this.#early = new EarlyHeaders(params.futureLimitSeconds);
    this.#context = context;
    this.#peers = peers;
    this.#chain = chain;
    this.#observer = observer;
    this.#timeout = context.peerAlarm((peer) => this.#onTimeout(peer));
    this.#nextRound = context.alarm(() => this.syncMore());
    this.#clockCheck = context.alarm(() => this.#askPostponed());
  }

  /** Whether headers are requested or being processed. */
  get isActive(): boolean {
    return this.#jobs.length > 0 || this.#peers.ready().some((peer) => peer.awaitingHeaders);
  }

  /** Milliseconds for which headers have been requested and no useful ones have arrived. */
  get unansweredMs(): number {
    return this.isActive ? this.#context.now.monotonicMs - this.#lastProgressMs : 0;
  }

  /** The best chain that is only too early to be accepted; null where none has more work than `chainWork`. */
  earlyChain(chainWork: bigint): EarlyChain | null {
    return this.#early.best(chainWork);
  }

  /** To be called at the end of each event: while nothing is requested, no time without progress counts. */
  settle(): void {
    if (!this.isActive) this.#lastProgressMs = this.#context.now.monotonicMs;
  }

  resources(): BoundedResource[] {
    const { size } = this.#peers;
    return [
      { what: 'peers with early headers', count: this.#early.size, limit: size },
      { what: 'peers with unproven headers', count: this.#unproven.size, limit: size },
      fullestResource(
        'unproven headers of a peer',
        [...this.#unproven.values()].map(({ length }) => length),
        MAX_UNPROVEN_HEADERS,
      ),
      { what: 'waiting messages of headers', count: this.#jobs.length, limit: MAX_WAITING_MESSAGES * size },
    ];
  }

  /** A peer has told its tip. Where we know that block, we know what the peer has without asking. */
  onReady(peer: Peer): void {
    this.#learnFromHello(peer);
    this.syncMore();
  }

  #learnFromHello(peer: Peer): void {
    const tip = peer.state.kind === 'ready' ? this.#chain.get(peer.state.hello.tipHash) : undefined;
    if (tip) notePeerHas(peer, tip);
  }

  /**
   * Requests headers if there is something to learn: from one peer at first, and from twice as many in each further round
   * that brings nothing new, so that peers with inflated claims cannot keep others from being asked.
   */
  syncMore(): void {
    if (this.#jobs.length > 0) return;
    const now = this.#context.now.monotonicMs;
    const isWaiting = this.#peers.ready().some((peer) => peer.awaitingHeaders);
    if (isWaiting && now - this.#roundMs < HEADERS_ROUND_MS) return;
    const candidates = this.#peers.ready().filter((peer) => !peer.awaitingHeaders && this.#isWorthAsking(peer));
    if (candidates.length === 0) {
      if (!isWaiting) this.#askedAtOnce = 0;
      return;
    }
    // All were too slow once: they get another chance.
    if (candidates.every((peer) => peer.slowHeaders)) for (const peer of candidates) peer.slowHeaders = false;
    this.#roundMs = now;
    this.#askedAtOnce = Math.min(Math.max(1, this.#askedAtOnce * 2), MAX_ASKED_AT_ONCE);
    for (const peer of candidates.sort(byPromise).slice(0, this.#askedAtOnce)) this.#askFor(peer);
    this.#nextRound.set(HEADERS_ROUND_MS);
  }

  /** A peer that claims no more than the best header is asked from the tip, to learn which of the missing bodies it has. */
  #askFor(peer: Peer): void {
    const { bestHeader, tip } = this.#chain;
    this.ask(peer, peer.claimedWork > bestHeader.record.chainWork ? bestHeader : tip);
  }

  /** Asks one peer for the headers that follow `from`. */
  ask(peer: Peer, from: BlockEntry = this.#chain.bestHeader): void {
    if (peer.awaitingHeaders || peer.state.kind !== 'ready') return;
    peer.awaitingHeaders = true;
    this.#peers.send(peer, { type: 'getHeaders', locator: locatorOf(from), stop: ZERO_HASH });
    this.#timeout.set(peer, HEADERS_TIMEOUT_MS);
  }

  onGone(peer: Peer): void {
    this.#unproven.delete(peer.id);
    this.#early.delete(peer.id);
    this.#jobs = this.#jobs.filter((job) => job.peer !== peer);
    this.#timeout.clear(peer);
    this.syncMore();
  }

  #onTimeout(peer: Peer): void {
    peer.awaitingHeaders = false;
    peer.slowHeaders = true;
    peer.headersTimeouts++;
    this.#unproven.delete(peer.id);
    if (peer.headersTimeouts >= MAX_HEADERS_TIMEOUTS) this.#observer.onUseless(peer);
    this.syncMore();
  }

  /** A header is valid but too early: its peer is asked again once the clock allows it. */
  postpone(peer: Peer, early: EarlyHeader): void {
    this.#postpone(peer, looseFrom(early));
  }

  #postpone(peer: Peer, { early, count, work }: LooseHeaders): void {
    if (!early) return;
    const { parent, header } = early;
    const { height, chainWork } = parent.record;
    this.#early.set(peer.id, { parent, height: height + 1, count, chainWork: chainWork + work, time: header.time });
    this.#clockCheck.ensure(CLOCK_CHECK_MS);
  }

  /** The wall clock was moved: what was too early may not be any more. */
  onClockMoved(): void {
    this.#askPostponed();
  }

  /** Requests again the headers that are no longer too early. */
  #askPostponed(): void {
    for (const [id, { parent }] of this.#early.due(wallSeconds(this.#context.now))) {
      const peer = this.#peers.get(id);
      // From the block before them: they may have been accepted from another peer meanwhile, and this one has the bodies too.
      if (peer) this.ask(peer, parent);
    }
    if (this.#early.size > 0) this.#clockCheck.set(CLOCK_CHECK_MS);
  }

  /** Accepts a message of headers; a long one is processed in portions. */
  onHeaders(peer: Peer, headers: readonly BlockHeader[]): void {
    const wasAsked = peer.awaitingHeaders;
    if (wasAsked) this.#early.onAnswer(peer.id, wallSeconds(this.#context.now));
    peer.awaitingHeaders = false;
    peer.headersTimeouts = 0;
    this.#timeout.clear(peer);
    const first = headers[0];
    if (!first) {
      // The peer has nothing that we lack: its claim of more work is void.
      peer.claimedWork = peer.best?.record.chainWork ?? 0n;
      this.#unproven.delete(peer.id);
      this.syncMore();
      return;
    }
    if (this.#jobs.filter((job) => job.peer === peer).length >= MAX_WAITING_MESSAGES) return;
    this.#jobs.push(makeJob(peer, headers, wasAsked));
    if (this.#jobs.length === 1) this.#processNext();
  }

  /** Answer to a `continue` effect. */
  onContinue(): void {
    if (!this.#continueAsked) return;
    this.#continueAsked = false;
    this.#processNext();
  }

  #processNext(): void {
    const job = this.#jobs[0];
    if (!job || this.#continueAsked) return;
    if (job.peer.state.kind !== 'ready' || this.#advance(job)) {
      this.#jobs.shift();
      this.syncMore();
    }
    if (this.#jobs.length === 0) return;
    this.#continueAsked = true;
    this.#context.emit({ type: 'continue' });
  }

  /** Checks or keeps the next portion. True when the message is done. */
  #advance(job: HeaderJob): boolean {
    if (job.proven) return this.#keep(job, job.proven);
    const { peer, headers } = job;
    if (job.next === 0) beginJob(job, this.#startOf(job));
    const portion = headers.slice(job.next, job.next + HEADERS_PER_STEP);
    job.next += portion.length;
    if (!this.#check(job, portion)) return true;
    if (job.next < headers.length) return false;
    if (job.start) return this.#conclude(job, job.start);
    this.onUnknownParent(peer);
    return true;
  }

  /** The parent of the message's first header, among the known blocks and the peer's headers that are not kept yet. */
  #startOf({ peer, headers }: HeaderJob): BlockEntry | null {
    const prevHash = headers[0]?.prevHash ?? '';
    const unproven = this.#unproven.get(peer.id)?.at(-1);
    return this.#chain.get(prevHash) ?? (unproven?.record.hash === prevHash ? unproven : null);
  }

  /** All headers are checked: decides whether they are kept. True when the message is done. */
  #conclude(job: HeaderJob, start: BlockEntry): boolean {
    const { peer, wasAsked } = job;
    const earlier = this.#unproven.get(peer.id) ?? [];
    this.#unproven.delete(peer.id);
    peer.unconnectingHeaders = 0;
    if (job.loose) this.#postpone(peer, job.loose);
    // A peer whose header builds on a block has that block, even if the header itself is not acceptable yet.
    if (start !== earlier.at(-1)) notePeerHas(peer, start);
    // It has shown all that it has, and is not asked again until it claims more.
    if (!isFull(job)) peer.claimedWork = (job.entries.at(-1) ?? start).record.chainWork;
    const entries = start === earlier.at(-1) ? [...earlier, ...job.entries] : job.entries;
    const [first, last] = [entries[0], entries.at(-1)];
    if (!first?.parent || !last) return true;
    if (this.#isWorthKeeping(first.parent, last)) {
      job.proven = { entries, kept: 0 };
      return false;
    }
    if (isFull(job) && wasAsked && entries.length < MAX_UNPROVEN_HEADERS) {
      this.#unproven.set(peer.id, entries);
      this.#askAfter(peer, last);
    }
    return true;
  }

  /** Keeps the next portion. True when all are kept. */
  #keep(job: HeaderJob, proven: NonNullable<HeaderJob['proven']>): boolean {
    const { peer } = job;
    const portion = proven.entries.slice(proven.kept, proven.kept + HEADERS_PER_STEP);
    const last = this.#chain.keepHeaders(portion).at(-1);
    proven.kept += portion.length;
    if (proven.kept < proven.entries.length || !last) return false;
    const isNewOfPeer = last.record.chainWork > (peer.best?.record.chainWork ?? 0n);
    notePeerHas(peer, last);
    if (job.hasNews) {
      this.#lastProgressMs = this.#context.now.monotonicMs;
      this.#askedAtOnce = 0;
    }
    // The tip of other peers may be among the new headers: they need not be asked for theirs.
    for (const other of this.#peers.ready()) if (other.best === null) this.#learnFromHello(other);
    if (isNewOfPeer) {
      if (isFull(job)) this.#askAfter(peer, last);
      this.#observer.onHeaders(peer, last);
      // It shows nothing new, whatever it claims.
    } else peer.claimedWork = peer.best?.record.chainWork ?? 0n;
    return true;
  }

  /** A block or header has an unknown parent: its sender has a chain that we should request. */
  onUnknownParent(peer: Peer): void {
    // The answer to the pending request may connect it.
    if (peer.awaitingHeaders) return;
    peer.unconnectingHeaders++;
    if (peer.unconnectingHeaders <= MAX_UNCONNECTING) this.ask(peer);
  }

  /** Checks the next headers of a message. False where the peer was at fault. */
  #check(job: HeaderJob, headers: readonly BlockHeader[]): boolean {
    const { peer } = job;
    const seen = { atMs: this.#context.now.wallMs, nowSeconds: wallSeconds(this.#context.now), from: peerName(peer) };
    try {
      for (const header of headers) checkNext(job, header, this.#chain.index, seen);
      return true;
    } catch (error) {
      if (!(error instanceof RuleError || error instanceof BrokenChain)) throw error;
      this.#peers.punish(peer, error.message);
      return false;
    }
  }

  /** The peer claims more work than we know of, or bodies are missing and it has not shown yet which it has. */
  #isWorthAsking(peer: Peer): boolean {
    if (peer.best?.failure) return false;
    const { bestHeader, tip } = this.#chain;
    if (peer.claimedWork > bestHeader.record.chainWork) return true;
    return peer.best === null && bestHeader !== tip && peer.claimedWork > tip.record.chainWork;
  }

  #isWorthKeeping(forkPoint: BlockEntry, last: BlockEntry): boolean {
    const { tip } = this.#chain;
    if (last.record.chainWork > tip.record.chainWork) return true;
    return forkPoint.record.height >= tip.record.height - NEAR_TIP_BLOCKS;
  }

  #askAfter(peer: Peer, entry: BlockEntry): void {
    peer.awaitingHeaders = true;
    this.#peers.send(peer, { type: 'getHeaders', locator: [entry.record.hash], stop: ZERO_HASH });
    this.#timeout.set(peer, HEADERS_TIMEOUT_MS);
  }
}

/** Sorts by likely usefulness: has answered in time, was dialled by this node, claims the most work. */
function byPromise(a: Peer, b: Peer): number {
  return (
    Number(a.slowHeaders) - Number(b.slowHeaders) ||
    a.headersTimeouts - b.headersTimeouts ||
    Number(b.direction === 'outbound') - Number(a.direction === 'outbound') ||
    Number(b.claimedWork > a.claimedWork) - Number(b.claimedWork < a.claimedWork)
  );
}
