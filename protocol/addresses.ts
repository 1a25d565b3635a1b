import { assertInvariant } from '../consensus/errors.ts';
import { BoundedMap } from './bounded-map.ts';
import type { BoundedResource } from './bounded-resource.ts';
import type { EventContext } from './event-context.ts';
import type { PartedBy } from './partings.ts';
import type { Peer } from './peer.ts';
import type { StoredAddress, StoreWrite } from './store-writes.ts';
import { randomBelow } from './time.ts';

/** Addresses that are remembered, besides the operator's. Above it, the source with the most addresses loses one; see `#worst`. */
const MAX_ADDRESSES = 1_000;
/** An address that never worked is forgotten after this many failures. */
const MAX_FAILURES = 10;
/** Wait before the second attempt, doubled with every failure up to the maximum. */
const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 30_000;
const MAX_LEARNT_RETRY_MS = 10 * 60_000;
/** Addresses that are not dialled after an operator's disconnect; the oldest are forgotten first. */
const MAX_HELD = 1_000;
/** URLs that turned out to be this node; one that is forgotten is dialled once more. */
const MAX_SELF = 1_000;

interface Address {
  readonly url: string;
  /** Given by the operator: never forgotten. */
  readonly configured: boolean;
  /** The first source that named it. */
  readonly source: string;
  lastSuccessMs: number;
  failures: number;
  nextTryMonotonicMs: number;
}

/** Sources other than peers. A peer as a source is its host, or the URL that was dialled; see `sourceOf`. */
const SOURCES = { operator: 'operator', discovery: 'discovery', earlierRun: 'earlier run' } as const;

/**
 * Where other nodes may be found, and when to try them.
 *
 * One source can name thousands of addresses. So each address remembers the first source that named it, and no source
 * can displace another: when the book is full, the source with the most addresses loses its worst one. Filling the book
 * takes many sources, not many addresses.
 */
