import type { Address } from '../consensus/address.ts';
import { formatAmount } from '../consensus/amount.ts';
import type { ContractHost } from '../consensus/contract-host.ts';
import type { Hash } from '../consensus/hash.ts';
import { type Account, type AccountReader, EMPTY_ACCOUNT } from '../consensus/state.ts';
import type { SignedTransaction } from '../consensus/transaction.ts';
import { AccountQueue, costOf, isBetterFee, type MempoolEntry } from './account-queue.ts';
import { checkAdmission, checkSource } from './admission.ts';
import { BoundedMap } from './bounded-map.ts';
import type { BoundedResource } from './bounded-resource.ts';
import type { Alarm, EventContext } from './event-context.ts';
import { feeToOutbid, minimumFeePerKilobyte } from './minimum-fee.ts';
import type { NodeMemory } from './node-memory.ts';
import type { DroppedTransaction, MempoolView } from './node-view.ts';
import type { MempoolRemoval, RemovalReason } from './notices.ts';
import { withOwnBytes } from './own-bytes.ts';
import {
  EXPIRY_MS,
  MAX_QUEUED_PER_ACCOUNT,
  MAX_READY_PER_ACCOUNT,
  MAX_REMEMBERED_DROP_BYTES,
  MAX_REMEMBERED_DROPS,
  type Refusal,
} from './policy.ts';
import { PoolUsage, QUEUED_LIMITS, READY_LIMITS, worstOf } from './pool-usage.ts';
import type { JournalEntry, StoreWrite } from './store-writes.ts';

/** How often expired transactions are looked for. */
const EXPIRY_CHECK_MS = 60_000;

/**
 * Pending transactions, an ordered queue for each account. An entry is ready when all earlier nonces are and the balance
 * suffices, else it is queued; only ready ones are mined and announced. After a block or a reorg the queues of the accounts
 * that it touched are revised, so that no ready transaction could not be connected.
 */
