import { MAX_READY_PER_ACCOUNT } from '../model/next-blocks.ts';
import type { TransactionRecord } from '../model/records.ts';
import type { Source } from './source.ts';

/** Transactions that are remembered after the last node has forgotten them; the oldest go first. */
const MAX_REMEMBERED = 5_000;
/** Transactions that are kept of one node: more than the mempool of any node holds. Further ones are left out. */
const MAX_PER_NODE = 10_000;
/** The same of a node that was only heard of, while no named node has told of them. */
const MAX_UNSHARED = 500;

/**
 * What waits on the nodes of one network, each transaction once, with the nodes that have it. What a named node says of
 * a transaction stands, whatever others say.
 */
export class Pool {
  readonly #transactions = new Map<string, TransactionRecord>();
  /** Those of which a named node has told. */
  readonly #shared = new Set<string>();
  /** Nodes that are named, of all that have told something. */
  readonly #named = new Set<string>();
  /** By node: how many transactions it has, and how many of them no named node has told of. */
  readonly #counts = new Map<string, { all: number; unshared: number }>();
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

  /** The same, as an untracked read: nothing is computed again when it changes. */
  holdersNow(txid: string): ReadonlySet<string> {
    return this.#holders.get(txid) ?? NOBODY;
  }

  /** Takes a transaction up that waits on a node; without a word where the node has told of too many. */
  add(transaction: TransactionRecord, { url, isNamed }: Source): void {
    const { txid, sender, isQueued } = transaction;
    if (isNamed) this.#named.add(url);
    const holders = this.#holders.get(txid) ?? NOBODY;
    const isShared = isNamed || this.#shared.has(txid);
    const isNew = !holders.has(url);
    const { all, unshared } = this.#counts.get(url) ?? NOTHING;
    if (isNew && (all >= MAX_PER_NODE || (!isShared && unshared >= MAX_UNSHARED))) return;
    if (isNamed && !this.#shared.has(txid)) this.#share(txid);
    if (isNew) {
      this.#count(url, 1, isShared ? 0 : 1);
      // A new set, so that views see that it has changed.
      this.#holders.set(txid, new Set(holders).add(url));
    }
    this.#isChanged = true;
    if (sender !== null) this.#bySender.set(sender, (this.#bySender.get(sender) ?? new Set()).add(txid));
    if (!isNamed && isShared) return;
    // Deleted and set again, so that the map's order is that of the last news.
    this.#transactions.delete(txid);
    this.#transactions.set(txid, transaction);
    if (!isQueued) this.#promoteAfter(transaction);
  }

  /** All of one sender that wait anywhere, in order of their nonces. */
  ofSender(sender: string): TransactionRecord[] {
    this.#version;
    return this.#waitingOf(sender);
  }

  /** @param reason why it left, as the node says; null: the node is not watched any more, or was asked again */
  remove(txid: string, nodeUrl: string, reason: string | null = null): void {
    const before = this.#holders.get(txid);
    if (!before?.has(nodeUrl)) return;
    const isShared = this.#shared.has(txid);
    this.#count(nodeUrl, -1, isShared ? 0 : -1);
    const holders = new Set(before);
    holders.delete(nodeUrl);
    if (holders.size > 0) this.#holders.set(txid, holders);
    this.#isChanged = true;
    const gone = this.#transactions.get(txid);
    if (holders.size === 0) this.#dropped(txid, gone?.sender ?? null, isShared);
    if (!gone || gone.isQueued || reason === null) return;
    // Of what a named node has told, the last of them says what became of it.
    const isLast = isShared ? ![...holders].some((url) => this.#named.has(url)) : holders.size === 0;
    if (!isLast || (isShared && !this.#named.has(nodeUrl))) return;
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

  #dropped(txid: string, sender: string | null, isShared: boolean): void {
    this.#holders.delete(txid);
    // What only nodes told of that nobody has named pushes nothing out of what is remembered.
    if (!isShared) this.#transactions.delete(txid);
    if (sender === null) return;
    const left = this.#bySender.get(sender);
    left?.delete(txid);
    if (left?.size === 0) this.#bySender.delete(sender);
  }

  #share(txid: string): void {
    this.#shared.add(txid);
    for (const url of this.#holders.get(txid) ?? NOBODY) this.#count(url, 0, -1);
  }

  #count(url: string, all: number, unshared: number): void {
    const counts = this.#counts.get(url) ?? NOTHING;
    const left = { all: counts.all + all, unshared: counts.unshared + unshared };
    if (left.all > 0) this.#counts.set(url, left);
    else this.#counts.delete(url);
  }

  /**
   * No event tells that a queued transaction became ready: it does when the one before it is, or was confirmed, and
   * while its account has not as many ready as a node takes.
   */
  #promoteAfter(transaction: TransactionRecord): void {
    const { nonce } = transaction;
    if (nonce === null) return;
    const waiting = this.#waitingWith(transaction);
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
  #queueAfter(transaction: TransactionRecord): void {
    const { txid, nonce } = transaction;
    if (nonce === null) return;
    const waiting = this.#waitingWith(transaction);
    if (waiting.some((each) => each.nonce === nonce && each.txid !== txid)) return;
    for (const each of waiting) {
      if (each.nonce !== null && each.nonce > nonce) this.#transactions.set(each.txid, { ...each, isQueued: true });
    }
  }

  /**
   * What waits of the same sender on the same word: what a node says that nobody has named changes nothing about a
   * transaction of which a named one has told.
   */
  #waitingWith({ txid, sender }: TransactionRecord): TransactionRecord[] {
    if (sender === null) return [];
    const isShared = this.#shared.has(txid);
    return this.#waitingOf(sender).filter((each) => this.#shared.has(each.txid) === isShared);
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
      this.#shared.delete(txid);
      left--;
    }
  }
}

const NOTHING = { all: 0, unshared: 0 };
const NOBODY: ReadonlySet<string> = new Set();