export class AddressBook {
  readonly #context: EventContext;
  #capacity = MAX_ADDRESSES;
  /** How many addresses, other than the operator's, are of each source. */
  readonly #counts = new Map<string, number>();
  readonly #book = new Map<string, Address>();
  readonly #listenUrl: string | null;
  readonly #keeps: (url: string) => boolean;
  /** Further URLs that turned out to be this very node. */
  readonly #self: BoundedMap<string, true> = new BoundedMap(MAX_SELF);
  /**
   * URLs that this operator, or the other node's, has disconnected, and until when (monotonic milliseconds) they are not
   * dialled. Two lists, so that others cannot push out what this operator wants.
   */
  readonly #held: Readonly<Record<PartedBy, BoundedMap<string, number>>> = {
    us: new BoundedMap(MAX_HELD),
    them: new BoundedMap(MAX_HELD),
  };

  /** @param keeps whether an address is stored for later runs, and taken from what earlier ones stored */
  constructor(
    context: EventContext,
    listenUrl: string | null,
    configured: readonly string[],
    keeps: (url: string) => boolean = (url) => !isLoopbackUrl(url),
  ) {
    this.#context = context;
    this.#keeps = keeps;
    this.#listenUrl = listenUrl;
    for (const url of configured) this.configure(url);
  }

  /** The operator wants a connection to this node: it is never forgotten. */
  configure(url: string): void {
    const urlsToShare = this.#book.get(url);
    if (urlsToShare?.configured) return;
    if (urlsToShare) this.#forget(urlsToShare);
    this.#capacity++;
    this.#put(url, { configured: true, source: SOURCES.operator, lastSuccessMs: 0, failures: 0 });
  }

  /** Loads stored addresses, except those that would not be stored today; see `recordSuccess`. */
  restore(addresses: Iterable<StoredAddress>): void {
    for (const { url, lastSuccessMs, failures } of addresses) {
      if (this.#book.has(url) || !this.#keeps(url)) continue;
      this.#put(url, { configured: false, source: SOURCES.earlierRun, lastSuccessMs, failures });
    }
    this.#makeRoom();
  }

  /**
   * Adds an address, to be tried soon. A known one keeps its record.
   * @param source who named it; see `sourceOf`
   */
  learn(url: string, source: string): void {
    if (this.isSelf(url) || this.#book.has(url)) return;
    this.#put(url, { configured: false, source, lastSuccessMs: 0, failures: 0 });
    this.#makeRoom();
  }

  /** Discovery saw the node running just now: it is tried at once, whatever failed before. */
  learnRunning(url: string): void {
    this.learn(url, SOURCES.discovery);
    this.retryNow(url);
  }

  /** An address that is known is tried at once, whatever failed before. */
  retryNow(url: string): void {
    const address = this.#book.get(url);
    if (!address) return;
    address.failures = 0;
    address.nextTryMonotonicMs = this.#context.now.monotonicMs;
  }

  /** It is not dialled again until it is named again. Addresses of the operator stay. */
  forget(url: string): void {
    const address = this.#book.get(url);
    if (address && !address.configured) this.#forget(address);
  }

  /** @param untilMs until when it is not dialled, in monotonic milliseconds; may be infinite */
  hold(url: string, by: PartedBy, untilMs: number): void {
    this.#held[by].set(url, untilMs);
  }

  isHeld(url: string): boolean {
    const now = this.#context.now.monotonicMs;
    return (this.#held.us.get(url) ?? 0) > now || (this.#held.them.get(url) ?? 0) > now;
  }

  release(url: string): void {
    this.#held.us.delete(url);
    this.#held.them.delete(url);
  }

  isSelf(url: string): boolean {
    return url === this.#listenUrl || this.#self.has(url);
  }

  markSelf(url: string): void {
    this.#self.set(url, true);
    const address = this.#book.get(url);
    if (address) this.#forget(address);
  }

  /**
   * A node answers there. The address is stored, unless it is on this machine: there it is no more than a port, which a
   * node of another network may have at the next start, and discovery tells which one does. Which addresses are of this
   * machine is known to the host (`keeps`), since a machine may have many names.
   */
  recordSuccess(url: string): void {
    this.learn(url, SOURCES.discovery);
    const address = this.#book.get(url);
    if (!address) return;
    address.lastSuccessMs = this.#context.now.wallMs;
    if (!this.#keeps(url)) return;
    this.#persist({ kind: 'address-put', address: { url, lastSuccessMs: address.lastSuccessMs, failures: 0 } });
  }

  /** A connection that lasted has ended: it is tried again soon. */
  recordLastingConnection(url: string): void {
    const address = this.#book.get(url);
    if (address) address.failures = 0;
    this.#retryAfter(url, FIRST_RETRY_MS);
  }

  /** The node there refuses connections for now. */
  postpone(url: string): void {
    const address = this.#book.get(url);
    if (address) this.#retryAfter(url, maxRetryMs(address));
  }

  /** How often an address failed since a connection to it lasted. */
  failuresOf(url: string): number {
    return this.#book.get(url)?.failures ?? 0;
  }

  recordFailure(url: string): void {
    const address = this.#book.get(url);
    if (!address) return;
    address.failures++;
    this.#retryAfter(url, Math.min(FIRST_RETRY_MS * 2 ** (address.failures - 1), maxRetryMs(address)));
    if (!address.configured && address.lastSuccessMs === 0 && address.failures >= MAX_FAILURES) this.#forget(address);
  }

  /**
   * The addresses to try, and when to ask again. Those of the operator come first. Of the others:
   *
   * - `proven`: most recent success first. What has worked is likely to work again.
   * - `random`: a random source, then a random address of it. For when all nodes that answer may collude to withhold
   *   something. An attacker who fills the book can bend any order by merit or by age: success, by answering; never
   *   having been tried, by naming fresh addresses. With `n` sources, an honest address among the `m` of its source is
   *   chosen next with probability 1/(n·m), whatever the others do.
   */
  due(
    exclude: (url: string) => boolean,
    order: 'proven' | 'random',
  ): { urls: string[]; nextMonotonicMs: number | null } {
    const now = this.#context.now.monotonicMs;
    const candidates = [...this.#book.values()].filter(({ url }) => !this.isHeld(url) && !exclude(url));
    const later = candidates.filter((address) => address.nextTryMonotonicMs > now);
    const due = candidates
      .filter((address) => address.nextTryMonotonicMs <= now)
      .sort((a, b) => b.lastSuccessMs - a.lastSuccessMs);
    const others = due.filter((address) => !address.configured);
    const ordered = order === 'random' ? this.#byChance(others) : others;
    const urls = [...due.filter((address) => address.configured), ...ordered].map((address) => address.url);
    const next = later.reduce(
      (least, address) => Math.min(least, address.nextTryMonotonicMs),
      Number.POSITIVE_INFINITY,
    );
    return { urls, nextMonotonicMs: Number.isFinite(next) ? next : null };
  }

  isConfigured(url: string): boolean {
    return this.#book.get(url)?.configured ?? false;
  }

  resources(): BoundedResource[] {
    return [
      { what: 'addresses', count: this.#book.size, limit: this.#capacity },
      { what: 'addresses that this operator leaves alone', count: this.#held.us.size, limit: MAX_HELD },
      { what: 'addresses that others want left alone', count: this.#held.them.size, limit: MAX_HELD },
      { what: 'addresses of its own', count: this.#self.size, limit: MAX_SELF },
    ];
  }

  /** URLs that a peer may be told: those that worked; of this machine only to a peer on this machine. */
  known(peer: Peer, limit: number): string[] {
    return [...this.#book.values()]
      .filter((address) => address.lastSuccessMs > 0 && (peer.loopback || !isLoopbackUrl(address.url)))
      .sort((a, b) => b.lastSuccessMs - a.lastSuccessMs)
      .slice(0, limit)
      .map((address) => address.url);
  }

  #put(url: string, fields: Pick<Address, 'configured' | 'source' | 'lastSuccessMs' | 'failures'>): void {
    const address = { url, nextTryMonotonicMs: 0, ...fields };
    this.#book.set(url, address);
    this.#adjustCount(address, 1);
  }

  #forget(address: Address): void {
    this.#book.delete(address.url);
    this.#adjustCount(address, -1);
    if (address.lastSuccessMs > 0 && this.#keeps(address.url))
      this.#persist({ kind: 'address-delete', url: address.url });
  }

  /** Sets the next attempt between half of `waitMs` and all of it from now, at random, and never before one set earlier. */
  #retryAfter(url: string, waitMs: number): void {
    const address = this.#book.get(url);
    if (!address) return;
    const wait = waitMs / 2 + randomBelow(this.#context.random, waitMs / 2 + 1);
    address.nextTryMonotonicMs = Math.max(address.nextTryMonotonicMs, this.#context.now.monotonicMs + wait);
  }

  /** Draws a random source and then one of its addresses, until none is left. */
  #byChance(addresses: readonly Address[]): Address[] {
    const sources = bySource(addresses);
    const ordered: Address[] = [];
    while (sources.length > 0) {
      const at = randomBelow(this.#context.random, sources.length);
      const source = sources[at] ?? [];
      ordered.push(...source.splice(randomBelow(this.#context.random, source.length), 1));
      if (source.length === 0) sources.splice(at, 1);
    }
    return ordered;
  }

  #makeRoom(): void {
    while (this.#book.size > this.#capacity) this.#forget(this.#worst());
  }

  /** The worst address of the source that has the most. */
  #worst(): Address {
    let [largest, most] = ['', 0];
    for (const [source, count] of this.#counts) if (count > most) [largest, most] = [source, count];
    let worst: Address | null = null;
    for (const address of this.#book.values()) {
      if (address.configured || address.source !== largest) continue;
      if (worst === null || isWorse(address, worst)) worst = address;
    }
    assertInvariant(worst !== null, 'a source that is counted has an address');
    return worst;
  }

  #adjustCount({ configured, source }: Address, difference: number): void {
    if (configured) return;
    const count = (this.#counts.get(source) ?? 0) + difference;
    if (count > 0) this.#counts.set(source, count);
    else this.#counts.delete(source);
  }

  #persist(write: StoreWrite): void {
    this.#context.emit({ type: 'persist', writes: [write] });
  }
}

function maxRetryMs(address: Address): number {
  return address.configured ? MAX_RETRY_MS : MAX_LEARNT_RETRY_MS;
}

/** The source that a peer is: its host; on loopback, where all share one, the URL that was dialled. Callers there are one source. */
export function sourceOf(peer: Peer): string {
  return peer.loopback && peer.direction === 'outbound' ? peer.address : peer.host;
}

function bySource(addresses: readonly Address[]): Address[][] {
  const sources = new Map<string, Address[]>();
  for (const address of addresses) {
    const source = sources.get(address.source);
    if (source) source.push(address);
    else sources.set(address.source, [address]);
  }
  return [...sources.values()];
}

/** Whether `a` is forgotten before `b`: never one that worked before one that did not. */
function isWorse(a: Address, b: Address): boolean {
  if (a.lastSuccessMs > 0 !== b.lastSuccessMs > 0) return b.lastSuccessMs > 0;
  return a.failures > b.failures || (a.failures === b.failures && a.lastSuccessMs < b.lastSuccessMs);
}

/** An IPv4 address in dotted decimal. */
const DOTTED_QUAD = /^(0|[1-9][0-9]{0,2})(\.(0|[1-9][0-9]{0,2})){3}$/;
/** A host whose last label is a number is parsed as an IPv4 address, in whatever notation (WHATWG URL, host parsing). */
const ENDS_IN_NUMBER = /(^|\.)([0-9]+|0x[0-9a-f]*)$/;

/**
 * Whether a URL in its wire form names this machine, and so means nothing to another. Notations that disguise an
 * address (`0x7f.1`, `2130706433`, `[::ffff:7f00:1]`) count as this machine: no honest node announces them.
 */
export function isLoopbackUrl(url: string): boolean {
  const host = url.slice(url.indexOf('://') + 3, url.lastIndexOf(':')).replace(/\.$/, '');
  if (host.startsWith('[')) return isLoopbackIpv6(host.slice(1, -1));
  if (DOTTED_QUAD.test(host)) return host.startsWith('127.') || host.startsWith('0.');
  return host === 'localhost' || host.endsWith('.localhost') || ENDS_IN_NUMBER.test(host);
}

/** `::` and `::1` in any notation, and IPv4 addresses mapped into IPv6. */
function isLoopbackIpv6(address: string): boolean {
  if (address.includes('.') || /^[0:]*ffff:/.test(address)) return true;
  return /^[0:]*1?$/.test(address);
}
