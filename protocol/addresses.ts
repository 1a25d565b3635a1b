import type { Peer } from './peer.ts';
import type { StoredAddress, StoreWrite } from './store-writes.ts';
import { randomBelow } from './time.ts';
import type { Turn } from './turn.ts';

/** Addresses that are remembered; the one that failed most often, then the one that worked longest ago, goes first. */
const MAX_ADDRESSES = 1_000;
/** An address that never worked is forgotten after so many failures. */
const MAX_FAILURES = 10;
/** First wait before dialling again, doubled with every failure up to the longest. */
const RETRY_FIRST_MS = 1_000;
const RETRY_LONGEST_MS = 30_000;
const RETRY_LONGEST_LEARNT_MS = 10 * 60_000;

interface Address {
  readonly url: string;
  /** Given by the operator: never forgotten. */
  readonly configured: boolean;
  lastSuccessMs: number;
  failures: number;
  nextTryMonotonicMs: number;
}

/** Where other nodes may be found, and when to try them. */
export class AddressBook {
  readonly #turn: Turn;
  readonly #book = new Map<string, Address>();
  /** URLs that turned out to be this very node. */
  readonly #self = new Set<string>();
  /** URLs that the operator, here or there, disconnected: left alone until asked for by name. */
  readonly #held = new Set<string>();

  constructor(turn: Turn, listenUrl: string | null, configured: readonly string[]) {
    this.#turn = turn;
    if (listenUrl) this.#self.add(listenUrl);
    for (const url of configured) this.#put(url, { configured: true, lastSuccessMs: 0, failures: 0 });
  }

  restore(addresses: Iterable<StoredAddress>): void {
    for (const { url, lastSuccessMs, failures } of addresses) {
      if (!this.#book.has(url)) this.#put(url, { configured: false, lastSuccessMs, failures });
    }
  }

  /** Heard of an address: to be tried soon. A known one keeps its record. */
  learn(url: string): void {
    if (this.#self.has(url) || this.#book.has(url)) return;
    this.#put(url, { configured: false, lastSuccessMs: 0, failures: 0 });
    while (this.#book.size > MAX_ADDRESSES) this.#forget(this.#worst());
  }

  /** Discovery saw the node running just now: try at once, whatever failed before. */
  learnRunning(url: string): void {
    this.learn(url);
    const address = this.#book.get(url);
    if (!address) return;
    address.failures = 0;
    address.nextTryMonotonicMs = this.#turn.now.monotonicMs;
  }

  hold(url: string): void {
    this.#held.add(url);
  }

  release(url: string): void {
    this.#held.delete(url);
  }

  isSelf(url: string): boolean {
    return this.#self.has(url);
  }

  markSelf(url: string): void {
    this.#self.add(url);
    const address = this.#book.get(url);
    if (address) this.#forget(address);
  }

  succeeded(url: string): void {
    this.learn(url);
    const address = this.#book.get(url);
    if (!address) return;
    address.failures = 0;
    address.lastSuccessMs = this.#turn.now.wallMs;
    this.#persist({ kind: 'address-put', address: { url, lastSuccessMs: address.lastSuccessMs, failures: 0 } });
  }

  failed(url: string): void {
    const address = this.#book.get(url);
    if (!address) return;
    address.failures++;
    const longest = address.configured ? RETRY_LONGEST_MS : RETRY_LONGEST_LEARNT_MS;
    const wait = Math.min(RETRY_FIRST_MS * 2 ** (address.failures - 1), longest);
    address.nextTryMonotonicMs = this.#turn.now.monotonicMs + wait / 2 + randomBelow(this.#turn.random, wait / 2 + 1);
    if (!address.configured && address.lastSuccessMs === 0 && address.failures >= MAX_FAILURES) this.#forget(address);
  }

  /** The addresses to try, those of the operator first, then those that worked last; and when to ask again. */
  due(exclude: (url: string) => boolean): { urls: string[]; nextMonotonicMs: number | null } {
    const now = this.#turn.now.monotonicMs;
    const candidates = [...this.#book.values()].filter(
      (address) => !this.#held.has(address.url) && !exclude(address.url),
    );
    const later = candidates.filter((address) => address.nextTryMonotonicMs > now);
    const urls = candidates
      .filter((address) => address.nextTryMonotonicMs <= now)
      .sort((a, b) => Number(b.configured) - Number(a.configured) || b.lastSuccessMs - a.lastSuccessMs)
      .map((address) => address.url);
    const next = later.reduce(
      (least, address) => Math.min(least, address.nextTryMonotonicMs),
      Number.POSITIVE_INFINITY,
    );
    return { urls, nextMonotonicMs: Number.isFinite(next) ? next : null };
  }

  isConfigured(url: string): boolean {
    return this.#book.get(url)?.configured ?? false;
  }

  /** What a peer may be told: addresses that worked; of this machine only to a peer on this machine. */
  known(peer: Peer, limit: number): string[] {
    return [...this.#book.values()]
      .filter((address) => address.lastSuccessMs > 0 && (peer.loopback || !isLoopbackUrl(address.url)))
      .sort((a, b) => b.lastSuccessMs - a.lastSuccessMs)
      .slice(0, limit)
      .map((address) => address.url);
  }

  #put(url: string, fields: Pick<Address, 'configured' | 'lastSuccessMs' | 'failures'>): void {
    this.#book.set(url, { url, nextTryMonotonicMs: 0, ...fields });
  }

  #forget(address: Address): void {
    this.#book.delete(address.url);
    if (address.lastSuccessMs > 0) this.#persist({ kind: 'address-delete', url: address.url });
  }

  #worst(): Address {
    const [worst] = [...this.#book.values()].sort(
      (a, b) =>
        Number(a.configured) - Number(b.configured) || b.failures - a.failures || a.lastSuccessMs - b.lastSuccessMs,
    );
    return worst as Address;
  }

  #persist(write: StoreWrite): void {
    this.#turn.emit({ type: 'persist', writes: [write] });
  }
}

/** Whether a URL names this machine, and so means nothing to another. */
export function isLoopbackUrl(url: string): boolean {
  const host = url.slice(url.indexOf('://') + 3);
  return host.startsWith('127.') || host.startsWith('localhost:') || host.startsWith('[::1]:');
}
