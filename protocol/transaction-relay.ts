import type { Hash } from '../consensus/hash.ts';
import type { Transfer } from '../consensus/transaction.ts';
import type { PeerId } from './events.ts';
import { MAX_INV_TXIDS } from './limits.ts';
import type { Mempool } from './mempool.ts';
import type { Peer } from './peer.ts';
import type { Peers } from './peers.ts';
import { randomBelow } from './time.ts';
import type { TransactionPipeline } from './transaction-pipeline.ts';
import type { Turn } from './turn.ts';

/** Announcements are collected for a moment: fewer messages, and the first to announce is not surely the origin. */
const ANNOUNCE_DELAY_MS = 5;
const ANNOUNCE_JITTER_MS = 20;
/** A peer that announced a transaction and does not send it by then is given up for another that announced it. */
const REQUEST_TIMEOUT_MS = 2_000;
/** Late requests are looked for at most so often: it takes a look at all of them. */
const REQUEST_CHECK_MS = 100;
/** Pending transactions that a new peer is told of. */
const MAX_ANNOUNCED_TO_NEW_PEER = 5_120;
/** Transactions asked of one peer and not yet received; what it announces beyond is ignored. */
const MAX_REQUESTED_PER_PEER = MAX_ANNOUNCED_TO_NEW_PEER;
/** The same for all peers together: about 10 MB. One that announces what does not exist cannot take up all of it. */
const MAX_REQUESTED = 8 * MAX_REQUESTED_PER_PEER;
/** Other peers that are remembered to have an announced transaction. */
const MAX_ALTERNATIVES = 8;
/** How often own transactions that no peer has taken are announced again. */
const REBROADCAST_MS = 30_000;

interface Requested {
  peer: Peer;
  deadlineMonotonicMs: number;
  readonly alternatives: PeerId[];
}

/** Spreads transactions: announces by id, asks one peer at a time for each. */
export class TransactionRelay {
  readonly #turn: Turn;
  readonly #peers: Peers;
  readonly #mempool: Mempool;
  readonly #pipeline: TransactionPipeline;
  readonly #requested = new Map<Hash, Requested>();
  /** How many of them are asked of each peer. */
  readonly #askedOf = new Map<PeerId, number>();
  #toAnnounce: Hash[] = [];

  constructor(turn: Turn, peers: Peers, mempool: Mempool, pipeline: TransactionPipeline) {
    this.#turn = turn;
    this.#peers = peers;
    this.#mempool = mempool;
    this.#pipeline = pipeline;
  }

  /** Newly ready transactions are to be made known. */
  announce(txids: readonly Hash[]): void {
    if (txids.length === 0) return;
    this.#toAnnounce.push(...txids);
    this.#turn.ensureAlarm('announce', ANNOUNCE_DELAY_MS + randomBelow(this.#turn.random, ANNOUNCE_JITTER_MS));
  }

  /** A new peer is told what is pending, best fee rates first. */
  onReady(peer: Peer): void {
    const ready = this.#mempool.byFeeRate().filter((entry) => entry.state === 'ready');
    this.#sendInv(
      peer,
      ready.slice(0, MAX_ANNOUNCED_TO_NEW_PEER).map((entry) => entry.transfer.txid),
    );
  }

  onGone(peer: Peer): void {
    for (const [txid, request] of this.#requested) if (request.peer === peer) this.#askNext(txid, request);
  }

  onInv(peer: Peer, txids: readonly Hash[]): void {
    const wanted: Hash[] = [];
    for (const txid of txids) {
      peer.knownTxids.set(txid, true);
      this.#mempool.wasBroadcast(txid);
      if (this.#mempool.has(txid) || this.#mempool.dropped(txid)) continue;
      const request = this.#requested.get(txid);
      if (request) {
        this.#addAlternative(request, peer);
      } else if (this.#requested.size < MAX_REQUESTED && (this.#askedOf.get(peer.id) ?? 0) < MAX_REQUESTED_PER_PEER) {
        this.#requested.set(txid, { peer, deadlineMonotonicMs: this.#deadline(), alternatives: [] });
        this.#countAsked(peer, 1);
        wanted.push(txid);
      }
    }
    this.#request(peer, wanted);
  }

  onTransactions(peer: Peer, transfers: readonly Transfer[]): void {
    for (const { txid } of transfers) {
      peer.knownTxids.set(txid, true);
      this.#endRequest(txid);
    }
    this.#pipeline.receive(peer, transfers);
  }

  onNotFound(peer: Peer, txids: readonly Hash[]): void {
    for (const txid of txids) {
      const request = this.#requested.get(txid);
      if (request?.peer === peer) this.#askNext(txid, request);
    }
  }

  onAlarm(name: string): void {
    if (name === 'announce') this.#announceNow();
    else if (name === 'requests') this.#passOverSlow();
    else if (name === 'rebroadcast') {
      this.announce([...this.#mempool.unbroadcast()].map((entry) => entry.transfer.txid));
      this.#turn.setAlarm('rebroadcast', REBROADCAST_MS);
    }
  }

  start(): void {
    this.#turn.setAlarm('rebroadcast', REBROADCAST_MS);
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
    this.#turn.ensureAlarm('requests', REQUEST_TIMEOUT_MS);
  }

  #passOverSlow(): void {
    const now = this.#turn.now.monotonicMs;
    for (const [txid, request] of this.#requested) {
      if (request.deadlineMonotonicMs <= now) this.#askNext(txid, request);
    }
    let earliest = Number.POSITIVE_INFINITY;
    for (const { deadlineMonotonicMs } of this.#requested.values()) earliest = Math.min(earliest, deadlineMonotonicMs);
    if (earliest < Number.POSITIVE_INFINITY)
      this.#turn.setAlarm('requests', Math.max(earliest - now, REQUEST_CHECK_MS));
  }

  /** A peer that says it again and again must not be asked again and again before the others. */
  #addAlternative({ peer: asked, alternatives }: Requested, peer: Peer): void {
    if (peer === asked || alternatives.length >= MAX_ALTERNATIVES || alternatives.includes(peer.id)) return;
    alternatives.push(peer.id);
  }

  #endRequest(txid: Hash): void {
    const request = this.#requested.get(txid);
    if (!request) return;
    this.#countAsked(request.peer, -1);
    this.#requested.delete(txid);
  }

  #countAsked({ id }: Peer, difference: number): void {
    const count = (this.#askedOf.get(id) ?? 0) + difference;
    if (count > 0) this.#askedOf.set(id, count);
    else this.#askedOf.delete(id);
  }

  /** Asks another peer that announced it; if there is none it is forgotten, until somebody announces it again. */
  #askNext(txid: Hash, request: Requested): void {
    for (let id = request.alternatives.shift(); id !== undefined; id = request.alternatives.shift()) {
      const peer = this.#peers.get(id);
      if (peer?.state.kind !== 'ready') continue;
      this.#countAsked(request.peer, -1);
      this.#countAsked(peer, 1);
      request.peer = peer;
      request.deadlineMonotonicMs = this.#deadline();
      this.#request(peer, [txid]);
      return;
    }
    this.#endRequest(txid);
  }

  #deadline(): number {
    return this.#turn.now.monotonicMs + REQUEST_TIMEOUT_MS;
  }
}
