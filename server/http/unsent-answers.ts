/** Unsent bytes of all connections together; above it, connections of the client with the most are closed. */
export const MAX_UNSENT_BYTES = 64 * 1024 * 1024;

/** The receiving end of a connection. */
export interface Reader {
  /** See `clientOf`. */
  readonly client: string;
  unsentBytes(): number;
  /** Closes the connection and discards what is unsent. */
  cutOff(): void;
}

/** Unsent bytes of one client's connections. */
interface Debt {
  bytes: number;
  readonly parts: { readonly reader: Reader; readonly bytes: number }[];
}

/**
 * Limits the memory held by answers that clients have not read yet. Answers may be megabytes, and a client may request
 * many on many connections and read none, so no limit per connection would be both low enough and high enough. Above the
 * total limit, the client with the most unsent bytes over all its connections is cut off, so that many small backlogs of
 * one client do not hide behind one large answer to another. Its connection with the most unsent bytes is closed first.
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

  /** Call after something was sent to this reader. */
  check(reader: Reader): void {
    // Usually the system has accepted everything immediately.
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

  /** By client, each with its smallest backlog first. */
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
