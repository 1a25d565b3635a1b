import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import { router } from '../../app/router.svelte.ts';
import { network, partition } from '../../app/session.svelte.ts';
import type { NodeState } from '../../state/node.svelte.ts';
import type { Link } from '../../state/partition.svelte.ts';

/** More nodes than this are shown as a table, unless the reader has chosen. */
const MAX_CARDS = 6;

export type Density = 'cards' | 'table';
export type ListName = 'nodes' | 'links';

/**
 * What the network view shows beside what is so: all of it stands in the address, so that a link leads to it. `as` is how
 * nodes are listed, `list` which list is open, `node` and `link` what is looked at, `group` which part of a large network.
 */
class Stage {
  /** Nodes that the reader is about to cut off, by URL; null while nothing is being cut. */
  chosen = $state.raw<ReadonlySet<string> | null>(null);
  /** The block that a node mined at last on demand, by URL; shown again when the reader comes back. */
  readonly mined = new SvelteMap<string, { readonly hash: string; readonly height: number }>();
  /** Nodes whose details are open, by URL. */
  readonly openDetails = new SvelteSet<string>();

  get density(): Density {
    const asked = router.query.get('as');
    if (asked === 'cards' || asked === 'table') return asked;
    return network.members.length > MAX_CARDS ? 'table' : 'cards';
  }

  set density(density: Density) {
    this.#put({ as: density });
  }

  get list(): ListName {
    return router.query.get('list') === 'links' ? 'links' : 'nodes';
  }

  set list(list: ListName) {
    this.#put({ list: list === 'nodes' ? null : list, link: null });
  }

  get link(): Link | null {
    const asked = router.query.get('link');
    return asked === null ? null : (partition.links.find((link) => nameOf(link) === asked) ?? null);
  }

  /** Shows a link in the list of links; null: none. */
  openLink(link: Link | null): void {
    this.#put({ list: 'links', link: link && nameOf(link) });
  }

  /** Shows a node in the list of nodes, with its details. */
  openNode({ url }: NodeState): void {
    this.openDetails.add(url);
    this.#put({ list: null, link: null });
  }

  get group(): string | null {
    return router.query.get('group');
  }

  set group(group: string | null) {
    this.#put({ group });
  }

  #put(changes: Readonly<Record<string, string | null>>): void {
    const query = new URLSearchParams(router.query);
    for (const [key, value] of Object.entries(changes)) {
      if (value === null) query.delete(key);
      else query.set(key, value);
    }
    router.replaceQuery(query);
  }
}

/** A link in an address, by the names of its ends. */
function nameOf({ ends: [a, b] }: Link): string {
  return `${a.name}~${b.name}`;
}

export const stage = new Stage();
