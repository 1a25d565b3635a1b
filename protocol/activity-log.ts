import type { Hash } from '../consensus/hash.ts';
import type { Alarm, EventContext } from './event-context.ts';
import type { BlockEntry } from './header-index.ts';

/** For people who watch. */
const INTERVAL_MS = 1_000;

/**
 * Logs progress: the first news at once, then at most one line in each interval that sums up what has happened since, so that
 * the last line always shows the current state.
 */
export class ActivityLog {
  readonly #context: EventContext;
  readonly #intervalMs: number;
  readonly #nextLine: Alarm;
  #loggedMs = Number.NEGATIVE_INFINITY;
  #blocks = 0;
  #tip: BlockEntry | null = null;
  #transactions = 0;
  #latest: Hash | null = null;

  /** @param intervalMs 0: everything at once, in a line of its own */
  constructor(context: EventContext, intervalMs = INTERVAL_MS) {
    this.#context = context;
    this.#intervalMs = intervalMs;
    this.#nextLine = context.alarm(() => this.#log());
  }

  /** @param blocks how many blocks were connected on the way to the new tip */
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
    const waitMs = this.#loggedMs + this.#intervalMs - this.#context.now.monotonicMs;
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
