import type { Component } from 'svelte';
import type { Messages } from '../text/en.ts';

/** A view, loaded when it is opened; `parameter` is what its address names. */
type View = Component<{ parameter?: string }>;

export interface Route {
  readonly name: keyof Messages['nav'] | null;
  readonly pattern: RegExp;
  load(): Promise<View>;
}

/** Views that the navigation lists, in its order. */
export const NAVIGATION = [
  { name: 'network', path: '/' },
  { name: 'chain', path: '/chain' },
  { name: 'mempool', path: '/mempool' },
  { name: 'explorer', path: '/explorer' },
  { name: 'send', path: '/send' },
  { name: 'charts', path: '/charts' },
  { name: 'activity', path: '/activity' },
] as const;

const ROUTES: readonly Route[] = [
  route('network', /^\/$/, () => import('../views/network/NetworkView.svelte')),
  route('chain', /^\/chain$/, () => import('../views/chain/ChainView.svelte')),
  route('mempool', /^\/mempool$/, () => import('../views/mempool/MempoolView.svelte')),
  route('explorer', /^\/explorer$/, () => import('../views/explorer/BlocksView.svelte')),
  route('explorer', /^\/block\/([0-9a-f]{64}|\d{1,10})$/, () => import('../views/explorer/BlockView.svelte')),
  route('explorer', /^\/tx\/([0-9a-f]{64})$/, () => import('../views/explorer/TransactionView.svelte')),
  route('explorer', /^\/account\/([0-9A-Za-z]{1,100})$/, () => import('../views/explorer/AccountView.svelte')),
  route('explorer', /^\/contract\/([0-9A-Za-z]{1,100})$/, () => import('../views/contract/ContractView.svelte')),
  route('send', /^\/send$/, () => import('../views/send/SendView.svelte')),
  route('charts', /^\/charts$/, () => import('../views/charts/ChartsView.svelte')),
  route('activity', /^\/activity$/, () => import('../views/activity/ActivityView.svelte')),
];

const NOWHERE = route(null, /$/, () => import('../views/NowhereView.svelte'));

/** The route of a path, and what the path names. */
export function routeOf(path: string): { readonly route: Route; readonly parameter: string | undefined } {
  for (const candidate of ROUTES) {
    const match = candidate.pattern.exec(path);
    if (match) return { route: candidate, parameter: match[1] };
  }
  return { route: NOWHERE, parameter: undefined };
}

function route(name: Route['name'], pattern: RegExp, load: () => Promise<{ default: unknown }>): Route {
  return { name, pattern, load: async () => (await load()).default as View };
}
