import { SvelteSet } from 'svelte/reactivity';
import type { ActivityEntry, ActivityKind } from '../../state/activity.svelte.ts';

/** What is shown of the log: also after a look at another view, for which it may have been stopped. */
class Filter {
  readonly hiddenKinds = new SvelteSet<ActivityKind>();
  /** Empty: all nodes. */
  nodeUrl = $state('');
  /** What is shown while the log stands still; null while it moves. */
  frozen = $state.raw<readonly ActivityEntry[] | null>(null);
}

export const filter = new Filter();
