import { BoundedMap } from './bounded-map.ts';
import type { BoundedResource } from './bounded-resource.ts';
import type { PeerId } from './events.ts';

/** Remembered partings by this node's operator, and as many by others; the oldest are forgotten first. */
const MAX_PARTINGS = 1_000;
/** URLs of one node that are held back. */
const MAX_URLS = 16;
/** How long the word of a caller counts whose URL this node has never dialled. */
const HEARSAY_MS = 10 * 60_000;

/** Whose operator has disconnected the two nodes. */
export type PartedBy = 'us' | 'them';

/** A node that an operator, here or there, has disconnected from this one. */
interface Parting {
  readonly by: PartedBy;
  /** URLs at which this node has dialled it, which are held back. */
  readonly urls: Set<string>;
  /** Connections to it that are being closed. */
  readonly closing: Set<PeerId>;
  /** When the last of these was closed (monotonic milliseconds). */
  closedMs: number;
  /** Until when it counts (monotonic milliseconds). */
  readonly untilMs: number;
}

/**
 * Nodes that an operator has disconnected, by the nonce of their process, until an operator connects them again.
 *
 * Two nodes may have dialled each other, and know each other under several URLs, so a parting is between processes. A
 * connection that was already on its way must be told apart from one that an operator wants now: the other node opens none
 * by itself once it knows of the parting, and it knows when it has closed the old connections. So one that was opened later
 * is deliberate.
 *
 * The partings of this node's operator are kept apart, so that no number of callers can push them out. The word of a caller
 * affects only its own process: a URL counts only where this node has dialled it, and the word of a caller that was never
 * dialled counts for ten minutes, since nonces can be stolen.
 */
export class Partings {
  readonly #parted: Readonly<Record<PartedBy, BoundedMap<bigint, Parting>>> = {
    us: new BoundedMap(MAX_PARTINGS),
    them: new BoundedMap(MAX_PARTINGS),
  };

  resources(): BoundedResource[] {
    return [
      { what: 'nodes that this operator has disconnected', count: this.#parted.us.size, limit: MAX_PARTINGS },
      { what: 'nodes whose operators have disconnected this one', count: this.#parted.them.size, limit: MAX_PARTINGS },
    ];
  }

  get isEmpty(): boolean {
    return this.#parted.us.size === 0 && this.#parted.them.size === 0;
  }

  /** Whose operator has parted this process from ours; null where none has, or no longer. */
  partedBy(nonce: bigint, nowMs: number): PartedBy | null {
    return this.#find(nonce, nowMs)?.by ?? null;
  }

  /**
   * Records that an operator has parted this node from that one, whose connection `peer` is being closed.
   * @param urls at which this node has dialled it
   */
  part(nonce: bigint, by: PartedBy, urls: readonly string[], peer: PeerId, nowMs: number): void {
    const known = this.#find(nonce, nowMs);
    const untilMs = by === 'us' || urls.length > 0 ? Number.POSITIVE_INFINITY : nowMs + HEARSAY_MS;
    const parting =
      known && known.untilMs >= untilMs && (known.by === 'us' || by === 'them')
        ? known
        : { by, urls: known?.urls ?? new Set(), closing: known?.closing ?? new Set(), closedMs: nowMs, untilMs };
    parting.closing.add(peer);
    this.#parted[parting.by].set(nonce, parting);
    for (const url of urls) this.noteUrl(nonce, url);
  }

  /** The parted process was found to answer at this URL. */
  noteUrl(nonce: bigint, url: string): void {
    const urls = (this.#parted.us.get(nonce) ?? this.#parted.them.get(nonce))?.urls;
    if (urls && urls.size < MAX_URLS) urls.add(url);
  }

  /** A connection has been closed. */
  onClosed(peer: PeerId, nowMs: number): void {
    for (const parting of [...this.#parted.us.values(), ...this.#parted.them.values()])
      if (parting.closing.delete(peer)) parting.closedMs = nowMs;
  }

  /** Whether a connection from a parted process was on its way when the parting came to be known there. */
  wasUnderWay(nonce: bigint, connectedMs: number, nowMs: number): boolean {
    const parting = this.#find(nonce, nowMs);
    return parting !== undefined && (parting.closing.size > 0 || connectedMs < parting.closedMs);
  }

  /** Until when a URL at which that process answers is held back (monotonic milliseconds). */
  untilMs(nonce: bigint, nowMs: number): number {
    return this.#find(nonce, nowMs)?.untilMs ?? nowMs;
  }

  /** Forgets a parting: an operator connects the two again. @returns the URLs that were held back */
  end(nonce: bigint): string[] {
    const urls = [this.#parted.us.get(nonce), this.#parted.them.get(nonce)].flatMap((each) => [...(each?.urls ?? [])]);
    this.#parted.us.delete(nonce);
    this.#parted.them.delete(nonce);
    return urls;
  }

  #find(nonce: bigint, nowMs: number): Parting | undefined {
    const parting = this.#parted.us.get(nonce) ?? this.#parted.them.get(nonce);
    return parting && parting.untilMs > nowMs ? parting : undefined;
  }
}
