import type { HeaderRules } from '../model/headers.ts';
import { Chain } from './chain.svelte.ts';
import { Pool } from './pool.svelte.ts';

/** The page's copy of what the nodes of one network share: its blocks, and what waits to be in one. */
export class Replica {
  /** Null: of no network. */
  readonly rules: HeaderRules | null;
  readonly chain = new Chain();
  readonly pool = new Pool();

  constructor(rules: HeaderRules | null) {
    this.rules = rules;
  }

  /** Forgets a node that is watched no more, and what only it has told of. */
  forget(nodeUrl: string): void {
    this.chain.forget(nodeUrl);
    this.pool.clear(nodeUrl);
  }

  publish(): void {
    this.chain.publish();
    this.pool.publish();
  }
}
