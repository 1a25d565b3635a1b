import { decodeBlock } from '../consensus/block.ts';
import { type Hash, ZERO_HASH } from '../consensus/hash.ts';
import { HEADER_BYTES } from '../consensus/header.ts';
import type { SignedTransaction } from '../consensus/transaction.ts';
import { type BoundedResource, fullestResource } from './bounded-resource.ts';
import type { Chain } from './chain.ts';
import type { EventContext } from './event-context.ts';
import { MAX_HEADERS_PER_MESSAGE } from './limits.ts';
import type { Mempool } from './mempool.ts';
import type { Message } from './messages.ts';
import { noteBlockSent, type Peer, type PeerRequest } from './peer.ts';
import type { Peers } from './peers.ts';
import type { PendingState } from './pending-state.ts';

/** Bytes sent to one peer in one event, before other events are handled. */
const SERVE_STEP_BYTES = 256 * 1024;
/** What an answer counts at least, since looking it up is work as well. */
const MIN_COST_BYTES = 1_024;
/** Requests of one peer that may wait; one more is a fault. */
const MAX_SERVING_PER_PEER = 256;
/** Bytes of transactions in one message; keeps it far below the frame limit. What was asked for beyond follows in further ones. */
const MAX_TRANSACTIONS_BYTES = 1_000_000;

type Request = Exclude<PeerRequest, { type: 'getBlock' }>;

/** Serves the requests of peers, each in order, in portions, and only as fast as the peer receives. */
export class Serving {
  readonly #context: EventContext;
  readonly #peers: Peers;
  readonly #chain: Chain;
  readonly #mempool: Mempool;
  readonly #state: PendingState;
  #continueAsked = false;

  constructor(context: EventContext, peers: Peers, chain: Chain, mempool: Mempool, state: PendingState) {
    this.#context = context;
    this.#peers = peers;
    this.#chain = chain;
    this.#mempool = mempool;
    this.#state = state;
  }

  resources(): BoundedResource[] {
    const waiting = Array.from(this.#peers.all(), ({ serving }) => serving.length);
    return [fullestResource('answers that a peer waits for', waiting, MAX_SERVING_PER_PEER)];
  }

  onRequest(peer: Peer, request: Request): void {
    this.#enqueue(peer, [request]);
  }

  onGetBlocks(peer: Peer, blockHashes: readonly Hash[]): void {
    this.#enqueue(
      peer,
      blockHashes.map((blockHash) => ({ type: 'getBlock', blockHash })),
    );
  }

  /** Sends the next portion of what a peer waits for, unless its unsent data has piled up. */
  serve(peer: Peer): void {
    const missing: Hash[] = [];
    for (let sentBytes = 0; sentBytes < SERVE_STEP_BYTES && !peer.congested && peer.state.kind === 'ready'; ) {
      const asked = peer.serving.shift();
      if (asked === undefined) break;
      sentBytes += Math.max(MIN_COST_BYTES, this.#answer(peer, asked, missing));
    }
    if (missing.length > 0) this.#peers.send(peer, { type: 'notFound', what: 'block', hashes: missing });
    if (peer.serving.length > 0 && !peer.congested && !this.#continueAsked) {
      this.#continueAsked = true;
      this.#context.emit({ type: 'continue' });
    }
  }

  onContinue(): void {
    if (!this.#continueAsked) return;
    this.#continueAsked = false;
    for (const peer of this.#peers.ready()) if (peer.serving.length > 0) this.serve(peer);
  }

  #enqueue(peer: Peer, asked: readonly PeerRequest[]): void {
    if (peer.serving.length + asked.length > MAX_SERVING_PER_PEER) {
      this.#peers.punish(peer, `has more than ${MAX_SERVING_PER_PEER} requests waiting`);
      return;
    }
    peer.serving.push(...asked);
    this.serve(peer);
  }

  /** Sends one answer. A block that is not stored is added to `missing`. @returns bytes that were sent */
  #answer(peer: Peer, asked: PeerRequest, missing: Hash[]): number {
    switch (asked.type) {
      case 'getBlock': {
        const raw = this.#state.body(asked.blockHash);
        if (raw) {
          this.#peers.send(peer, { type: 'block', raw });
          const entry = this.#chain.get(asked.blockHash);
          if (entry && this.#chain.isActive(entry)) noteBlockSent(peer, entry);
        } else missing.push(asked.blockHash);
        return raw?.length ?? 0;
      }
      case 'getHeaders':
        return this.#sendHeaders(peer, asked);
      case 'getTransactions':
        return this.#sendTransactions(peer, asked.txids);
      case 'getBlockTransactions':
        return this.#sendBlockTransactions(peer, asked.blockHash, asked.positions);
    }
  }

  #sendHeaders(peer: Peer, message: Extract<Message, { type: 'getHeaders' }>): number {
    const start = message.locator
      .map((hash) => this.#chain.get(hash))
      .find((entry) => entry && this.#chain.isActive(entry));
    const headers = [];
    for (let height = (start?.record.height ?? 0) + 1; headers.length < MAX_HEADERS_PER_MESSAGE; height++) {
      const entry = this.#chain.activeAt(height);
      if (!entry) break;
      headers.push(entry.record.header);
      if (message.stop !== ZERO_HASH && entry.record.hash === message.stop) break;
    }
    this.#peers.send(peer, { type: 'headers', headers });
    return headers.length * HEADER_BYTES;
  }

  #sendTransactions(peer: Peer, txids: readonly Hash[]): number {
    const transactions: SignedTransaction[] = [];
    const missing: Hash[] = [];
    let sizeBytes = 0;
    for (const [i, txid] of txids.entries()) {
      const transaction = this.#mempool.get(txid)?.transaction;
      if (!transaction) {
        missing.push(txid);
        continue;
      }
      if (sizeBytes + transaction.raw.length > MAX_TRANSACTIONS_BYTES) {
        peer.serving.unshift({ type: 'getTransactions', txids: txids.slice(i) });
        break;
      }
      sizeBytes += transaction.raw.length;
      transactions.push(transaction);
      peer.knownTxids.set(txid, true);
      this.#mempool.markBroadcast(txid);
    }
    if (transactions.length > 0) this.#peers.send(peer, { type: 'transactions', transactions });
    if (missing.length > 0) this.#peers.send(peer, { type: 'notFound', what: 'transaction', hashes: missing });
    return sizeBytes;
  }

  #sendBlockTransactions(peer: Peer, blockHash: Hash, positions: readonly number[]): number {
    const raw = this.#state.body(blockHash);
    if (!raw) {
      this.#peers.send(peer, { type: 'notFound', what: 'block', hashes: [blockHash] });
      return 0;
    }
    const transactions = decodeBlock(raw).transactions.slice(1) as SignedTransaction[];
    const asked = positions
      .map((position) => transactions[position])
      .filter((transaction) => transaction !== undefined);
    if (asked.length < positions.length) {
      this.#peers.punish(peer, `asks for a transaction that block ${blockHash} does not have`);
      return 0;
    }
    this.#peers.send(peer, { type: 'blockTransactions', blockHash, transactions: asked });
    return raw.length;
  }
}
