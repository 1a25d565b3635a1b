import { Chain } from './chain.svelte.ts';
import { Pool } from './pool.svelte.ts';

/** What the nodes of one network share: its blocks and what waits to be in one. */
export class Ledger {
  readonly chain = new Chain();
  readonly pool = new Pool();

  publish(): void {
    this.chain.publish();
    this.pool.publish();
  }
}
