import type { Hash } from '../consensus/hash.ts';
import type { SignedTransaction } from '../consensus/transaction.ts';
import { type BoundedResource, fullestResource } from './bounded-resource.ts';
import type { Alarm, EventContext } from './event-context.ts';
import type { PeerId } from './events.ts';
import { MAX_INV_TXIDS } from './limits.ts';
import type { Mempool } from './mempool.ts';
import type { Peer } from './peer.ts';
import type { Peers } from './peers.ts';
import { randomBelow } from './time.ts';
import type { TransactionPipeline } from './transaction-pipeline.ts';

/** Announcements are collected for a moment: fewer messages, and the first node to announce need not be the origin. */
const ANNOUNCE_DELAY_MS = 5;
const ANNOUNCE_JITTER_MS = 20;
/** A peer that announced a transaction and does not send it within this time is passed over for another announcer. */
const REQUEST_TIMEOUT_MS = 2_000;
/** Minimum interval between two searches for late requests. */
const REQUEST_CHECK_MS = 100;
/** Pending transactions that are announced to a new peer. */
const MAX_ANNOUNCED_TO_NEW_PEER = 5_120;
/** Transactions requested from one peer and not yet received: about 10 MB if all `MAX_PEERS` peers withhold as many. */
const MAX_ASKED_PER_PEER = 500;
/**
 * Announced ids of one peer that wait to be requested from it: all that it may announce at once. About 20 MB of ids if all
 * peers use it; what a peer announces beyond is ignored.
 */
const MAX_WAITING_PER_PEER = MAX_ANNOUNCED_TO_NEW_PEER;
/** Further announcers of a requested transaction that are remembered. */
const MAX_ALTERNATIVES = 8;
/** How often submitted transactions that no peer has are announced again. */
const REBROADCAST_MS = 30_000;

/** A transaction that is requested from one peer. */
interface Requested {
  readonly peer: Peer;
  readonly deadlineMonotonicMs: number;
  readonly alternatives: PeerId[];
}

/** What one peer has announced and this node lacks. */
interface Wanted {
  /** Requested from it and not received. */
  readonly asked: Set<Hash>;
  /** Not requested yet, until it has sent others, or because another peer has sent them and they are being verified. */
  readonly waiting: Set<Hash>;
}

/**
 * Relays transactions: announces ids, and requests each announced transaction from one peer at a time.
 *
 * Each peer has its own quota for what it announces. However many peers announce transactions that do not exist, those of
 * another peer are requested as if they were not there.
 */
export class TransactionRelay {
  readonly #context: EventContext;
  readonly #peers: Peers;
  readonly #mempool: Mempool;
  readonly #pipeline: TransactionPipeline;
  readonly #nextAnnouncement: Alarm;
  readonly #lateCheck: Alarm;
  readonly #rebroadcast: Alarm;
  /** In the order of their deadlines. */
  readonly #requested = new Map<Hash, Requested>();
  readonly #wanted = new Map<PeerId, Wanted>();
  #toAnnounce: Hash[] = [];

  constructor(context: EventContext, peers: Peers, mempool: Mempool, pipeline: TransactionPipeline) {
    this.#context = context;
    this.#peers = peers;
    this.#mempool = mempool;
    this.#pipeline = pipeline;
    this.#nextAnnouncement = context.alarm(() => this.#announceNow());
    this.#lateCheck = context.alarm(() => this.#reassignLate());
    this.#rebroadcast = context.alarm(() => this.#announceUnbroadcast());
  }

