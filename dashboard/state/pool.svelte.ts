import type { TransactionRecord } from '../model/records.ts';

/** Transactions that are remembered after the last node has forgotten them; the oldest go first. */
const MAX_REMEMBERED = 5_000;

/** What waits on the nodes of one network, each transaction once, with the nodes that have it. */
export class Pool {
  readonly #transactions = new Map<string, TransactionRecord>();
  /** By transaction: nodes that have it. Only of those that wait somewhere. */
  readonly #holders = new Map<string, Set<string>>();
  /** Those that wait for an earlier nonce. */
  readonly #queued = new Set<string>();
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
    if (transaction.isQueued) this.#queued.add(transaction.txid);
    else this.#promote(transaction);
    this.#isChanged = true;
  }

  remove(txid: string, nodeUrl: string): void {
    const before = this.#holders.get(txid);
    if (!before?.has(nodeUrl)) return;
    const holders = new Set(before);
    holders.delete(nodeUrl);
    if (holders.size > 0) this.#holders.set(txid, holders);
    else {
      this.#holders.delete(txid);
      this.#queued.delete(txid);
    }
    this.#isChanged = true;
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

  /** No event tells that a queued transaction became ready: it does when the one before it is. */
  #promote({ txid, sender, nonce }: TransactionRecord): void {
    this.#queued.delete(txid);
    if (sender === null || nonce === null) return;
    for (const queued of this.#queued) {
      const next = this.#transactions.get(queued);
      if (next?.sender !== sender || next.nonce !== nonce + 1n) continue;
      const ready = { ...next, isQueued: false };
      this.#transactions.set(queued, ready);
      this.#promote(ready);
      return;
    }
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
