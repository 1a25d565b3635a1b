import { CLEAR, isClear, type LinkConditions } from '../../protocol/link-conditions.ts';
import type { PeerView } from '../../protocol/node-view.ts';
import type { RandomSource } from '../../protocol/time.ts';
import { seededRandom } from '../process/seeded-random.ts';

/** Links of one node that may have conditions. A further one is refused. */
export const MAX_CONDITIONED_LINKS = 1_000;

/** The way from this node to another one that has conditions. */
export interface ConditionedLink {
  /** Where the other node listens. */
  readonly url: string;
  readonly conditions: LinkConditions;
  /** What is drawn on this link and on no other, so that the traffic of others changes nothing here. */
  readonly random: RandomSource;
}

export interface WeatherChange {
  readonly url: string;
  /** What holds now. */
  readonly conditions: LinkConditions;
  /** The link was cut, and is no longer. */
  readonly isReopened: boolean;
}

/**
 * The URLs by which conditions are found that were set for the node at the other end of a connection: where it says that it
 * listens, and where it was dialled. The `host:port` of a caller is none of them.
 */
export function urlsOf({ url, remote, direction }: Pick<PeerView, 'url' | 'remote' | 'direction'>): readonly string[] {
  const urls = new Set<string>();
  if (url !== null) urls.add(url);
  if (direction === 'outbound') urls.add(remote);
  return [...urls];
}

/**
 * The conditions of the ways from this node to others. They belong to the node that listens at a URL, not to a connection,
 * so that reconnecting does not shed them, nor a restart of the other node. They end with this node's process.
 */
export class Weather {
  readonly #seed: string;
  readonly #onChange: (change: WeatherChange) => void;
  readonly #links = new Map<string, ConditionedLink>();

  /** @param seed decides all that is drawn, for each link */
  constructor(seed: string, onChange: (change: WeatherChange) => void) {
    this.#seed = seed;
    this.#onChange = onChange;
  }

  /** Whether any link has conditions. */
  get isOn(): boolean {
    return this.#links.size > 0;
  }

  /** In the order in which they were set. */
  get links(): readonly ConditionedLink[] {
    return [...this.#links.values()];
  }

  /** The link to the node that listens at one of these URLs, the first one first; null where none has conditions. */
  linkTo(urls: readonly string[]): ConditionedLink | null {
    for (const url of urls) {
      const link = this.#links.get(url);
      if (link) return link;
    }
    return null;
  }

  /**
   * Sets the conditions of the way to the node at `url`, in place of earlier ones. Conditions that change nothing end them.
   * @returns false where too many links have conditions, and nothing was changed
   */
  set(url: string, conditions: LinkConditions): boolean {
    const before = this.#links.get(url);
    if (isClear(conditions)) {
      this.clear(url);
      return true;
    }
    if (!before && this.#links.size >= MAX_CONDITIONED_LINKS) return false;
    this.#links.set(url, { url, conditions, random: seededRandom(`${this.#seed} ${url}`) });
    this.#onChange({ url, conditions, isReopened: before?.conditions.cut === true && !conditions.cut });
    return true;
  }

  /** Ends the conditions of the way to the node at `url`. @returns whether there were any */
  clear(url: string): boolean {
    const before = this.#links.get(url);
    if (!before) return false;
    this.#links.delete(url);
    this.#onChange({ url, conditions: CLEAR, isReopened: before.conditions.cut });
    return true;
  }
}
