import { RuleError } from '../consensus/errors.ts';
import { ZERO_HASH } from '../consensus/hash.ts';
import { type BlockHeader, blockHash } from '../consensus/header.ts';
import type { Chain } from './chain.ts';
import type { PeerId } from './events.ts';
import { type BlockEntry, locatorOf } from './header-index.ts';
import { MAX_HEADERS_PER_MESSAGE } from './limits.ts';
import { type Peer, peerHas, peerName } from './peer.ts';
import type { Peers } from './peers.ts';
import { wallSeconds } from './time.ts';
import type { Turn } from './turn.ts';

/** A peer that does not answer `getHeaders` by then is passed over. */
const HEADERS_TIMEOUT_MS = 5_000;
/** A branch of less work than ours is kept only when it leaves the active chain so close to the tip. */
export const NEAR_TIP_BLOCKS = 144;
/** Headers held of one peer whose chain has not shown enough work yet; beyond it the chain is given up. */
const MAX_UNPROVEN_HEADERS = 50_000;
/** Headers that lead nowhere, in a row, before the peer is asked no more. */
const MAX_UNCONNECTING = 10;

export interface HeaderSyncObserver {
  /** Headers were kept; the last one belongs to a chain that this peer has. */
  onHeaders(peer: Peer, last: BlockEntry): void;
}

/**
 * Headers first: asks the peer with the most claimed work for its headers, and keeps them once their chain has shown
 * enough work to matter. Headers of chains that never get there cost the sender their work and us nothing.
 */
export class HeaderSync {
  readonly #turn: Turn;
  readonly #peers: Peers;
  readonly #chain: Chain;
  readonly #observer: HeaderSyncObserver;
  /** Headers of chains that are still short of work, by peer. */
  readonly #unproven = new Map<PeerId, BlockEntry[]>();

  constructor(turn: Turn, peers: Peers, chain: Chain, observer: HeaderSyncObserver) {
    this.#turn = turn;
    this.#peers = peers;
    this.#chain = chain;
    this.#observer = observer;
  }

  /** A `getHeaders` is under way. */
  get isActive(): boolean {
    return this.#peers.ready().some((peer) => peer.awaitingHeaders);
  }

  /** A peer has said where it stands. Where we know the block, we know what the peer has without asking. */
  onReady(peer: Peer): void {
    const tip = peer.state.kind === 'ready' ? this.#chain.get(peer.state.hello.tipHash) : undefined;
    if (tip) peerHas(peer, tip);
    this.syncMore();
  }

  /** Asks the best peer for headers if there is something to learn from it and nobody is being asked. */
  syncMore(): void {
    if (this.isActive) return;
    const candidates = this.#peers.ready().filter((peer) => this.#isWorthAsking(peer));
    if (candidates.length === 0) return;
    // All were too slow once: give them another chance rather than ask nobody.
    if (candidates.every((peer) => peer.slowHeaders)) for (const peer of candidates) peer.slowHeaders = false;
    const best = candidates
      .filter((peer) => !peer.slowHeaders)
      .reduce((a, b) => (b.claimedWork > a.claimedWork ? b : a));
    this.ask(best);
  }

  /** Asks one peer for what follows our best header. */
  ask(peer: Peer, from: BlockEntry = this.#chain.bestHeader): void {
    if (peer.awaitingHeaders || peer.state.kind !== 'ready') return;
    peer.awaitingHeaders = true;
    this.#peers.send(peer, { type: 'getHeaders', locator: locatorOf(from), stop: ZERO_HASH });
    this.#turn.setAlarm(`headers/${peer.id}`, HEADERS_TIMEOUT_MS);
  }

  onGone(peer: Peer): void {
    this.#unproven.delete(peer.id);
    this.#turn.clearAlarm(`headers/${peer.id}`);
    this.syncMore();
  }

  onTimeout(peer: Peer): void {
    peer.awaitingHeaders = false;
    peer.slowHeaders = true;
    this.#unproven.delete(peer.id);
    this.syncMore();
  }

  onHeaders(peer: Peer, headers: readonly BlockHeader[]): void {
    const wasAsked = peer.awaitingHeaders;
    peer.awaitingHeaders = false;
    this.#turn.clearAlarm(`headers/${peer.id}`);
    const first = headers[0];
    if (!first) {
      // Nothing follows what we know: its claim was all there is to say of its work.
      peer.claimedWork = peer.best?.record.chainWork ?? 0n;
      this.#unproven.delete(peer.id);
      this.syncMore();
      return;
    }
    const unproven = this.#unproven.get(peer.id) ?? [];
    this.#unproven.delete(peer.id);
    const start = this.#chain.get(first.prevHash) ?? unproven.find((entry) => entry.record.hash === first.prevHash);
    if (!start) {
      this.onUnknownParent(peer);
      return;
    }
    const entries = this.#extend(peer, start, headers);
    if (!entries) return;
    peer.unconnectingHeaders = 0;
    const last = entries.at(-1) ?? start;
    const isFull = entries.length === MAX_HEADERS_PER_MESSAGE;
    // It has shown all that it has for now, and is not asked again until it claims more.
    if (!isFull) peer.claimedWork = last.record.chainWork;
    this.#consider(peer, start === unproven.at(-1) ? [...unproven, ...entries] : entries, isFull, wasAsked);
    this.syncMore();
  }

  /** Keeps a checked chain of headers if it has shown enough work, or waits for more of it. */
  #consider(peer: Peer, entries: readonly BlockEntry[], isFull: boolean, wasAsked: boolean): void {
    const first = entries[0];
    const last = entries.at(-1);
    if (!first?.parent || !last) return;
    if (this.#isWorthKeeping(first.parent, last)) {
      this.#chain.keepHeaders(entries.filter((entry) => !this.#chain.get(entry.record.hash)));
      peerHas(peer, last);
      if (isFull) this.#askAfter(peer, last);
      this.#observer.onHeaders(peer, last);
    } else if (isFull && wasAsked && entries.length < MAX_UNPROVEN_HEADERS) {
      this.#unproven.set(peer.id, [...entries]);
      this.#askAfter(peer, last);
    }
  }

  /** A block or header whose parent is unknown: its sender has a chain that we should ask for. */
  onUnknownParent(peer: Peer): void {
    peer.unconnectingHeaders++;
    if (peer.unconnectingHeaders <= MAX_UNCONNECTING) this.ask(peer);
  }

  /** Checks headers as a chain behind `start`. Null where they are at fault (the peer is punished) or not for now. */
  #extend(peer: Peer, start: BlockEntry, headers: readonly BlockHeader[]): BlockEntry[] | null {
    const seen = { atMs: this.#turn.now.wallMs, nowSeconds: wallSeconds(this.#turn.now), from: peerName(peer) };
    const entries: BlockEntry[] = [];
    let parent = start;
    for (const header of headers) {
      if (header.prevHash !== parent.record.hash) {
        this.#peers.punish(peer, 'headers do not form a chain');
        return null;
      }
      try {
        parent = this.#chain.get(blockHash(header)) ?? this.#chain.index.extend(parent, header, seen);
      } catch (error) {
        if (!(error instanceof RuleError)) throw error;
        if (error.senderAtFault) {
          this.#peers.punish(peer, error.message);
          return null;
        }
        // Not now (its time is too far ahead): what came before it is good.
        return entries;
      }
      entries.push(parent);
    }
    return entries;
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
    this.#turn.setAlarm(`headers/${peer.id}`, HEADERS_TIMEOUT_MS);
  }
}
