import type { LinkConditions } from '../../client/link-conditions.ts';
import { isRough } from '../model/link-weather.ts';
import { allOf, clearConditions, mayOrder, setConditions, UNCHANGED } from './link-orders.ts';
import type { Network } from './network.svelte.ts';
import type { NodeState } from './node.svelte.ts';

/** The way from a node to another, with conditions that somebody has set, here or elsewhere. */
interface Way {
  readonly from: NodeState;
  /** Undefined where it is not one of the page's nodes. */
  readonly to: NodeState | undefined;
  readonly url: string;
  readonly conditions: LinkConditions;
}

/** The weather of the network: all conditions that nodes of the page keep. */
export class Weather {
  readonly #network: Pick<Network, 'members' | 'node'>;

  constructor(network: Pick<Network, 'members' | 'node'>) {
    this.#network = network;
  }

  /** A cut between nodes of the page has a mark of its own, and is healed there. */
  readonly #ways: readonly Way[] = $derived.by(() =>
    this.#network.members.flatMap((from) =>
      (from.isOnline ? from.weather : []).flatMap(({ url, conditions }): Way[] => {
        const node = this.#network.node(url);
        const to = node && this.#network.members.includes(node) ? node : undefined;
        return to && !isRough(conditions) ? [] : [{ from, to, url, conditions }];
      }),
    ),
  );

  /** How many links have conditions, in one direction or both. */
  readonly count: number = $derived(
    new Set(this.#ways.map(({ from, to, url }) => [from.url, to?.url ?? url].sort().join(' '))).size,
  );

  /** Whether any of them can be cleared from this page. */
  get isClearable(): boolean {
    return this.#ways.some(({ from }) => mayOrder(from));
  }

  /** Ends all conditions but the cuts between nodes of the page. */
  async clearAll(signal: AbortSignal): Promise<void> {
    await allOf(
      this.#ways.map(({ from, to, url, conditions }) =>
        to && conditions.cut
          ? setConditions(from, to, { ...UNCHANGED, cut: true }, signal)
          : clearConditions(from, url, signal),
      ),
    );
  }
}
