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

/** A peer that does not answer `getHeaders` by then is passed over. */
const HEADERS_TIMEOUT_MS = 5_000;
/** Where nothing of use has come by then, twice as many peers are asked as the last time, up to the most. */
const HEADERS_ROUND_MS = 2_000;
const MAX_ASKED_AT_ONCE = 64;
/** A peer that leaves so many requests for headers in a row without an answer loses its place. */
const MAX_HEADERS_TIMEOUTS = 3;
/** How often the clock is looked at while headers wait for it: it may be put right at any time. */
const CLOCK_CHECK_MS = 1_000;
/** A branch of less work than ours is kept only when it leaves the active chain so close to the tip. */
export const NEAR_TIP_BLOCKS = 144;
/** Headers held of one peer whose chain has not shown enough work yet; beyond it the chain is given up. */
const MAX_UNPROVEN_HEADERS = 50_000;
/** Headers that lead nowhere, in a row, before the peer is asked no more. */
const MAX_UNCONNECTING = 10;

/** Headers checked, or kept, for one event before others get their turn: a few milliseconds, ten in a node that has just started. */
const HEADERS_PER_STEP = 50;
/** Messages of one peer that may wait to be worked through; further ones are ignored. */
const MAX_WAITING_MESSAGES = 4;

export interface HeaderSyncObserver {
  /** Headers were kept that the peer had not shown before: it has the chain of the last one. */
  onHeaders(peer: Peer, last: BlockEntry): void;
  /** The peer answered no request for headers, again and again. */
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
  /** Headers of chains that are still short of work, by peer. */
  readonly #unproven = new Map<PeerId, BlockEntry[]>();
  /** Chains that cannot be taken yet, by peer. */
  readonly #early: EarlyHeaders;
  /** Messages that wait to be worked through, first come first. */
  #jobs: HeaderJob[] = [];
  #continueAsked = false;
  /** When nothing was asked for or worked through, or headers came that were of use (monotonic milliseconds). */
  #lastProgressMs = 0;
  /** How many peers were asked at once since headers last came that were of use, and when the last time. */
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

  /** Headers are asked for, or being worked through. */
  get isActive(): boolean {
    return this.#jobs.length > 0 || this.#peers.ready().some((peer) => peer.awaitingHeaders);
  }

  /** For how long headers have been asked for, and none of use has come, in milliseconds. */
  get unansweredMs(): number {
    return this.isActive ? this.#context.now.monotonicMs - this.#lastProgressMs : 0;
  }

  /** The best chain that only the clock keeps from being taken; null where none has more work than `chainWork`. */
  earlyChain(chainWork: bigint): EarlyChain | null {
    return this.#early.best(chainWork);
  }

  /** The end of an event: while nothing is asked for, there is nothing to wait for. */
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

  /** A peer has said where it stands. Where we know the block, we know what the peer has without asking. */
  onReady(peer: Peer): void {
    this.#learnFromHello(peer);
    this.syncMore();
  }

  #learnFromHello(peer: Peer): void {
    const tip = peer.state.kind === 'ready' ? this.#chain.get(peer.state.hello.tipHash) : undefined;
    if (tip) notePeerHas(peer, tip);
  }

  /**
   * Asks for headers if there is something to learn. One peer at first; where that leads nowhere, be it that nothing comes,
   * nothing new, or that the peer goes, of twice as many at each round, so that nobody who claims more can keep others from
   * being asked.
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
    // All were too slow once: give them another chance rather than ask nobody.
    if (candidates.every((peer) => peer.slowHeaders)) for (const peer of candidates) peer.slowHeaders = false;
    this.#roundMs = now;
    this.#askedAtOnce = Math.min(Math.max(1, this.#askedAtOnce * 2), MAX_ASKED_AT_ONCE);
    for (const peer of candidates.sort(byPromise).slice(0, this.#askedAtOnce)) this.#askFor(peer);
    this.#nextRound.set(HEADERS_ROUND_MS);
  }

  /** Whoever has no more than the best header is asked which of the missing bodies it has. */
  #askFor(peer: Peer): void {
    const { bestHeader, tip } = this.#chain;
    this.ask(peer, peer.claimedWork > bestHeader.record.chainWork ? bestHeader : tip);
  }

  /** Asks one peer for what follows our best header. */
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

  /** A header that all rules allow but its time: its peer is asked again once the clock allows it. */
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

  /** Asks for headers again that the clock allows by now. */
  #askPostponed(): void {
    for (const [id, { parent }] of this.#early.due(wallSeconds(this.#context.now))) {
      const peer = this.#peers.get(id);
      // From where it was too early: somebody else's headers may have been taken meanwhile, and this peer has the bodies as well.
      if (peer) this.ask(peer, parent);
    }
    if (this.#early.size > 0) this.#clockCheck.set(CLOCK_CHECK_MS);
  }

  /** Takes a message of headers in; a long one is worked through in portions. */
  onHeaders(peer: Peer, headers: readonly BlockHeader[]): void {
    const wasAsked = peer.awaitingHeaders;
    if (wasAsked) this.#early.onAnswer(peer.id, wallSeconds(this.#context.now));
    peer.awaitingHeaders = false;
    peer.headersTimeouts = 0;
    this.#timeout.clear(peer);
    const first = headers[0];
    if (!first) {
      // Nothing follows what we know: its claim was all there is to say of its work.
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

  /** Checks or keeps the next portion. True when the message is done with. */
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

  /** The known block that the message's first header builds on, or one of the peer's own that are not kept yet. */
  #startOf({ peer, headers }: HeaderJob): BlockEntry | null {
    const prevHash = headers[0]?.prevHash ?? '';
    const unproven = this.#unproven.get(peer.id)?.at(-1);
    return this.#chain.get(prevHash) ?? (unproven?.record.hash === prevHash ? unproven : null);
  }

  /** All headers are checked: are they worth keeping? True when the message is done with. */
  #conclude(job: HeaderJob, start: BlockEntry): boolean {
    const { peer, wasAsked } = job;
    const earlier = this.#unproven.get(peer.id) ?? [];
    this.#unproven.delete(peer.id);
    peer.unconnectingHeaders = 0;
    if (job.loose) this.#postpone(peer, job.loose);
    // Whoever builds on a block has it, even where nothing of what follows can be taken yet.
    if (start !== earlier.at(-1)) notePeerHas(peer, start);
    // It has shown all that it has for now, and is not asked again until it claims more.
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
    // Others may stand on what we know only now; asked for headers, they would have nothing to add.
    for (const other of this.#peers.ready()) if (other.best === null) this.#learnFromHello(other);
    if (isNewOfPeer) {
      if (isFull(job)) this.#askAfter(peer, last);
      this.#observer.onHeaders(peer, last);
      // It shows the same again, whatever it claims.
    } else peer.claimedWork = peer.best?.record.chainWork ?? 0n;
    return true;
  }

  /** A block or header whose parent is unknown: its sender has a chain that we should ask for. */
  onUnknownParent(peer: Peer): void {
    // What it was asked before may well tell; only answers count.
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

  /** It claims more work than we know of, or bodies are missing and it has not shown yet which it has. */
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

/** Who is likely to answer: those that have, then whom this node has called itself, then who claims the most. */
function byPromise(a: Peer, b: Peer): number {
  return (
    Number(a.slowHeaders) - Number(b.slowHeaders) ||
    a.headersTimeouts - b.headersTimeouts ||
    Number(b.direction === 'outbound') - Number(a.direction === 'outbound') ||
    (b.claimedWork > a.claimedWork ? 1 : b.claimedWork < a.claimedWork ? -1 : 0)
  );
}
