import type { Hash } from '../../consensus/hash.ts';
import { decodeTransaction, type SignedTransaction } from '../../consensus/transaction.ts';
import type { Effect } from '../../protocol/effects.ts';
import type { NodeEvent } from '../../protocol/events.ts';
import type { MempoolRemoval } from '../../protocol/notices.ts';
import { EXPIRY_MS, MAX_QUEUED, MAX_QUEUED_PER_ACCOUNT, MAX_READY } from '../../protocol/policy.ts';
import type { StoreWrite } from '../../protocol/store-writes.ts';
import type { SimulatedNode } from '../simulated-node.ts';
import { CheckFailure, type NodeCheck } from './check.ts';
import type { Judge } from './replay.ts';

/** What a transaction that a node has acknowledged, or taken back from a block, is now. */
type Fate = 'pending' | 'confirmed' | 'dropped';

/**
 * Nothing that a node has acknowledged is ever silently lost: a transaction is in the journal until it is in a block or
 * is dropped for a reason that holds, and comes back to the journal when its block is disconnected. The mempool and the
 * journal hold the same.
 */
export class AcknowledgedCheck implements NodeCheck {
  readonly #node: SimulatedNode;
  readonly #judge: Judge;
  readonly #fates = new Map<Hash, Fate>();
  /** Changes of fates that are not durable yet. */
  #unflushed: [txid: Hash, fate: Fate][] = [];
  readonly #transactions = new Map<Hash, SignedTransaction>();
  readonly #receivedMs = new Map<Hash, number>();
  /** Blocks of the active chain as it was published to subscribers. */
  readonly #published = new Set<Hash>();
  /** What transactions were before a block confirmed them. */
  readonly #before = new Map<Hash, Fate | undefined>();

  constructor(node: SimulatedNode, judge: Judge) {
    this.#node = node;
    this.#judge = judge;
  }