  resources(): BoundedResource[] {
    const wanted = [...this.#wanted.values()];
    const asked = wanted.map(({ asked }) => asked.size);
    const waiting = wanted.map(({ waiting }) => waiting.size);
    const alternatives = [...this.#requested.values()].map(({ alternatives }) => alternatives.length);
    return [
      { what: 'peers whose transactions are wanted', count: wanted.length, limit: this.#peers.size },
      { what: 'requested transactions', count: this.#requested.size, limit: MAX_ASKED_PER_PEER * wanted.length },
      fullestResource('transactions asked of a peer', asked, MAX_ASKED_PER_PEER),
      fullestResource('transactions to be asked of a peer', waiting, MAX_WAITING_PER_PEER),
      fullestResource('peers to ask for a transaction', alternatives, MAX_ALTERNATIVES),
    ];
  }

  /** Announces newly ready transactions, after a short delay. */
  announce(txids: readonly Hash[]): void {
    if (txids.length === 0) return;
    this.#toAnnounce.push(...txids);
    this.#nextAnnouncement.ensure(ANNOUNCE_DELAY_MS + randomBelow(this.#context.random, ANNOUNCE_JITTER_MS));
  }

  /** Announces what is pending to a new peer, best fee rates first. */
  onReady(peer: Peer): void {
    const ready = this.#mempool.byFeeRate().filter((entry) => entry.state === 'ready');
    this.#sendInv(
      peer,
      ready.slice(0, MAX_ANNOUNCED_TO_NEW_PEER).map((entry) => entry.transaction.txid),
    );
  }

  onGone(peer: Peer): void {
    const asked = [...(this.#wanted.get(peer.id)?.asked ?? [])];
    this.#wanted.delete(peer.id);
    this.#reassign(asked);
  }

  onInv(peer: Peer, txids: readonly Hash[]): void {
    const wanted = this.#ensureWanted(peer);
    for (const txid of txids) {
      peer.knownTxids.set(txid, true);
      this.#mempool.markBroadcast(txid);
      if (this.#isSettled(txid)) continue;
      const request = this.#requested.get(txid);
      if (request) this.#addAlternative(request, peer);
      else addWaiting(wanted, txid);
    }
    this.#askMore(peer);
  }

  onTransactions(peer: Peer, transactions: readonly SignedTransaction[]): void {
    const asked = new Set<Peer>([peer]);
    for (const { txid } of transactions) {
      peer.knownTxids.set(txid, true);
      const request = this.#requested.get(txid);
      if (!request) continue;
      asked.add(request.peer);
      this.#endRequest(txid, request);
    }
    this.#pipeline.receive(peer, transactions);
    for (const each of asked) this.#askMore(each);
  }

  onNotFound(peer: Peer, txids: readonly Hash[]): void {
    this.#reassign(txids.filter((txid) => this.#requested.get(txid)?.peer === peer));
  }

  start(): void {
    this.#rebroadcast.set(REBROADCAST_MS);
  }

  #announceUnbroadcast(): void {
    this.announce([...this.#mempool.unbroadcast()].map((entry) => entry.transaction.txid));
    this.#rebroadcast.set(REBROADCAST_MS);
  }

  #announceNow(): void {
    const txids = this.#toAnnounce.filter((txid) => this.#mempool.get(txid)?.state === 'ready');
    this.#toAnnounce = [];
    for (const peer of this.#peers.ready())
      this.#sendInv(
        peer,
        txids.filter((txid) => !peer.knownTxids.has(txid)),
      );
  }

  #sendInv(peer: Peer, txids: readonly Hash[]): void {
    for (let i = 0; i < txids.length; i += MAX_INV_TXIDS) {
      this.#peers.send(peer, { type: 'inv', txids: txids.slice(i, i + MAX_INV_TXIDS) });
    }
  }

  #request(peer: Peer, txids: readonly Hash[]): void {
    if (txids.length === 0) return;
    this.#peers.send(peer, { type: 'getTransactions', txids });
    this.#lateCheck.ensure(REQUEST_TIMEOUT_MS);
  }

  #reassignLate(): void {
    const now = this.#context.now.monotonicMs;
    const late: Hash[] = [];
    for (const [txid, { deadlineMonotonicMs }] of this.#requested) {
      if (deadlineMonotonicMs > now) break;
      late.push(txid);
    }
    this.#reassign(late);
    for (const id of [...this.#wanted.keys()]) {
      const peer = this.#peers.get(id);
      if (peer) this.#askMore(peer);
    }
    const [earliest] = this.#requested.values();
    if (earliest) this.#lateCheck.set(Math.max(earliest.deadlineMonotonicMs - now, REQUEST_CHECK_MS));
  }

  /** A peer that repeats its announcement is remembered once, so that it is not asked repeatedly before others. */
  #addAlternative({ peer: asked, alternatives }: Requested, peer: Peer): void {
    if (peer === asked || alternatives.length >= MAX_ALTERNATIVES || alternatives.includes(peer.id)) return;
    alternatives.push(peer.id);
  }

  #ensureWanted({ id }: Peer): Wanted {
    const wanted = this.#wanted.get(id) ?? { asked: new Set(), waiting: new Set() };
    this.#wanted.set(id, wanted);
    return wanted;
  }

  #isSettled(txid: Hash): boolean {
    return this.#mempool.has(txid) || this.#mempool.isUnwelcome(txid);
  }

  /** Requests from a peer what waits for it, as far as its quota allows. */
  #askMore(peer: Peer): void {
    const wanted = this.#wanted.get(peer.id);
    if (!wanted || peer.state.kind !== 'ready') return;
    const { asked, waiting } = wanted;
    const txids: Hash[] = [];
    for (const txid of waiting) {
      if (asked.size >= MAX_ASKED_PER_PEER) break;
      // Another peer has sent it. If that copy turns out to be forged, this peer is asked after all.
      if (this.#pipeline.isVerifying(txid)) continue;
      waiting.delete(txid);
      const request = this.#requested.get(txid);
      if (request) this.#addAlternative(request, peer);
      else if (!this.#isSettled(txid)) {
        this.#beginRequest(txid, peer, []);
        txids.push(txid);
      }
    }
    this.#request(peer, txids);
    if (waiting.size > 0) this.#lateCheck.ensure(REQUEST_TIMEOUT_MS);
    else if (asked.size === 0) this.#wanted.delete(peer.id);
  }

  #beginRequest(txid: Hash, peer: Peer, alternatives: PeerId[]): void {
    const deadlineMonotonicMs = this.#context.now.monotonicMs + REQUEST_TIMEOUT_MS;
    this.#requested.set(txid, { peer, deadlineMonotonicMs, alternatives });
    this.#ensureWanted(peer).asked.add(txid);
  }

