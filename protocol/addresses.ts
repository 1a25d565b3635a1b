import { assertInvariant } from '../consensus/errors.ts';
import { BoundedMap } from './bounded-map.ts';
import type { BoundedResource } from './bounded-resource.ts';
import type { EventContext } from './event-context.ts';
import type { PartedBy } from './partings.ts';
import type { Peer } from './peer.ts';
import type { StoredAddress, StoreWrite } from './store-writes.ts';
import { randomBelow } from './time.ts';

/** Addresses that are remembered, besides the operator's. Beyond, whoever told of the most loses one; see `#worst`. */
const MAX_ADDRESSES = 1_000;
/** An address that never worked is forgotten after so many failures. */
const MAX_FAILURES = 10;
/** First wait before dialling again, doubled with every failure up to the longest. */
const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 30_000;
const MAX_LEARNT_RETRY_MS = 10 * 60_000;
/** Addresses that are left alone after an operator's disconnect; the oldest are forgotten first. */
const MAX_HELD = 1_000;
/** URLs at which this node found itself; one that is forgotten is dialled once more. */
const MAX_SELF = 1_000;

interface Address {
  readonly url: string;
  /** Given by the operator: never forgotten. */
  readonly configured: boolean;
  /** Who told of it first. */
  readonly source: string;
  lastSuccessMs: number;
  failures: number;
  nextTryMonotonicMs: number;
}

/** Sources of addresses that are no peers; a peer's is its host, or the URL that was dialled. */
const SOURCES = { operator: 'operator', discovery: 'discovery', earlierRun: 'earlier run' } as const;

/**
 * Where other nodes may be found, and when to try them.
 *
 * Whoever tells of addresses can tell of thousands. So each remembers who told of it first, and no source can take the
 * room of another: where the book is full, the source with the most addresses loses its worst. To fill the book one needs
 * many sources, not many addresses.
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
   * URLs that this operator, and others' operators, have disconnected, and until when (monotonic milliseconds) they are left
   * alone. Two lists, so that others cannot have forgotten what this operator wants.
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

  /** Takes up what was stored, as far as it would be stored now; see `recordSuccess`. */
  restore(addresses: Iterable<StoredAddress>): void {
    for (const { url, lastSuccessMs, failures } of addresses) {
      if (this.#book.has(url) || !this.#keeps(url)) continue;
      this.#put(url, { configured: false, source: SOURCES.earlierRun, lastSuccessMs, failures });
    }
    this.#makeRoom();
  }

  /**
   * Heard of an address: to be tried soon. A known one keeps its record.
   * @param source who told of it: see `sourceOf`
   */
  learn(url: string, source: string): void {
    if (this.isSelf(url) || this.#book.has(url)) return;
    this.#put(url, { configured: false, source, lastSuccessMs: 0, failures: 0 });
    this.#makeRoom();
  }

  /** Discovery saw the node running just now: try at once, whatever failed before. */
  learnRunning(url: string): void {
    this.learn(url, SOURCES.discovery);
    const address = this.#book.get(url);
    if (!address) return;
    address.failures = 0;
    address.nextTryMonotonicMs = this.#context.now.monotonicMs;
  }

  /** It is not dialled again before somebody tells of it. The operator's stay. */
  forget(url: string): void {
    const address = this.#book.get(url);
    if (address && !address.configured) this.#forget(address);
  }

  /** @param untilMs until when it is left alone, in monotonic milliseconds; may be infinite */
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
   * A node answers there. It is stored, unless it is on this machine: there an address is no more than a port, which another
   * network of the same rules may have by the next start, and discovery says who has it. What is of this machine the host
   * knows, which may have many names.
   */
  recordSuccess(url: string): void {
    this.learn(url, SOURCES.discovery);
    const address = this.#book.get(url);
    if (!address) return;
    address.lastSuccessMs = this.#context.now.wallMs;
    if (!this.#keeps(url)) return;
    this.#persist({ kind: 'address-put', address: { url, lastSuccessMs: address.lastSuccessMs, failures: 0 } });
  }

  /** A connection that was of use has ended: tried again soon. */
  recordLastingConnection(url: string): void {
    const address = this.#book.get(url);
    if (address) address.failures = 0;
    this.#retryAfter(url, FIRST_RETRY_MS);
  }

  /** The node there does not want us for now. */
  postpone(url: string): void {
    const address = this.#book.get(url);
    if (address) this.#retryAfter(url, maxRetryMs(address));
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
   * - `proven`: those that worked last. What has been of use is likely to be so again.
   * - `random`: by chance, first among the sources and then among the addresses of one. For when those that work may all
   *   be of one mind to keep something back. Any order by merit or by age can be had by somebody who fills the book:
   *   success, by answering; never having been tried, by telling of fresh addresses. With `n` sources, one honest address
   *   among `m` of its source is at each choice the next with a chance of 1/(n·m), whatever the others do.
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

  /** What a peer may be told: addresses that worked; of this machine only to a peer on this machine. */
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

  /** Not before `waitMs` or so, and not before what was said earlier. */
  #retryAfter(url: string, waitMs: number): void {
    const address = this.#book.get(url);
    if (!address) return;
    const wait = waitMs / 2 + randomBelow(this.#context.random, waitMs / 2 + 1);
    address.nextTryMonotonicMs = Math.max(address.nextTryMonotonicMs, this.#context.now.monotonicMs + wait);
  }

  /** Again and again a source by chance, and one of its addresses by chance. */
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

/** Who told of an address: on loopback, where all share one host, the URL that we dialled; callers there are one source. */
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

/** An IPv4 address as everybody writes it. */
const DOTTED_QUAD = /^(0|[1-9][0-9]{0,2})(\.(0|[1-9][0-9]{0,2})){3}$/;
/** A host whose last label is a number is an IPv4 address to whoever resolves it, however it is written. */
const ENDS_IN_NUMBER = /(^|\.)([0-9]+|0x[0-9a-f]*)$/;

/**
 * Whether a URL in its wire form names this machine, and so means nothing to another. Spellings of addresses that hide
 * which one it is (`0x7f.1`, `2130706433`, `[::ffff:7f00:1]`) count as this machine: nobody who means well uses them.
 */
export function isLoopbackUrl(url: string): boolean {
  const host = url.slice(url.indexOf('://') + 3, url.lastIndexOf(':')).replace(/\.$/, '');
  if (host.startsWith('[')) return isLoopbackIpv6(host.slice(1, -1));
  if (DOTTED_QUAD.test(host)) return host.startsWith('127.') || host.startsWith('0.');
  return host === 'localhost' || host.endsWith('.localhost') || ENDS_IN_NUMBER.test(host);
}

/** `::` and `::1` in any spelling, and IPv4 addresses in the clothes of IPv6. */
function isLoopbackIpv6(address: string): boolean {
  if (address.includes('.') || /^[0:]*ffff:/.test(address)) return true;
  return /^[0:]*1?$/.test(address);
}
