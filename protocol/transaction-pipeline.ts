import { DecodeError } from '../consensus/codec.ts';
import { assertInvariant, RuleError } from '../consensus/errors.ts';
import type { Hash } from '../consensus/hash.ts';
import type { NetworkParams } from '../consensus/params.ts';
import { checkTransactionSanity, decodeTransaction, type Transfer } from '../consensus/transaction.ts';
import { type BoundedResource, fullestResource } from './bounded-resource.ts';
import type { Chain } from './chain.ts';
import type { EventContext } from './event-context.ts';
import type { PeerId, RequestId } from './events.ts';
import type { Mempool } from './mempool.ts';
import type { Peer } from './peer.ts';
import { peerName } from './peer.ts';
import type { Peers } from './peers.ts';
import type { Refusal } from './policy.ts';
import type { JournalEntry } from './store-writes.ts';
import type { Verifier } from './verifier.ts';

/** Transactions of one peer whose signatures are being verified. */
const MAX_VERIFYING_PER_PEER = 10_000;
/** Submissions and messages that wait for the end of a move. */
const MAX_DEFERRED = 1_000;

/** Transactions of one message of a peer, and whether their signatures are valid once that is known. */
interface Batch {
  readonly transfers: readonly Transfer[];
  valid: readonly boolean[] | null;
}

interface TransactionPipelineParts {
  readonly context: EventContext;
  readonly params: NetworkParams;
  readonly verifier: Verifier;
  readonly mempool: Mempool;
  readonly peers: Peers;
  readonly chain: Pick<Chain, 'isMoving'>;
}

/** The one way into the mempool, for callers and peers alike, so that they can never be judged differently. */
export class TransactionPipeline {
  readonly #context: EventContext;
  readonly #params: NetworkParams;
  readonly #verifier: Verifier;
  readonly #mempool: Mempool;
  readonly #peers: Peers;
  readonly #chain: Pick<Chain, 'isMoving'>;
  /** What is judged once the node stands still. */
  readonly #deferred: (() => void)[] = [];
  /** What is being verified of each peer, in the order in which it came. */
  readonly #verifying = new Map<PeerId, Batch[]>();
  /** Ids of these, and of what waits for the node to stand still, and how many peers sent each. */
  readonly #underway = new Map<Hash, number>();

  constructor({ context, params, verifier, mempool, peers, chain }: TransactionPipelineParts) {
    this.#context = context;
    this.#params = params;
    this.#verifier = verifier;
    this.#mempool = mempool;
    this.#peers = peers;
    this.#chain = chain;
  }

  /** Puts what an earlier run's journal holds back into the mempool. Only what had been checked was written there. */
  restore(journal: Iterable<JournalEntry>): void {
    const pending = [...journal]
      .sort((a, b) => a.receivedMs - b.receivedMs)
      .map((entry) => ({ ...entry, transfer: journaledTransfer(entry) }));
    for (const { transfer } of pending) this.#verifier.remember(transfer);
    this.#mempool.restore(pending);
  }

