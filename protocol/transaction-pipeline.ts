import { DecodeError } from '../consensus/codec.ts';
import { assertInvariant, RuleError } from '../consensus/errors.ts';
import type { Hash } from '../consensus/hash.ts';
import type { NetworkParams } from '../consensus/params.ts';
import { checkTransactionSanity, decodeTransaction, type SignedTransaction } from '../consensus/transaction.ts';
import { type BoundedResource, fullestResource } from './bounded-resource.ts';
import type { Chain } from './chain.ts';
import { controlsRefusal } from './controls.ts';
import type { EventContext } from './event-context.ts';
import type { PeerId, RequestId } from './events.ts';
import { cutAtSources, Judgements } from './judgements.ts';
import type { Mempool } from './mempool.ts';
import type { RememberedPending } from './node-memory.ts';
import type { Peer } from './peer.ts';
import { peerName } from './peer.ts';
import type { Peers } from './peers.ts';
import type { Refusal } from './policy.ts';
import type { Refused } from './refused.ts';
import { RefusedSources } from './refused-sources.ts';
import type { JournalEntry } from './store-writes.ts';
import type { Verifier } from './verifier.ts';

/** Transactions of one peer whose signatures are being verified. */
const MAX_VERIFYING_PER_PEER = 10_000;
/** Their bytes. At most 500 are asked of a peer at once, and the longest have about 20,600. */
const MAX_VERIFYING_BYTES_PER_PEER = 12_000_000;
const BUSY: Refused = {
  code: 'busy',
  message: 'the node has other blocks or transactions to work on first; try again',
};

/** Transactions of one message of a peer; `valid` is null until their signatures are verified. */
interface Batch {
  readonly transactions: readonly SignedTransaction[];
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

/** The only way into the mempool, for callers and peers alike, so that both are judged by the same rules. */
export class TransactionPipeline {
  readonly #context: EventContext;
  readonly #params: NetworkParams;
  readonly #verifier: Verifier;
  readonly #mempool: Mempool;
  readonly #peers: Peers;
  readonly #judgements: Judgements;
  readonly #refusedSources: RefusedSources;
  /** Messages of each peer that are being verified, in the order in which they came. */
  readonly #verifying = new Map<PeerId, Batch[]>();
  /** How many peers sent each transaction that is being verified or waits to be judged. */
  readonly #underway = new Map<Hash, number>();

  constructor({ context, params, verifier, mempool, peers, chain }: TransactionPipelineParts) {
    this.#context = context;
    this.#params = params;
    this.#verifier = verifier;
    this.#mempool = mempool;
    this.#peers = peers;
    this.#judgements = new Judgements(context, chain);
    this.#refusedSources = new RefusedSources(context);
  }

  /**
   * Restores the mempool from the journal of an earlier run, to which only checked transactions were written.
   * @param remembered order and ages, where they are known; else both follow from the times of the journal
   */
  restore(journal: Iterable<JournalEntry>, remembered: readonly RememberedPending[] = []): void {
    const known = new Map(remembered.map(({ txid, ageMs }, order) => [txid, { ageMs, order }]));
    const orderOf = ({ txid }: JournalEntry) => known.get(txid)?.order ?? remembered.length;
    const pending = [...journal]
      .sort((a, b) => orderOf(a) - orderOf(b) || a.receivedMs - b.receivedMs)
      .map((entry) => ({ ...entry, transaction: journaledTransfer(entry), ageMs: known.get(entry.txid)?.ageMs }));
    for (const { transaction } of pending) this.#verifier.remember(transaction);
    this.#mempool.restore(pending);
  }