  onStarted(): void {
    this.#unflushed = [];
    this.#published.clear();
    const { chain } = this.#node.core;
    for (let height = 0; height <= chain.tip.record.height; height++) {
      this.#published.add(chain.activeAt(height)?.record.hash ?? '');
    }
    for (const [txid, fate] of this.#fates) {
      if (fate === 'pending' && !this.#node.store.isJournaled(txid))
        throw this.#failure(`acknowledged ${txid} and has lost it`);
    }
  }

  onHandled(_: NodeEvent, effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type === 'persist') for (const write of effect.writes) this.#onWrite(write);
      if (effect.type === 'publish' && effect.notice.kind === 'block') this.#published.add(effect.notice.blockHash);
      if (effect.type === 'publish' && effect.notice.kind === 'reorg')
        for (const hash of effect.notice.disconnected) this.#published.delete(hash);
      if (effect.type === 'publish' && effect.notice.kind === 'mempool')
        for (const removal of effect.notice.removed) this.#onRemoval(removal);
    }
  }

  onCommitted(): void {
    for (const [txid, fate] of this.#unflushed) this.#fates.set(txid, fate);
    this.#unflushed = [];
  }

  onPerformed(effect: Effect): void {
    if (effect.type !== 'reply' || !effect.reply.ok) return;
    const { value } = effect.reply;
    if (value.kind === 'accepted' && !this.#isKept(value.txid))
      throw this.#failure(`acknowledges ${value.txid}, which is not durable`);
    if (value.kind !== 'mined') return;
    const { store } = this.#node;
    const missing = value.blockHashes.find((hash) => store.isDirty || !store.hasBody(hash));
    if (missing) throw this.#failure(`says that it mined ${missing}, which is not durable`);
  }

  inspect(): void {
    const { store, core } = this.#node;
    if (core.chain.isMoving) return;
    const journal = new Set([...store.journal()].map(({ txid }) => txid));
    for (const txid of journal) {
      if (!core.mempool.has(txid)) throw this.#failure(`has ${txid} in its journal and not in its mempool`);
    }
    if (core.mempool.size !== journal.size)
      throw this.#failure(`has ${core.mempool.size} transactions in its mempool, ${journal.size} in its journal`);
    for (const [txid, fate] of this.#fates) {
      if (fate === 'pending' && !journal.has(txid)) throw this.#failure(`has lost ${txid}, which was pending`);
    }
  }

  #onWrite(write: StoreWrite): void {
    switch (write.kind) {
      case 'journal-put':
        this.#learn(write.entry.txid, write.entry.raw, write.entry.receivedMs);
        // One that a block confirmed amid a move is written once more, and taken out again when the move ends.
        if (this.#latestFate(write.entry.txid) !== 'confirmed') this.#unflushed.push([write.entry.txid, 'pending']);
        return;
      case 'journal-delete':
        // What a block has confirmed is taken out of the journal once more when the mempool lets it go.
        if (this.#latestFate(write.txid) !== 'confirmed') this.#onDrop(write.txid);
        return;
      case 'connect':
        for (const { txid } of write.block.transactions) {
          this.#before.set(txid, this.#latestFate(txid));
          this.#unflushed.push([txid, 'confirmed']);
        }
        return;
      case 'disconnect': {
        const returned = new Set(write.returned.map(({ txid }) => txid));
        for (const transaction of write.block.transactions) {
          if (transaction.kind === 'coinbase' || returned.has(transaction.txid)) continue;
          // What came only with a block that is disconnected before it was published was never accepted here.
          const before = this.#before.get(transaction.txid);
          if (this.#published.has(write.block.hash) || before === 'pending')
            throw this.#failure(`disconnects a block and does not keep its ${transaction.txid}`);
          this.#unflushed.push([transaction.txid, before ?? 'dropped']);
        }
        for (const { txid, raw, receivedMs } of write.returned) {
          this.#learn(txid, raw, receivedMs);
          this.#unflushed.push([txid, 'pending']);
        }
      }
    }
  }

  /** For what was dropped, a node must be able to say why. */
  #onDrop(txid: Hash): void {
    if (this.#latestFate(txid) === 'pending' && !this.#node.core.mempool.dropped(txid))
      throw this.#failure(`lets go of ${txid} and does not know why`);
    this.#unflushed.push([txid, 'dropped']);
  }

  #learn(txid: Hash, raw: Uint8Array, receivedMs: number): void {
    this.#receivedMs.set(txid, receivedMs);
    if (this.#transactions.has(txid)) return;
    const transaction = decodeTransaction(raw);
    if (transaction.kind !== 'coinbase') this.#transactions.set(txid, transaction);
  }

  /** Durable now, whatever became of it since. */
  #isKept(txid: Hash): boolean {
    return !this.#node.store.isDirty && this.#fates.has(txid);
  }

  /** What it is once all that was handled is durable. */
  #latestFate(txid: Hash): Fate | undefined {
    return this.#unflushed.findLast(([id]) => id === txid)?.[1] ?? this.#fates.get(txid);
  }

  /** The reason that a node gives for letting go of a transaction has to hold. */
  #onRemoval({ txid, reason }: MempoolRemoval): void {
    const transaction = this.#transactions.get(txid);
    const state = this.#judge.validBlock(this.#node.core.chain.tip.record.hash)?.accounts;
    if (!transaction || !state || this.#node.core.chain.isMoving) return;
    const account = state.get(transaction.sender) ?? { balance: 0n, nonce: 0n };
    const { mempool } = this.#node.core;
    const ageMs = this.#node.clock.instant().wallMs - (this.#receivedMs.get(txid) ?? 0);
    const holds = {
      confirmed: this.#latestFate(txid) === 'confirmed',
      conflict: account.nonce > transaction.nonce && this.#latestFate(txid) !== 'confirmed',
      invalid: transaction.amount + transaction.fee > account.balance,
      // Of this transaction, or of one before it of the same sender.
      expired: ageMs >= EXPIRY_MS || mempool.dropped(txid)?.detail.startsWith('builds on') === true,
      evicted: mempool.readyCount >= MAX_READY || mempool.queuedCount >= Math.min(MAX_QUEUED, MAX_QUEUED_PER_ACCOUNT),
      replaced: mempool.pendingAccount(transaction.sender).nonce > transaction.nonce || this.#hasRival(transaction),
      // No simulated operator drops any.
      operator: false,
    }[reason];
    if (!holds) throw this.#failure(`drops ${txid} as ${reason}, which does not hold`);
  }

  #hasRival({ sender, nonce, txid }: SignedTransaction): boolean {
    for (const other of this.#node.core.mempool.transactions()) {
      if (other.sender === sender && other.nonce === nonce && other.txid !== txid) return true;
    }
    return false;
  }

  #failure(message: string): CheckFailure {
    return new CheckFailure('acknowledged', this.#node, message);
  }
}
