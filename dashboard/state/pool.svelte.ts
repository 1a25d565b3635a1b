import { MAX_READY_PER_ACCOUNT } from '../model/next-blocks.ts';
import type { TransactionRecord } from '../model/records.ts';

/** Transactions that are remembered after the last node has forgotten them; the oldest go first. */
const MAX_REMEMBERED = 5_000;

/** What waits on the nodes of one network, each transaction once, with the nodes that have it. */
export class Pool {
  readonly #transactions = new Map<string, TransactionRecord>();
  /** By transaction: nodes that have it. Only of those that wait somewhere. */
  readonly #holders = new Map<string, Set<string>>();
  /** By sender: what waits of it. */
  readonly #bySender = new Map<string, Set<string>>();
  #version = $state(0);
  #isChanged = false;

  /** A transaction that waits, or has waited not long ago. */
  get(txid: string): TransactionRecord | undefined {
    this.#version;
    return this.#transactions.get(txid);
  }

  /** How many different ones wait. */
  get size(): number {
    this.#version;
    return this.#holders.size;
  }

  /** All that wait anywhere, or on one node. */
  pending(nodeUrl: string | null = null): TransactionRecord[] {
    this.#version;
    const found: TransactionRecord[] = [];
    for (const [txid, holders] of this.#holders) {
      const transaction = this.#transactions.get(txid);
      if (transaction && (nodeUrl === null || holders.has(nodeUrl))) found.push(transaction);
    }
    return found;
  }

  /** Nodes on which a transaction waits. */
  holders(txid: string): ReadonlySet<string> {
    this.#version;
    return this.#holders.get(txid) ?? NOBODY;
  }

  /** The same now, for whoever is not to be told of changes. */
  holdersNow(txid: string): ReadonlySet<string> {
    return this.#holders.get(txid) ?? NOBODY;
  }

  add(transaction: TransactionRecord, nodeUrl: string): void {
    // Set anew, so that the map's order is that of the last news.
    this.#transactions.delete(transaction.txid);
    this.#transactions.set(transaction.txid, transaction);
    // Another set, so that whoever shows it sees that it is another.
    this.#holders.set(transaction.txid, new Set(this.#holders.get(transaction.txid)).add(nodeUrl));
    const { sender, isQueued, txid } = transaction;
    if (sender !== null) this.#bySender.set(sender, (this.#bySender.get(sender) ?? new Set()).add(txid));
    if (!isQueued) this.#promoteAfter(transaction);
    this.#isChanged = true;
  }

  /** All of one sender that wait anywhere, in order of their nonces. */
  ofSender(sender: string): TransactionRecord[] {
    this.#version;
    return this.#waitingOf(sender);
  }

  /** @param reason why it left, as the node says; null: the node is not watched any more, or was asked anew */
  remove(txid: string, nodeUrl: string, reason: string | null = null): void {
    const before = this.#holders.get(txid);
    if (!before?.has(nodeUrl)) return;
    const holders = new Set(before);
    holders.delete(nodeUrl);
    this.#isChanged = true;
    if (holders.size > 0) {
      this.#holders.set(txid, holders);
      return;
    }
    this.#holders.delete(txid);
    const gone = this.#transactions.get(txid);
    if (!gone || gone.sender === null) return;
    const left = this.#bySender.get(gone.sender);
    left?.delete(txid);
    if (left?.size === 0) this.#bySender.delete(gone.sender);
    if (gone.isQueued || reason === null) return;
    if (reason === 'CONFIRMED') this.#promoteAfter(gone);
    else this.#queueAfter(gone);
  }

  /** Forgets all that waits on a node. */
  clear(nodeUrl: string): void {
    for (const txid of [...this.#holders.keys()]) this.remove(txid, nodeUrl);
  }

  /** Shows all that changed since the last call. */
  publish(): void {
    if (!this.#isChanged) return;
    this.#isChanged = false;
    const excess = this.#transactions.size - this.#holders.size - MAX_REMEMBERED;
    if (excess > 0) this.#forget(excess);
    this.#version++;
  }

  /**
   * No event tells that a queued transaction became ready: it does when the one before it is, or was confirmed, and
   * while its account has not as many ready as a node takes.
   */
  #promoteAfter({ sender, nonce }: TransactionRecord): void {
    if (sender === null || nonce === null) return;
    const waiting = this.#waitingOf(sender);
    let ready = waiting.filter(({ isQueued }) => !isQueued).length;
    let last = nonce;
    for (const each of waiting) {
      if (each.nonce === null || each.nonce <= last) continue;
      if (each.nonce > last + 1n || (each.isQueued && ready >= MAX_READY_PER_ACCOUNT)) return;
      last = each.nonce;
      if (!each.isQueued) continue;
      this.#transactions.set(each.txid, { ...each, isQueued: false });
      ready++;
    }
  }

  /** Nor that a ready one waits again: it does when one before it was dropped, and no other has its nonce. */
  #queueAfter({ sender, nonce }: TransactionRecord): void {
    if (sender === null || nonce === null) return;
    const waiting = this.#waitingOf(sender);
    if (waiting.some((each) => each.nonce === nonce)) return;
    for (const each of waiting) {
      if (each.nonce !== null && each.nonce > nonce) this.#transactions.set(each.txid, { ...each, isQueued: true });
    }
  }

  #waitingOf(sender: string): TransactionRecord[] {
    return [...(this.#bySender.get(sender) ?? [])]
      .flatMap((txid) => this.#transactions.get(txid) ?? [])
      .sort((a, b) => Number((a.nonce ?? 0n) - (b.nonce ?? 0n)));
  }

  #forget(count: number): void {
    let left = count;
    for (const txid of this.#transactions.keys()) {
      if (left === 0) return;
      if (this.#holders.has(txid)) continue;
      this.#transactions.delete(txid);
      left--;
    }
  }
}

const NOBODY: ReadonlySet<string> = new Set();