  /** Submits a local caller's bytes. The reply comes when the transaction is durable, or tells why it was refused. */
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
      else if (!this.#judgements.run(null, [decoded], () => this.#add(request, decoded))) this.#refuse(request, BUSY);
    });
  }

  /** Drops a pending transaction for the operator. The reply comes when the journal no longer holds it. */
  drop(request: RequestId, txid: Hash): void {
    const refusal = controlsRefusal(this.#params);
    if (refusal) this.#refuse(request, refusal);
    else if (!this.#judgements.run(null, [], () => this.#drop(request, txid))) this.#refuse(request, BUSY);
  }

  resources(): BoundedResource[] {
    const verifying = Array.from(this.#verifying.values(), verifyingOf);
    const counts = verifying.map(({ count }) => count);
    const bytes = verifying.map((each) => each.bytes);
    return [
      fullestResource('transactions of a peer that are being verified', counts, MAX_VERIFYING_PER_PEER),
      fullestResource('bytes of transactions of a peer that are being verified', bytes, MAX_VERIFYING_BYTES_PER_PEER),
      ...this.#judgements.resources(),
      ...this.#refusedSources.resources(),
    ];
  }

  /** Whether some peer has sent it and it is not judged yet. */
  isVerifying(txid: Hash): boolean {
    return this.#underway.has(txid);
  }

  /**
   * Accepts transactions that a peer sent. A malformed or wrongly signed one is a provable fault; one that is refused for
   * the state of the account or by policy may be the result of a race, and is not.
   */
  receive(peer: Peer, transactions: readonly SignedTransaction[]): void {
    const fresh = transactions.filter((transaction) => !this.#mempool.has(transaction.txid));
    for (const transaction of fresh) {
      const error = this.#sanityErrorOf(transaction);
      if (error) {
        this.#peers.punish(peer, error.message);
        return;
      }
    }
    const batches = this.#verifying.get(peer.id) ?? [];
    const batch: Batch = { transactions: fresh, valid: null };
    const verifying = verifyingOf([...batches, batch]);
    // More than is ever requested at once: what is dropped here can be requested again.
    if (fresh.length === 0 || verifying.count > MAX_VERIFYING_PER_PEER) return;
    if (verifying.bytes > MAX_VERIFYING_BYTES_PER_PEER) return;
    batches.push(batch);
    this.#verifying.set(peer.id, batches);
    for (const { txid } of fresh) this.#underway.set(txid, (this.#underway.get(txid) ?? 0) + 1);
    this.#verifier.verify(fresh, (valid) => {
      batch.valid = valid;
      // In order of arrival: an account's later transactions could be refused without its earlier ones.
      for (let next = batches[0]; next?.valid; next = batches[0]) {
        batches.shift();
        this.#judge(peer, next.transactions, next.valid);
      }
      if (batches.length === 0) this.#verifying.delete(peer.id);
    });
  }

  #judge(peer: Peer, transactions: readonly SignedTransaction[], valid: readonly boolean[]): void {
    const bad = transactions.findIndex((_, i) => !valid[i]);
    const good = bad < 0 ? transactions : transactions.slice(0, bad);
    const { [bad]: forged } = transactions;
    if (forged) {
      const { code, message } = badSignature(forged);
      this.#peers.punish(peer, `${code}: ${message}`);
    }
    this.#endUnderway(transactions.slice(good.length));
    for (const piece of cutAtSources(good)) {
      const isJudged = this.#judgements.run(peer.id, piece, () => this.#addAll(peer, piece));
      if (!isJudged) this.#endUnderway(piece);
    }
  }

  #addAll(peer: Peer, transactions: readonly SignedTransaction[]): void {
    this.#endUnderway(transactions);
    for (const transaction of transactions) {
      if (transaction.kind === 'deploy' && this.#refusedSources.areTooMany(peer)) continue;
      this.#verifier.remember(transaction);
      const isNew = !this.#mempool.has(transaction.txid);
      const refusal = this.#mempool.add(transaction, { unbroadcast: false });
      if (refusal) this.#logRefusal(peer, transaction, refusal);
      else if (isNew) peer.lastTransactionMonotonicMs = this.#context.now.monotonicMs;
      if (refusal?.code === 'source-does-not-compile') this.#refusedSources.count(peer);
    }
  }

  #endUnderway(transactions: readonly SignedTransaction[]): void {
    for (const { txid } of transactions) {
      const senders = (this.#underway.get(txid) ?? 0) - 1;
      if (senders > 0) this.#underway.set(txid, senders);
      else this.#underway.delete(txid);
    }
  }

  /** To be called at the end of each event: judges what has waited for that. */
  settle(): void {
    this.#judgements.settle();
  }

  /** Answer to a `continue` effect. */
  onContinue(): void {
    this.#judgements.onContinue();
  }

  #add(request: RequestId, transaction: SignedTransaction): void {
    this.#verifier.remember(transaction);
    const refusal = this.#mempool.add(transaction, { unbroadcast: true });
    if (refusal) {
      this.#refuse(request, refusal);
      return;
    }
    this.#mempool.flushJournal();
    this.#context.emit({
      type: 'reply',
      request,
      reply: { ok: true, value: { kind: 'accepted', txid: transaction.txid } },
    });
  }

  #drop(request: RequestId, txid: Hash): void {
    if (!this.#mempool.drop(txid, 'dropped by dropTransaction')) {
      this.#refuse(request, { code: 'unknown-transaction', message: `transaction ${txid} is not in the mempool` });
      return;
    }
    this.#mempool.flushJournal();
    this.#context.emit({ type: 'reply', request, reply: { ok: true, value: { kind: 'done' } } });
  }

  #decode(raw: Uint8Array): SignedTransaction | { code: DecodeError['code'] | 'is-coinbase'; message: string } {
    try {
      const transaction = decodeTransaction(raw);
      if (transaction.kind !== 'coinbase') return transaction;
      return { code: 'is-coinbase', message: 'a coinbase is made by mining and cannot be submitted' };
    } catch (error) {
      if (error instanceof DecodeError) return { code: error.code, message: error.message };
      throw error;
    }
  }

  #sanityErrorOf(transaction: SignedTransaction): RuleError | null {
    try {
      checkTransactionSanity(transaction, this.#params);
      return null;
    } catch (error) {
      if (error instanceof RuleError) return error;
      throw error;
    }
  }

  #refuse(request: RequestId, { code, message }: Refused): void {
    this.#context.emit({ type: 'reply', request, reply: { ok: false, code, message } });
  }

  #logRefusal(peer: Peer, transaction: SignedTransaction, refusal: Refusal): void {
    const fields = { txid: transaction.txid, peer: peerName(peer), code: refusal.code };
    this.#context.emit({ type: 'log', level: 'debug', message: 'transaction refused', fields });
  }
}

function verifyingOf(batches: readonly Batch[]): { readonly count: number; readonly bytes: number } {
  const transactions = batches.flatMap((batch) => batch.transactions);
  return { count: transactions.length, bytes: transactions.reduce((sum, { raw }) => sum + raw.length, 0) };
}

function journaledTransfer({ raw }: JournalEntry): SignedTransaction {
  const transaction = decodeTransaction(raw);
  assertInvariant(transaction.kind !== 'coinbase', 'the journal holds transactions');
  return transaction;
}

function badSignature(transaction: SignedTransaction): Refusal {
  return { code: 'bad-signature', message: `transaction ${transaction.txid} is not signed by its sender's key` };
}
