import { assertInvariant } from '../consensus/errors.ts';
import { gasOf } from '../consensus/weight.ts';
import { isBetterFee, type MempoolEntry } from './account-queue.ts';
import type { BoundedResource } from './bounded-resource.ts';
import { MAX_QUEUED, MAX_QUEUED_BYTES, MAX_QUEUED_GAS, MAX_READY, MAX_READY_BYTES, MAX_READY_GAS } from './policy.ts';

/** How much a part of the mempool may hold, of each measure. */
interface PoolLimits {
  readonly count: number;
  readonly bytes: number;
  readonly gas: number;
}

export const READY_LIMITS: PoolLimits = { count: MAX_READY, bytes: MAX_READY_BYTES, gas: MAX_READY_GAS };
export const QUEUED_LIMITS: PoolLimits = { count: MAX_QUEUED, bytes: MAX_QUEUED_BYTES, gas: MAX_QUEUED_GAS };

/** What a part of the mempool holds, of each measure. */
export class PoolUsage {
  readonly #limits: PoolLimits;
  #count = 0;
  #bytes = 0;
  #gas = 0;

  constructor(limits: PoolLimits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add({ transaction }: MempoolEntry): void {
    this.#count++;
    this.#bytes += transaction.raw.length;
    this.#gas += gasOf(transaction);
  }

  subtract({ transaction }: MempoolEntry): void {
    this.#count--;
    this.#bytes -= transaction.raw.length;
    this.#gas -= gasOf(transaction);
  }

  /** The measure of which there is more than allowed; null where there is none. */
  get excess(): keyof PoolLimits | null {
    const { count, bytes, gas } = this.#limits;
    if (this.#count > count) return 'count';
    if (this.#bytes > bytes) return 'bytes';
    return this.#gas > gas ? 'gas' : null;
  }

  /** @param what the transactions, as operators call them */
  resources(what: string): BoundedResource[] {
    const { count, bytes, gas } = this.#limits;
    return [
      { what, count: this.#count, limit: count },
      { what: `bytes of ${what}`, count: this.#bytes, limit: bytes },
      { what: `gas of ${what}`, count: this.#gas, limit: gas },
    ];
  }
}

/**
 * The pending transaction in a state that pays the least for its weight, among those whose removal helps against an excess: a
 * transfer makes no room for gas.
 */
export function worstOf(
  entries: Iterable<MempoolEntry>,
  state: MempoolEntry['state'],
  excess: keyof PoolLimits,
): MempoolEntry {
  let worst: MempoolEntry | null = null;
  for (const entry of entries) {
    if (entry.state !== state || (excess === 'gas' && gasOf(entry.transaction) === 0)) continue;
    if (worst === null || isBetterFee(worst, entry)) worst = entry;
  }
  assertInvariant(worst !== null, 'a part of the mempool that holds too much has a worst entry');
  return worst;
}
