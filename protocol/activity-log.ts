import type { Hash } from '../consensus/hash.ts';
import type { Alarm, EventContext } from './event-context.ts';
import type { BlockEntry } from './header-index.ts';

/** Lines for a person who watches come at most so often; what happens in between is in the next one. */
const INTERVAL_MS = 1_000;

/**
 * Tells a person who watches what goes on: one line for what is new at once, then one a second for all that came
 * meanwhile, so that the last line always shows how things stand.
 */
export class ActivityLog {
  readonly #context: EventContext;
  readonly #nextLine: Alarm;
  #loggedMs = Number.NEGATIVE_INFINITY;
  #blocks = 0;
  #tip: BlockEntry | null = null;
  #transactions = 0;
  #latest: Hash | null = null;

  constructor(context: EventContext) {
    this.#context = context;
    this.#nextLine = context.alarm(() => this.#log());
  }

  /** The node stands on another tip, with so many more blocks. */
  onTip(tip: BlockEntry, blocks: number): void {
    this.#tip = tip;
    this.#blocks += blocks;
    this.#logSoon();
  }

  /** These transactions are ready to be mined. */
  onTransactions(txids: readonly Hash[]): void {
    this.#transactions += txids.length;
    this.#latest = txids.at(-1) ?? this.#latest;
    if (txids.length > 0) this.#logSoon();
  }

  #logSoon(): void {
    const waitMs = this.#loggedMs + INTERVAL_MS - this.#context.now.monotonicMs;
    if (waitMs > 0) this.#nextLine.ensure(waitMs);
    else this.#log();
  }

  #log(): void {
    this.#loggedMs = this.#context.now.monotonicMs;
    if (this.#latest) {
      const fields = { id: this.#latest, transactions: this.#transactions };
      this.#context.emit({ type: 'log', level: 'info', message: 'pending', fields });
    }
    if (this.#tip) {
      const { height, hash, transactionCount, firstSeenFrom } = this.#tip.record;
      const fields = {
        height,
        block: hash,
        transactions: transactionCount,
        from: firstSeenFrom,
        ...(this.#blocks > 1 && { blocks: this.#blocks }),
      };
      this.#context.emit({ type: 'log', level: 'info', message: 'new tip', fields });
    }
    this.#latest = null;
    this.#tip = null;
    this.#transactions = 0;
    this.#blocks = 0;
  }
}
