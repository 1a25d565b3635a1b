import type { Account } from '../consensus/state.ts';
import type { SignedTransaction } from '../consensus/transaction.ts';
import { weightOf } from '../consensus/weight.ts';
import type { MempoolEntryView } from './node-view.ts';

/** A pending transaction. */
export interface MempoolEntry extends MempoolEntryView {
  readonly transaction: SignedTransaction;
  /** When it came, Unix milliseconds, for people and for the next run. */
  readonly receivedMs: number;
  /** The same in monotonic milliseconds, what expiry counts from; negative where an earlier run received it. */
  readonly receivedMonotonicMs: number;
  /** Order of arrival; breaks ties between equal fee rates. */
  readonly sequence: number;
  state: 'ready' | 'queued';
  unbroadcast: boolean;
}

/** What a transaction takes from its sender, in base units. */
export function costOf(transaction: SignedTransaction): bigint {
  return transaction.amount + transaction.fee;
}

/** Whether `a` pays more for its weight than `b`; the earlier one on equal rates. Exact: cross-multiplied, not divided. */
export function isBetterFee(a: MempoolEntry, b: MempoolEntry): boolean {
  const left = a.transaction.fee * BigInt(weightOf(b.transaction));
  const right = b.transaction.fee * BigInt(weightOf(a.transaction));
  return left === right ? a.sequence < b.sequence : left > right;
}

/** The pending transactions of one account, at most one for each nonce. */
export class AccountQueue {
  /** Sorted by nonce; short (the limits allow 80), so insertion by search is cheap. */
  #entries: MempoolEntry[] = [];
  #readyCount = 0;

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  get readyCount(): number {
    return this.#readyCount;
  }

  get queuedCount(): number {
    return this.#entries.length - this.#readyCount;
  }

  at(nonce: bigint): MempoolEntry | undefined {
    return this.#entries.find((entry) => entry.transaction.nonce === nonce);
  }

  /** A copy, by ascending nonce. */
  inOrder(): MempoolEntry[] {
    return [...this.#entries];
  }

  /** The executable ones, by ascending nonce. */
  ready(): MempoolEntry[] {
    return this.#entries.filter((entry) => entry.state === 'ready');
  }

  insert(entry: MempoolEntry): void {
    const index = this.#entries.findIndex((other) => other.transaction.nonce > entry.transaction.nonce);
    this.#entries.splice(index < 0 ? this.#entries.length : index, 0, entry);
  }

  delete(entry: MempoolEntry): void {
    this.#entries = this.#entries.filter((other) => other !== entry);
    if (entry.state === 'ready') this.#readyCount--;
  }

  /** What the ready transactions before `nonce` take from the account, in base units. */
  readyCostBefore(nonce: bigint): bigint {
    let cost = 0n;
    for (const entry of this.#entries) {
      if (entry.state === 'ready' && entry.transaction.nonce < nonce) cost += costOf(entry.transaction);
    }
    return cost;
  }

  /**
   * Marks as ready the longest run of nonces from the account's own that its balance pays for, all others as queued.
   * Returns the entries that became ready, and those that no longer are.
   */
  revise(account: Account, maxReady: number): { becameReady: MempoolEntry[]; becameQueued: MempoolEntry[] } {
    const becameReady: MempoolEntry[] = [];
    const becameQueued: MempoolEntry[] = [];
    let { balance, nonce } = account;
    let ready = 0;
    for (const entry of this.#entries) {
      const cost = costOf(entry.transaction);
      const isReady = entry.transaction.nonce === nonce && cost <= balance && ready < maxReady;
      if (isReady && entry.state === 'queued') becameReady.push(entry);
      if (!isReady && entry.state === 'ready') becameQueued.push(entry);
      entry.state = isReady ? 'ready' : 'queued';
      if (!isReady) continue;
      ready++;
      nonce += 1n;
      balance -= cost;
    }
    this.#readyCount = ready;
    return { becameReady, becameQueued };
  }

  /** The queued ones beyond a limit, highest nonces first. */
  beyondQueue(maxQueued: number): MempoolEntry[] {
    const queued = this.#entries.filter((entry) => entry.state === 'queued');
    return queued.slice(maxQueued).reverse();
  }
}