export class Mempool implements MempoolView {
  readonly #context: EventContext;
  readonly #accounts: AccountReader;
  readonly #host: ContractHost;
  readonly #expiryCheck: Alarm;
  readonly #entries = new Map<Hash, MempoolEntry>();
  readonly #queues = new Map<Address, AccountQueue>();
  readonly #dropped = new BoundedMap<Hash, DroppedTransaction>(MAX_REMEMBERED_DROPS, {
    maxBytes: MAX_REMEMBERED_DROP_BYTES,
    bytesOf: ({ transaction }) => transaction.raw.length,
  });
  /** Transactions that were dropped since the tip last changed. */
  #justDropped: BoundedMap<Hash, true> = new BoundedMap(MAX_REMEMBERED_DROPS);
  readonly #ready = new PoolUsage(READY_LIMITS);
  readonly #queued = new PoolUsage(QUEUED_LIMITS);
  #sequence = 0;
  #raisedFee = { perKilobyte: 0n, atMonotonicMs: 0 };
  #added: Hash[] = [];
  #newlyReady: Hash[] = [];
  #removed: MempoolRemoval[] = [];
  #writes: StoreWrite[] = [];

  constructor(context: EventContext, accounts: AccountReader, host: ContractHost) {
    this.#context = context;
    this.#accounts = accounts;
    this.#host = host;
    this.#expiryCheck = context.alarm(() => this.#expire());
  }

  /** Begins to drop expired transactions. */
  start(): void {
    this.#expiryCheck.set(EXPIRY_CHECK_MS);
  }

  get size(): number {
    return this.#entries.size;
  }

  get readyCount(): number {
    return this.#ready.count;
  }

  get queuedCount(): number {
    return this.#queued.count;
  }

  get sizeBytes(): number {
    return this.#ready.bytes + this.#queued.bytes;
  }

  minimumFeePerKilobyte(nowMonotonicMs: number): bigint {
    const { perKilobyte, atMonotonicMs } = this.#raisedFee;
    return minimumFeePerKilobyte({ perKilobyte, ageMs: nowMonotonicMs - atMonotonicMs });
  }

  has(txid: Hash): boolean {
    return this.#entries.has(txid);
  }

  get(txid: Hash): MempoolEntry | undefined {
    return this.#entries.get(txid);
  }

  /** What it holds beside the journal. */
  memory(nowMonotonicMs: number): Pick<NodeMemory, 'pending' | 'raisedFee'> {
    const { perKilobyte, atMonotonicMs } = this.#raisedFee;
    return {
      pending: Array.from(this.#entries, ([txid, { receivedMonotonicMs }]) => {
        return { txid, ageMs: nowMonotonicMs - receivedMonotonicMs };
      }),
      raisedFee: { perKilobyte, ageMs: nowMonotonicMs - atMonotonicMs },
    };
  }

  /** Raises the minimum fee rate to what it was in an earlier run. */
  restoreRaisedFee({ perKilobyte, ageMs }: NodeMemory['raisedFee']): void {
    this.#raisedFee = { perKilobyte, atMonotonicMs: this.#context.now.monotonicMs - ageMs };
  }

  /** What the journal holds of a pending transaction. */
  journalEntry(txid: Hash): JournalEntry | undefined {
    const entry = this.#entries.get(txid);
    return entry && journalEntryOf(entry);
  }

  resources(): BoundedResource[] {
    return [
      ...this.#ready.resources('ready transactions'),
      ...this.#queued.resources('queued transactions'),
      { what: 'dropped transactions', count: this.#dropped.size, limit: MAX_REMEMBERED_DROPS },
      { what: 'bytes of dropped transactions', count: this.#dropped.bytes, limit: MAX_REMEMBERED_DROP_BYTES },
    ];
  }

  /**
   * Whether a transaction was dropped and the tip has not changed since. With another tip there may be room again, its
   * nonce may be free, or its sender may have the balance.
   */
  isUnwelcome(txid: Hash): boolean {
    return this.#justDropped.has(txid);
  }

  dropped(txid: Hash): DroppedTransaction | undefined {
    return this.#dropped.get(txid);
  }

  byFeeRate(): MempoolEntry[] {
    return [...this.#entries.values()].sort((a, b) =>
      a.state === b.state ? (isBetterFee(a, b) ? -1 : 1) : a.state === 'ready' ? -1 : 1,
    );
  }

  /** Ready transactions of every account that has any, in nonce order. */
  *readyQueues(): Iterable<readonly MempoolEntry[]> {
    for (const queue of this.#queues.values()) {
      const ready = queue.ready();
      if (ready.length > 0) yield ready;
    }
  }

  /** All transactions of each account, in nonce order. */
  *queues(): Iterable<[sender: Address, entries: readonly MempoolEntry[]]> {
    for (const [sender, queue] of this.#queues) yield [sender, queue.inOrder()];
  }

  *transactions(): Iterable<SignedTransaction> {
    for (const entry of this.#entries.values()) yield entry.transaction;
  }

  senders(): Iterable<Address> {
    return this.#queues.keys();
  }

  *unbroadcast(): Iterable<MempoolEntry> {
    for (const entry of this.#entries.values()) if (entry.unbroadcast && entry.state === 'ready') yield entry;
  }

  pendingAccount(address: Address): Account {
    let { balance, nonce } = this.#account(address);
    for (const entry of this.#queues.get(address)?.inOrder() ?? []) {
      if (entry.transaction.nonce !== nonce) break;
      balance -= costOf(entry.transaction);
      nonce += 1n;
    }
    return { balance: balance > 0n ? balance : 0n, nonce };
  }

  /**
   * Adds a transaction whose bytes and signature have been checked; it replaces a pending one with the same sender and nonce.
   * @returns null where it is pending now (or was already), else why it was refused
   */
  add(transaction: SignedTransaction, options: { unbroadcast: boolean }): Refusal | null {
    if (this.#entries.has(transaction.txid)) return null;
    const account = this.#account(transaction.sender);
    const queue = this.#queueOf(transaction.sender);
    const minimumFeePerKilobyte = this.minimumFeePerKilobyte(this.#context.now.monotonicMs);
    const refusal =
      checkAdmission(transaction, { account, queue, minimumFeePerKilobyte }) ?? checkSource(transaction, this.#host);
    if (refusal) return refusal;
    const replaced = queue.at(transaction.nonce);
    const entry = this.#makeEntry(withOwnBytes(transaction), options.unbroadcast);
    if (replaced) this.#remove(replaced, 'replaced', `replaced by ${transaction.txid}`);
    this.#insert(entry);
    this.#reviseQueue(transaction.sender);
    this.#enforceLimits();
    if (!this.#entries.has(transaction.txid)) {
      const message = `the mempool is full and its lowest fee rate is above that of ${transaction.txid}`;
      return { code: 'mempool-full', message };
    }
    return null;
  }

  /**
   * Puts back what an earlier run's journal holds, oldest first; what is no longer valid is dropped. An age that is not known
   * is what the wall clock has moved on since; a clock that was set back makes nothing younger than new.
   */
  restore(entries: Iterable<JournalEntry & { transaction: SignedTransaction; ageMs?: number | undefined }>): void {
    const senders = new Set<Address>();
    for (const { transaction, receivedMs, unbroadcast, ageMs } of entries) {
      const rival = this.#queueOf(transaction.sender).at(transaction.nonce);
      // Both were journaled when the node was killed in the middle of a reorg.
      if (rival) this.#remove(rival, 'replaced', `${transaction.txid} came back from a disconnected block`);
      const knownAgeMs = ageMs ?? Math.max(0, this.#context.now.wallMs - receivedMs);
      this.#insert(this.#makeEntry(transaction, unbroadcast, { receivedMs, ageMs: knownAgeMs }));
      senders.add(transaction.sender);
    }
    for (const sender of senders) this.#reviseQueue(sender);
    this.#enforceLimits();
  }

  /**
   * Follows a change of the chain: confirmed transactions leave, those of disconnected blocks come back in nonce order,
   * and every touched account is revised.
   * @param returned oldest first
   * @returns those that came back, and those that could not
   */
  onChainChange(
    confirmed: readonly SignedTransaction[],
    returned: readonly SignedTransaction[],
    touched: ReadonlySet<Address>,
  ): { returned: Hash[]; dropped: MempoolRemoval[] } {
    this.#justDropped = new BoundedMap(MAX_REMEMBERED_DROPS);
    for (const transaction of confirmed) {
      const entry = this.#queues.get(transaction.sender)?.at(transaction.nonce);
      if (entry && entry.transaction.txid === transaction.txid) this.#remove(entry, 'confirmed', '');
      else if (entry) this.#remove(entry, 'conflict', `${transaction.txid} with the same nonce was confirmed`);
    }
    const confirmedIds = new Set(confirmed.map((transaction) => transaction.txid));
    const candidates = returned.filter((transaction) => !confirmedIds.has(transaction.txid));
    for (const transaction of candidates) this.#readmit(transaction);
    for (const sender of new Set([...touched, ...candidates.map((transaction) => transaction.sender)]))
      this.#reviseQueue(sender);
    this.#enforceLimits();
    const txids = candidates.map((transaction) => transaction.txid);
    return {
      returned: txids.filter((txid) => this.#entries.has(txid)),
      dropped: txids
        .filter((txid) => !this.#entries.has(txid))
        .map((txid) => ({ txid, reason: this.#dropped.get(txid)?.reason ?? 'conflict' })),
    };
  }

  /** Drops expired transactions, with the later nonces of the same account. */
  #expire(): void {
    const oldest = this.#context.now.monotonicMs - EXPIRY_MS;
    for (const entry of [...this.#entries.values()]) {
      if (entry.receivedMonotonicMs > oldest || !this.#entries.has(entry.transaction.txid)) continue;
      const { sender } = entry.transaction;
      for (const later of this.#queueOf(sender).inOrder()) {
        if (later.transaction.nonce >= entry.transaction.nonce) {
          this.#remove(
            later,
            'expired',
            later === entry ? 'not mined in time' : `builds on ${entry.transaction.txid}, which expired`,
          );
        }
      }
      this.#reviseQueue(sender);
    }
    this.#expiryCheck.set(EXPIRY_CHECK_MS);
  }

  /** Drops a transaction; later ones of its sender wait for another with its nonce. False where it is not pending. */
  drop(txid: Hash, detail: string): boolean {
    const entry = this.#entries.get(txid);
    if (!entry) return false;
    this.#remove(entry, 'operator', detail);
    this.#reviseQueue(entry.transaction.sender);
    return true;
  }

  /** A peer has the transaction too: it need not be announced again. */
  markBroadcast(txid: Hash): void {
    const entry = this.#entries.get(txid);
    if (!entry?.unbroadcast) return;
    entry.unbroadcast = false;
    this.#writes.push({ kind: 'journal-put', entry: journalEntryOf(entry) });
  }

  /**
   * Emits what has changed since the last call: the journal's writes first, then the notice. Returns those that became
   * ready, which are to be announced.
   */
  flush(): Hash[] {
    this.flushJournal();
    const added = this.#added;
    const removed = this.#removed;
    const newlyReady = this.#newlyReady.filter((txid) => this.#entries.get(txid)?.state === 'ready');
    this.#added = [];
    this.#removed = [];
    this.#newlyReady = [];
    if (added.length > 0 || removed.length > 0) {
      this.#context.emit({ type: 'publish', notice: { kind: 'mempool', added, removed, size: this.size } });
    }
    return newlyReady;
  }

  /** Emits the journal's writes: what is emitted afterwards leaves the node only when they are durable. */
  flushJournal(): void {
    if (this.#writes.length > 0) this.#context.emit({ type: 'persist', writes: this.#writes });
    this.#writes = [];
  }

  #account(address: Address): Account {
    return this.#accounts.account(address) ?? EMPTY_ACCOUNT;
  }

  /** The account's queue; an empty one is kept only once something is put into it. */
  #queueOf(address: Address): AccountQueue {
    return this.#queues.get(address) ?? new AccountQueue();
  }

  /** @param earlier when it was received, and how long it has been pending, unless that is now */
  #makeEntry(
    transaction: SignedTransaction,
    unbroadcast: boolean,
    earlier?: { readonly receivedMs: number; readonly ageMs: number },
  ): MempoolEntry {
    this.#sequence++;
    const { wallMs, monotonicMs } = this.#context.now;
    const receivedMs = earlier?.receivedMs ?? wallMs;
    const receivedMonotonicMs = monotonicMs - (earlier?.ageMs ?? 0);
    return { transaction, receivedMs, receivedMonotonicMs, sequence: this.#sequence, state: 'queued', unbroadcast };
  }

  #insert(entry: MempoolEntry): void {
    const { txid, sender } = entry.transaction;
    this.#entries.set(txid, entry);
    const queue = this.#queueOf(sender);
    queue.insert(entry);
    this.#queues.set(sender, queue);
    this.#queued.add(entry);
    this.#added.push(txid);
    this.#dropped.delete(txid);
    this.#writes.push({ kind: 'journal-put', entry: journalEntryOf(entry) });
  }

  #readmit(transaction: SignedTransaction): void {
    const queue = this.#queueOf(transaction.sender);
    const rival = queue.at(transaction.nonce);
    // The one that was confirmed keeps its place against a rival that came while it was in a block.
    if (rival) this.#remove(rival, 'replaced', `${transaction.txid} came back from a disconnected block`);
    this.#insert(this.#makeEntry(transaction, false));
  }

  #remove(entry: MempoolEntry, reason: RemovalReason, detail: string): void {
    const { txid, sender } = entry.transaction;
    if (!this.#entries.delete(txid)) return;
    const queue = this.#queueOf(sender);
    queue.delete(entry);
    if (queue.isEmpty) this.#queues.delete(sender);
    this.#usageOf(entry.state).subtract(entry);
    this.#forgetAdded(txid, reason);
    // Connecting its block removed it from the journal, but it may have been written there again before the move ended.
    this.#writes.push({ kind: 'journal-delete', txid });
    if (reason === 'confirmed') return;
    this.#dropped.set(txid, { transaction: entry.transaction, reason, detail });
    this.#justDropped.set(txid, true);
  }

  /** A transaction that is added and removed within one event is not in its notice. */
  #forgetAdded(txid: Hash, reason: RemovalReason): void {
    const index = this.#added.indexOf(txid);
    if (index >= 0) this.#added.splice(index, 1);
    else this.#removed.push({ txid, reason });
  }

  /** Sorts one account's transactions into ready and queued, and drops what can never be executed. */
  #reviseQueue(sender: Address): void {
    const queue = this.#queues.get(sender);
    if (!queue) return;
    const account = this.#account(sender);
    for (const entry of queue.inOrder()) {
      if (entry.transaction.nonce < account.nonce)
        this.#remove(entry, 'conflict', `the account's nonce is ${account.nonce} already`);
      else if (account.contract !== undefined)
        this.#remove(entry, 'invalid', 'the account has become a contract, which sends nothing');
      else if (costOf(entry.transaction) > account.balance) {
        this.#remove(
          entry,
          'invalid',
          `amount and fee are more than the account's balance of ${formatAmount(account.balance)}`,
        );
      }
    }
    const { becameReady, becameQueued } = queue.revise(account, MAX_READY_PER_ACCOUNT);
    for (const entry of becameReady) {
      this.#queued.subtract(entry);
      this.#ready.add(entry);
      this.#newlyReady.push(entry.transaction.txid);
    }
    for (const entry of becameQueued) {
      this.#ready.subtract(entry);
      this.#queued.add(entry);
    }
    for (const entry of queue.beyondQueue(MAX_QUEUED_PER_ACCOUNT))
      this.#remove(entry, 'evicted', "the account's queue is full");
  }

  #enforceLimits(): void {
    for (let excess = this.#ready.excess; excess !== null; excess = this.#ready.excess) {
      const worst = worstOf(this.#entries.values(), 'ready', excess);
      this.#remove(worst, 'evicted', 'the mempool is full');
      this.#raiseMinimum(worst);
      this.#reviseQueue(worst.transaction.sender);
    }
    for (let excess = this.#queued.excess; excess !== null; excess = this.#queued.excess) {
      const worst = worstOf(this.#entries.values(), 'queued', excess);
      this.#remove(worst, 'evicted', 'the queue of the mempool is full');
    }
  }

  #raiseMinimum(evicted: MempoolEntry): void {
    const perKilobyte = feeToOutbid(evicted.transaction);
    const atMonotonicMs = this.#context.now.monotonicMs;
    if (perKilobyte > this.minimumFeePerKilobyte(atMonotonicMs)) this.#raisedFee = { perKilobyte, atMonotonicMs };
  }

  #usageOf(state: MempoolEntry['state']): PoolUsage {
    return state === 'ready' ? this.#ready : this.#queued;
  }
}

function journalEntryOf(entry: MempoolEntry): JournalEntry {
  const { transaction, receivedMs, unbroadcast } = entry;
  return { txid: transaction.txid, raw: transaction.raw, receivedMs, unbroadcast };
}
