import { SvelteMap, SvelteSet } from 'svelte/reactivity';

/** What this view shows again when the reader comes back to it from another one; by URL of the node. */
export const kept = {
  /** Cards whose details are open. */
  openDetails: new SvelteSet<string>(),
  /** The block that a node mined at last on demand. */
  mined: new SvelteMap<string, { readonly hash: string; readonly height: number }>(),
};
