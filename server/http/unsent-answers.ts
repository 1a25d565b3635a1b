/** Bytes of answers that wait for their readers, of all connections together; the largest debtor is cut off above it. */
export const MAX_UNSENT_BYTES = 64 * 1024 * 1024;

/** Somebody who is sent answers on a connection. */
export interface Reader {
  /** See `clientOf`. */
  readonly client: string;
  unsentBytes(): number;
  /** Ends the connection. What is unsent is gone afterwards. */
  cutOff(): void;
}

/** What the connections of one client owe. */
interface Debt {
  bytes: number;
  readonly parts: { readonly reader: Reader; readonly bytes: number }[];
}

/**
 * Bounds what answers hold in memory until their readers take them. Answers may be megabytes, and readers may ask for
 * many on many connections and take none: no limit for a single one of them could be both low enough and high enough.
 * The largest debtor is the client whose connections owe most together: many small debts of one are not hidden behind the
 * one large answer that somebody else is reading. Of that client, the connection that owes most is cut off first.
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
    const debts = this.#debts();
    let total = debts.reduce((sum, { bytes }) => sum + bytes, 0);
    while (total > this.#maxBytes) {
      debts.sort((a, b) => b.bytes - a.bytes);
      const [largest] = debts;
      const part = largest?.parts.pop();
      if (!largest || !part) return;
      largest.bytes -= part.bytes;
      total -= part.bytes;
      this.#readers.delete(part.reader);
      part.reader.cutOff();
    }
  }

  /** By client, each with its smallest part first. */
  #debts(): Debt[] {
    const debts = new Map<string, Debt>();
    for (const reader of this.#readers) {
      const bytes = reader.unsentBytes();
      const debt = debts.get(reader.client) ?? { bytes: 0, parts: [] };
      debts.set(reader.client, debt);
      debt.bytes += bytes;
      debt.parts.push({ reader, bytes });
    }
    for (const { parts } of debts.values()) parts.sort((a, b) => a.bytes - b.bytes);
    return [...debts.values()];
  }
}
