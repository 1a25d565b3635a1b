import type { Address } from '../consensus/address.ts';
import type { Hash } from '../consensus/hash.ts';
import type { EventContext } from './event-context.ts';
import type { RequestId } from './events.ts';
import type { BlockEntry } from './header-index.ts';
import type { Refused } from './refused.ts';

/** A request to mine that is not fulfilled yet. */
export interface Demand {
  readonly request: RequestId;
  /** Blocks that were asked for. */
  readonly count: number;
  readonly recipient: Address | null;
  /** What its next block holds, in this order; null: what pays the most. */
  transactions: readonly Hash[] | null;
  /** What its next block is mined on; null: the tip. */
  parent: BlockEntry | null;
  readonly mined: Hash[];
}

/** Requests to mine, which are fulfilled one after the other. */
export class MiningDemands {
  readonly #context: EventContext;
  readonly #demands: Demand[] = [];

  constructor(context: EventContext) {
    this.#context = context;
  }

  /** The one that is served now; null where there is none. */
  get first(): Demand | null {
    return this.#demands[0] ?? null;
  }

  /** Blocks that are not mined yet, of all requests together. */
  get remaining(): number {
    return this.#demands.reduce((sum, { count, mined }) => sum + count - mined.length, 0);
  }

  add(demand: Omit<Demand, 'mined'>): void {
    this.#demands.push({ ...demand, mined: [] });
  }

  cancel(request: RequestId): void {
    const index = this.#demands.findIndex((demand) => demand.request === request);
    if (index >= 0) this.#demands.splice(index, 1);
  }

  /** Counts a block that was mined for a demand, and replies when it was the last. One that has ended meanwhile gets nothing. */
  credit(demand: Demand, entry: BlockEntry): void {
    if (!this.#demands.includes(demand)) return;
    demand.mined.push(entry.record.hash);
    if (demand.transactions !== null) demand.transactions = [];
    if (demand.parent !== null) demand.parent = entry;
    if (demand.mined.length < demand.count) return;
    this.#demands.splice(this.#demands.indexOf(demand), 1);
    const value = { kind: 'mined', blockHashes: demand.mined } as const;
    this.#context.emit({ type: 'reply', request: demand.request, reply: { ok: true, value } });
  }

  /** Ends the requests of which this holds. Each reply lists what was mined for the caller so far. */
  fail({ code, message: reason }: Refused, isMeant: (demand: Demand) => boolean): void {
    for (const demand of this.#demands.filter(isMeant)) {
      this.#demands.splice(this.#demands.indexOf(demand), 1);
      const { request, count, mined } = demand;
      const message = mined.length === 0 ? reason : `mined ${mined.length} of ${count} blocks; then ${reason}`;
      const reply = { ok: false, code, message, blockHashes: mined } as const;
      this.#context.emit({ type: 'reply', request, reply });
    }
  }
}
