/** Bytes of answers that wait for their readers, of all connections together; the largest debtor is cut off above it. */
export const MAX_UNSENT_BYTES = 64 * 1024 * 1024;

/** Somebody who is sent answers. */
export interface Reader {
  unsentBytes(): number;
  /** Ends the connection. What is unsent is gone afterwards. */
  cutOff(): void;
}

/**
 * Bounds what answers hold in memory until their readers take them. Answers may be megabytes, and readers may ask for
 * many on many connections and take none: no limit for a single one of them could be both low enough and high enough.
 */
export class UnsentAnswers {
  readonly #maxBytes: number;
  readonly #readers = new Set<Reader>();

  constructor(maxBytes = MAX_UNSENT_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** @returns forgets the reader */
  add(reader: Reader): () => void {
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  }

  /** To be called when this reader has been sent something. */
  check(reader: Reader): void {
    // Nearly always the system has taken everything at once.
    if (reader.unsentBytes() === 0) return;
    const debts = [...this.#readers].map((each) => ({ reader: each, bytes: each.unsentBytes() }));
    let total = debts.reduce((sum, { bytes }) => sum + bytes, 0);
    if (total <= this.#maxBytes) return;
    debts.sort((a, b) => b.bytes - a.bytes);
    for (const debt of debts) {
      if (total <= this.#maxBytes) return;
      total -= debt.bytes;
      this.#readers.delete(debt.reader);
      debt.reader.cutOff();
    }
  }
}
