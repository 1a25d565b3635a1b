import { SvelteMap } from 'svelte/reactivity';
import { router } from '../../app/router.svelte.ts';
import { network, partition } from '../../app/session.svelte.ts';
import type { SideLetter } from '../../model/cut-sides.ts';
import type { NodeState } from '../../state/node.svelte.ts';
import type { Link } from '../../state/partition.svelte.ts';

/** More nodes than this are shown as a table, unless the reader has chosen. */
const MAX_CARDS = 6;

/** Where the network view is. */
const NETWORK_PATH = '/';

export type Density = 'cards' | 'table';
export type ListName = 'nodes' | 'links';

/**
 * What the network view shows beside what is so: all of it stands in the address, so that a link leads to it. `as` is how
 * nodes are listed, `list` which list is open, `node` whose details are open, `link` whose weather is, `group` which part of
 * a large network, `cut` which nodes are about to be cut off, and `reorg` whose card is open.
 */
class Stage {
  /** The block that a node mined at last on demand, by URL; shown again when the reader comes back. */
  readonly mined = new SvelteMap<string, { readonly hash: string; readonly height: number }>();
  readonly #chosen = $derived.by((): ReadonlySet<string> | null => {
    if (!router.query.has('cut')) return null;
    const names = router.query.getAll('cut');
    return new Set(network.members.filter(({ name }) => names.includes(name)).map(({ url }) => url));
  });

  /** Nodes that the reader is about to cut off, by URL; null while nothing is being cut. */
  get chosen(): ReadonlySet<string> | null {
    return this.#chosen;
  }

  set chosen(urls: ReadonlySet<string> | null) {
    const names = urls && network.members.filter(({ url }) => urls.has(url)).map(({ name }) => name);
    // The form is open without a choice, too.
    this.#put({ cut: names?.length === 0 ? [''] : names });
  }

  /** The side that a node is about to be on; null while nothing is being cut. */
  sideAhead({ url }: NodeState): SideLetter | null {
    if (this.chosen === null) return null;
    const letter = partition.letterFor(this.chosen);
    return this.chosen.has(url) ? letter : letter === 'A' ? 'B' : 'A';
  }

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

  /** URLs of the nodes whose details are open, in the order in which they were opened. */
  readonly openDetails: readonly string[] = $derived.by(() =>
    router.query.getAll('node').flatMap((name) => network.members.find((node) => node.name === name)?.url ?? []),
  );

  isOpen({ url }: NodeState): boolean {
    return this.openDetails.includes(url);
  }

  /** Shows a node in the list of nodes, with its details. */
  openNode({ name }: NodeState): void {
    const others = router.query.getAll('node').filter((other) => other !== name);
    this.#put({ list: null, link: null, node: [...others, name] });
  }

  /** Opens the details of a node, or closes them. */
  toggleDetails({ name }: NodeState): void {
    const open = router.query.getAll('node');
    this.#put({ node: open.includes(name) ? open.filter((other) => other !== name) : [...open, name] });
  }

  /** What the address says of a reorg's card; null: none. */
  get reorg(): string | null {
    return router.query.get('reorg');
  }

  set reorg(name: string | null) {
    this.#put({ reorg: name });
  }

  get group(): string | null {
    return router.query.get('group');
  }

  set group(group: string | null) {
    this.#put({ group });
  }

  #put(changes: Readonly<Record<string, string | readonly string[] | null>>): void {
    // The network view is still there while the view that was chosen after it loads.
    if (router.path !== NETWORK_PATH) return;
    const query = new URLSearchParams(router.query);
    for (const [key, value] of Object.entries(changes)) {
      query.delete(key);
      for (const each of value === null ? [] : [value].flat()) query.append(key, each);
    }
    router.replaceQuery(query);
  }
}

/** A link in an address, by the names of its ends. */
function nameOf({ ends: [a, b] }: Link): string {
  return `${a.name}~${b.name}`;
}

export const stage = new Stage();
