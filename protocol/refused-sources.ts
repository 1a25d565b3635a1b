import { BoundedMap } from './bounded-map.ts';
import type { BoundedResource } from './bounded-resource.ts';
import type { EventContext } from './event-context.ts';
import type { Peer } from './peer.ts';
import { discouragementKey } from './peers.ts';

/** Sources from one host that may fail to compile in a time; then deploys that come from it are ignored until the time is over. */
const MAX_REFUSED_SOURCES = 16;
const REFUSED_SOURCES_MS = 60_000;
/** Hosts that are counted; the one that was counted for the longest time is forgotten first. */
const MAX_HOSTS = 1_000;

interface Count {
  readonly count: number;
  readonly sinceMonotonicMs: number;
}

/**
 * Counts the contracts that do not compile, by the host that they come from: a sender pays nothing for them. No peer that keeps to
 * the rules of the mempool relays one, and who connects again is counted on.
 */
export class RefusedSources {
  readonly #context: EventContext;
  readonly #counts = new BoundedMap<string, Count>(MAX_HOSTS);

  constructor(context: EventContext) {
    this.#context = context;
  }

  resources(): BoundedResource[] {
    return [{ what: 'hosts of sources that do not compile', count: this.#counts.size, limit: MAX_HOSTS }];
  }

  /** Whether deploys of a peer are ignored now. */
  areTooMany(peer: Peer): boolean {
    return this.#countOf(peer).count >= MAX_REFUSED_SOURCES;
  }

  count(peer: Peer): void {
    const { count, sinceMonotonicMs } = this.#countOf(peer);
    this.#counts.set(keyOf(peer), { count: count + 1, sinceMonotonicMs });
  }

  #countOf(peer: Peer): Count {
    const { monotonicMs } = this.#context.now;
    const known = this.#counts.get(keyOf(peer));
    const isOver = known === undefined || monotonicMs - known.sinceMonotonicMs >= REFUSED_SOURCES_MS;
    return isOver ? { count: 0, sinceMonotonicMs: monotonicMs } : known;
  }
}

function keyOf(peer: Peer): string {
  return discouragementKey(peer) ?? peer.id;
}
