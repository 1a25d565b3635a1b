import { assertInvariant } from '../consensus/errors.ts';
import type { Hash } from '../consensus/hash.ts';
import type { SignedTransaction } from '../consensus/transaction.ts';
import type { BlockEntry } from './header-index.ts';
import { MAX_PENDING, MAX_PENDING_BYTES } from './policy.ts';

/** What activating the best chain changed, all steps together. */
export interface ChainChange {
  readonly forkPoint: BlockEntry;
  /** Tip first. */
  readonly disconnected: readonly BlockEntry[];
  /** Lowest first. */
  readonly connected: readonly BlockEntry[];
  /** Transactions of disconnected blocks, oldest first; some may be in the new branch as well. */
  readonly returned: readonly SignedTransaction[];
}

/** What has changed since the tip was last announced. */
export class ChainMove {
  #disconnected: BlockEntry[] = [];
  #connected: BlockEntry[] = [];
  /** Of each disconnected block. */
  #returned: SignedTransaction[][] = [];

  get isEmpty(): boolean {
    return this.#disconnected.length === 0 && this.#connected.length === 0;
  }

  get disconnected(): readonly BlockEntry[] {
    return this.#disconnected;
  }

  get connected(): readonly BlockEntry[] {
    return this.#connected;
  }

  recordConnected(entry: BlockEntry): void {
    if (this.#disconnected.at(-1) === entry) {
      this.#disconnected.pop();
      this.#returned.pop();
    } else this.#connected.push(entry);
  }

  /** Forgets that the tip was connected, where it was since. False where it was announced. */
  takeBack(tip: BlockEntry): boolean {
    if (this.#connected.at(-1) !== tip) return false;
    this.#connected.pop();
    return true;
  }

  /** @returns ids of transactions that are forgotten, see {@link ChainMove.#forgetLatest} */
  recordDisconnected(entry: BlockEntry, transactions: SignedTransaction[]): Hash[] {
    this.#disconnected.push(entry);
    this.#returned.push(transactions);
    return this.#forgetLatest();
  }

  /** Ids of what returns from announced blocks. */
  returnedIds(): Set<Hash> {
    return new Set(this.#returned.flatMap((each) => each.map(({ txid }) => txid)));
  }

  /** Ends the move, and gives what it was. */
  finish(): ChainChange {
    const [disconnected, connected, returned] = [this.#disconnected, this.#connected, this.#returned];
    const lowest = disconnected.at(-1) ?? connected[0];
    const forkPoint = lowest?.parent;
    assertInvariant(forkPoint !== null && forkPoint !== undefined, 'genesis is never moved');
    this.#disconnected = [];
    this.#connected = [];
    this.#returned = [];
    return { forkPoint, disconnected, connected, returned: returned.reverse().flat() };
  }

  /**
   * Drops returned transactions that the mempool has no room for. Blocks are disconnected tip first, so the first returned
   * have the latest nonces, and are of no use without the earlier ones.
   */
  #forgetLatest(): Hash[] {
    const returned = this.#returned;
    let excess = returned.reduce((sum, transactions) => sum + transactions.length, -MAX_PENDING);
    let excessBytes = returned.reduce((sum, transactions) => sum + bytesOf(transactions), -MAX_PENDING_BYTES);
    const forgotten: Hash[] = [];
    for (let i = 0; i < returned.length && (excess > 0 || excessBytes > 0); i++) {
      const transactions = returned[i] ?? [];
      returned[i] = [];
      excess -= transactions.length;
      excessBytes -= bytesOf(transactions);
      forgotten.push(...transactions.map(({ txid }) => txid));
    }
    return forgotten;
  }
}

function bytesOf(transactions: readonly SignedTransaction[]): number {
  return transactions.reduce((sum, { raw }) => sum + raw.length, 0);
}