  #endRequest(txid: Hash, { peer }: Requested): void {
    this.#requested.delete(txid);
    this.#wanted.get(peer.id)?.asked.delete(txid);
  }

  /** Requests these from other announcers; one without another is forgotten until it is announced again. */
  #reassign(txids: readonly Hash[]): void {
    const passedOver = new Set<Peer>();
    const nowAsked = new Map<Peer, Hash[]>();
    for (const txid of txids) {
      const request = this.#requested.get(txid);
      if (!request) continue;
      this.#endRequest(txid, request);
      passedOver.add(request.peer);
      const next = this.#takeAlternative(txid, request.alternatives);
      if (!next) continue;
      this.#beginRequest(txid, next, request.alternatives);
      const asked = nowAsked.get(next);
      if (asked) asked.push(txid);
      else nowAsked.set(next, [txid]);
    }
    for (const [peer, asked] of nowAsked) this.#request(peer, asked);
    for (const peer of passedOver) this.#askMore(peer);
  }

  /** Removes and returns the next of these peers with free quota; for those without, the transaction is put to wait. */
  #takeAlternative(txid: Hash, alternatives: PeerId[]): Peer | null {
    for (let id = alternatives.shift(); id !== undefined; id = alternatives.shift()) {
      const peer = this.#peers.get(id);
      if (peer?.state.kind !== 'ready') continue;
      const wanted = this.#ensureWanted(peer);
      if (wanted.asked.size < MAX_ASKED_PER_PEER) return peer;
      addWaiting(wanted, txid);
    }
    return null;
  }
}

function addWaiting({ waiting }: Wanted, txid: Hash): void {
  if (waiting.size < MAX_WAITING_PER_PEER) waiting.add(txid);
}
