import { BoundedMap } from './bounded-map.ts';
import type { PeerId } from './events.ts';
import type { Holding } from './holding.ts';

/** Processes that are remembered to be parted from this node; the oldest are forgotten first, and may connect again. */
const MAX_PARTINGS = 1_000;

/** A node that an operator, here or there, has disconnected from this one. */
interface Parting {
  /** Where it is known to listen: left alone by this node. */
  readonly urls: Set<string>;
  /** Connections to it that are being closed. */
  readonly closing: Set<PeerId>;
  /** When the last of these was closed (monotonic milliseconds). */
  closedMs: number;
}

/**
 * Nodes that an operator has disconnected, by the nonce of their process, until somebody connects them again.
 *
 * Two nodes may have dialled each other, and know each other under several URLs, so a parting is one of processes. What tells
 * a connection that was on its way from one that an operator wants now: the other node says nothing more once it knows of
 * the parting, and it knows when it has closed the connections that there were. One that was opened later is deliberate.
 */
export class Partings {
  readonly #byNonce: BoundedMap<bigint, Parting> = new BoundedMap(MAX_PARTINGS);

  holdings(): Holding[] {
    return [{ what: 'nodes that an operator has disconnected', count: this.#byNonce.size, limit: MAX_PARTINGS }];
  }

  get isEmpty(): boolean {
    return this.#byNonce.size === 0;
  }

  has(nonce: bigint): boolean {
    return this.#byNonce.has(nonce);
  }

  /** An operator has parted this node from that one, which listens at `urls`; the connection `peer` to it is being closed. */
  part(nonce: bigint, urls: Iterable<string>, peer: PeerId, nowMs: number): void {
    const parting = this.#byNonce.get(nonce) ?? { urls: new Set(), closing: new Set(), closedMs: nowMs };
    for (const url of urls) parting.urls.add(url);
    parting.closing.add(peer);
    this.#byNonce.set(nonce, parting);
  }

  /** A connection has been closed. */
  onClosed(peer: PeerId, nowMs: number): void {
    for (const parting of this.#byNonce.values()) if (parting.closing.delete(peer)) parting.closedMs = nowMs;
  }

  /** Whether a connection from a parted process was on its way when the parting came to be known there. */
  wasUnderWay(nonce: bigint, connectedMs: number): boolean {
    const parting = this.#byNonce.get(nonce);
    return parting !== undefined && (parting.closing.size > 0 || connectedMs < parting.closedMs);
  }

  /** Somebody connects the two again. Gives the URLs that were left alone. */
  end(nonce: bigint): string[] {
    const urls = [...(this.#byNonce.get(nonce)?.urls ?? [])];
    this.#byNonce.delete(nonce);
    return urls;
  }
}