  /** A local caller's bytes. The reply comes when the transaction is durable, or tells why it is not. */
  submit(request: RequestId, raw: Uint8Array): void {
    const decoded = this.#decode(raw);
    if ('code' in decoded) {
      this.#refuse(request, decoded);
      return;
    }
    const error = this.#sanityErrorOf(decoded);
    if (error) {
      this.#refuse(request, { code: error.code, message: error.detail });
      return;
    }
    this.#verifier.verify([decoded], ([valid]) => {
      if (!valid) this.#refuse(request, badSignature(decoded));
      else if (!this.#runWhenStill(() => this.#add(request, decoded)))
        this.#refuse(request, { code: 'busy', message: 'the node is moving to another branch; try again' });
    });
  }

  resources(): BoundedResource[] {
    const verifying = [...this.#verifying.values()].map((batches) =>
      batches.reduce((sum, { transfers }) => sum + transfers.length, 0),
    );
    return [
      fullestResource('transactions of a peer that are being verified', verifying, MAX_VERIFYING_PER_PEER),
      { what: 'deferred judgements', count: this.#deferred.length, limit: MAX_DEFERRED },
    ];
  }

  /** Some peer has sent it, and it is not judged yet. */
  isVerifying(txid: Hash): boolean {
    return this.#underway.has(txid);
  }

  /**
   * Transactions that a peer sent. A malformed or wrongly signed one is a provable fault; what the account or the
   * policy refuses may be a race, and is not.
   */
  receive(peer: Peer, transfers: readonly Transfer[]): void {
    const fresh = transfers.filter((transfer) => !this.#mempool.has(transfer.txid));
    for (const transfer of fresh) {
      const error = this.#sanityErrorOf(transfer);
      if (error) {
        this.#peers.punish(peer, error.message);
        return;
      }
    }
    const batches = this.#verifying.get(peer.id) ?? [];
    const verifying = batches.reduce((sum, { transfers }) => sum + transfers.length, fresh.length);
    // More than was ever asked for at once: what is left out can be asked for again.
    if (fresh.length === 0 || verifying > MAX_VERIFYING_PER_PEER) return;
    const batch: Batch = { transfers: fresh, valid: null };
    batches.push(batch);
    this.#verifying.set(peer.id, batches);
    for (const { txid } of fresh) this.#underway.set(txid, (this.#underway.get(txid) ?? 0) + 1);
    this.#verifier.verify(fresh, (valid) => {
      batch.valid = valid;
      // In the order in which they came: an account's later transactions would find no room without its earlier ones.
      for (let next = batches[0]; next?.valid; next = batches[0]) {
        batches.shift();
        this.#judge(peer, next.transfers, next.valid);
      }
      if (batches.length === 0) this.#verifying.delete(peer.id);
    });
  }

  #judge(peer: Peer, transfers: readonly Transfer[], valid: readonly boolean[]): void {
    const bad = transfers.findIndex((_, i) => !valid[i]);
    const good = bad < 0 ? transfers : transfers.slice(0, bad);
    const { [bad]: forged } = transfers;
    if (forged) {
      const { code, message } = badSignature(forged);
      this.#peers.punish(peer, `${code}: ${message}`);
    }
    const isJudged = this.#runWhenStill(() => {
      this.#endUnderway(transfers);
      for (const transfer of good) {
        this.#verifier.remember(transfer);
        const isNew = !this.#mempool.has(transfer.txid);
        const refusal = this.#mempool.add(transfer, { unbroadcast: false });
        if (refusal) this.#logRefusal(peer, transfer, refusal);
        else if (isNew) peer.lastTransactionMonotonicMs = this.#context.now.monotonicMs;
      }
    });
    if (!isJudged) this.#endUnderway(transfers);
  }

  #endUnderway(transfers: readonly Transfer[]): void {
    for (const { txid } of transfers) {
      const senders = (this.#underway.get(txid) ?? 0) - 1;
      if (senders > 0) this.#underway.set(txid, senders);
      else this.#underway.delete(txid);
    }
  }

  /** The end of an event: if the node stands still again, what waited for that is judged. */
  settle(): void {
    if (this.#chain.isMoving) return;
    for (const judge of this.#deferred.splice(0)) judge();
  }

  /**
   * Runs now, or when the best branch is reached: before, an account is what it will not be in a moment. False where too
   * much waits already.
   */
  #runWhenStill(judge: () => void): boolean {
    if (this.#chain.isMoving && this.#deferred.length >= MAX_DEFERRED) return false;
    if (this.#chain.isMoving) this.#deferred.push(judge);
    else judge();
    return true;
  }

  #add(request: RequestId, transfer: Transfer): void {
    this.#verifier.remember(transfer);
    const refusal = this.#mempool.add(transfer, { unbroadcast: true });
    if (refusal) {
      this.#refuse(request, refusal);
      return;
    }
    this.#mempool.flushJournal();
    this.#context.emit({
      type: 'reply',
      request,
      reply: { ok: true, value: { kind: 'accepted', txid: transfer.txid } },
    });
  }

  #decode(raw: Uint8Array): Transfer | { code: DecodeError['code'] | 'not-a-transfer'; message: string } {
    try {
      const transaction = decodeTransaction(raw);
      if (transaction.kind === 'transfer') return transaction;
      return { code: 'not-a-transfer', message: 'a coinbase is made by mining and cannot be submitted' };
    } catch (error) {
      if (error instanceof DecodeError) return { code: error.code, message: error.message };
      throw error;
    }
  }

  #sanityErrorOf(transfer: Transfer): RuleError | null {
    try {
      checkTransactionSanity(transfer, this.#params);
      return null;
    } catch (error) {
      if (error instanceof RuleError) return error;
      throw error;
    }
  }

  #refuse(request: RequestId, { code, message }: { code: string; message: string }): void {
    this.#context.emit({ type: 'reply', request, reply: { ok: false, code, message } });
  }

  #logRefusal(peer: Peer, transfer: Transfer, refusal: Refusal): void {
    const fields = { txid: transfer.txid, peer: peerName(peer), code: refusal.code };
    this.#context.emit({ type: 'log', level: 'debug', message: 'transaction refused', fields });
  }
}

function journaledTransfer({ raw }: JournalEntry): Transfer {
  const transaction = decodeTransaction(raw);
  assertInvariant(transaction.kind === 'transfer', 'the journal holds transfers');
  return transaction;
}

function badSignature(transfer: Transfer): Refusal {
  return { code: 'bad-signature', message: `transaction ${transfer.txid} is not signed by its sender's key` };
}
