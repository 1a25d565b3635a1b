import { type Database, open, type RangeOptions, type RootDatabase } from 'lmdb';
import { assertInvariant } from '../../consensus/errors.ts';
import { sealValue, unsealValue } from './record-checksum.ts';
import { damagedFolder, databaseFailure, diskFailure, StoreError } from './store-error.ts';

/** Everything that is stored. All keys and values are bytes; the encodings are in `records.ts`. */
export const TABLE_NAMES = [
  'meta',
  'headers',
  'bodies',
  'undo',
  'accounts',
  'stateNodes',
  'heights',
  'transactions',
  'accountTransactions',
  'journal',
  'addresses',
  'discouraged',
  'codes',
  'slots',
  'receipts',
  'blockReceipts',
  'reads',
] as const;

export type TableName = (typeof TABLE_NAMES)[number];

/** One table. Every value carries a checksum: a read that does not match throws `StoreError` `damaged`. */
export class Table {
  readonly #name: TableName;
  readonly #database: Database<Buffer, Buffer>;
  readonly #directory: string;
  #isKnownEmpty = false;

  constructor(name: TableName, database: Database<Buffer, Buffer>, directory: string) {
    this.#name = name;
    this.#database = database;
    this.#directory = directory;
  }

  get(key: Buffer): Uint8Array | undefined {
    const stored = this.#read(() => this.#database.get(key));
    return stored && this.#unseal(key, stored);
  }

  has(key: Buffer): boolean {
    return this.#read(() => this.#database.doesExist(key));
  }

  /** Only inside {@link Tables.transact}. */
  put(key: Buffer, value: Uint8Array): void {
    this.#isKnownEmpty = false;
    this.#database.putSync(key, sealValue(this.#name, key, value));
  }

  /** What was known may have been taken back. */
  forgetCounts(): void {
    this.#isKnownEmpty = false;
  }

  /** Only inside {@link Tables.transact}. A key that is not there is left alone. */
  delete(key: Buffer): void {
    this.#database.removeSync(key);
  }

  *entries(range: RangeOptions = {}): Generator<{ key: Buffer; value: Uint8Array }> {
    const entries = this.#read(() => this.#database.getRange(range)[Symbol.iterator]());
    try {
      for (let next = this.#read(() => entries.next()); !next.done; next = this.#read(() => entries.next())) {
        const { key, value } = next.value;
        yield { key, value: this.#unseal(key, value) };
      }
    } finally {
      entries.return?.();
    }
  }

  /** All rows in the order of their keys, sealed, as they are stored: for a copy that is compared and kept, not read. */
  *sealed(): Generator<{ key: Buffer; value: Buffer }> {
    for (const row of this.#read(() => this.#database.getRange())) yield row;
  }

  /** Only inside {@link Tables.transact}. Writes a row as {@link sealed} gave it. */
  putSealed(key: Buffer, value: Buffer): void {
    this.#isKnownEmpty = false;
    this.#database.putSync(key, value);
  }

  /** Asked for each block, so an empty table is not asked twice. */
  get isEmpty(): boolean {
    this.#isKnownEmpty ||= this.count() === 0;
    return this.#isKnownEmpty;
  }

  /** Number of entries, from the tree's own counter. */
  count(): number {
    return this.#read(() => (this.#database.getStats() as { entryCount: number }).entryCount);
  }

  /** LMDB finds damage that came after the file was checked, when it meets it. */
  #read<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw databaseFailure(this.#directory, 'read', error);
    }
  }

  #unseal(key: Buffer, stored: Buffer): Uint8Array {
    const value = unsealValue(this.#name, key, stored);
    if (value !== undefined) return value;
    throw damagedFolder(this.#directory, `an entry of table ${this.#name} does not match its checksum`);
  }
}

/** The LMDB environment of a store: the tables, and the transactions that write to them. */
export class Tables {
  readonly tables: Readonly<Record<TableName, Table>>;
  readonly #root: RootDatabase<Buffer, Buffer>;
  readonly #directory: string;
  #isWriting = false;

  private constructor(root: RootDatabase<Buffer, Buffer>, directory: string) {
    this.#root = root;
    this.#directory = directory;
    const named = TABLE_NAMES.map((name) => {
      const database = root.openDB<Buffer, Buffer>({ name, encoding: 'binary', keyEncoding: 'binary' });
      return [name, new Table(name, database, directory)];
    });
    this.tables = Object.fromEntries(named);
  }

  /**
   * Opens or creates the environment at `path`; `directory` is the data folder that messages name. Not durable: never
   * flushed, for data that is thrown away anyway. Throws `StoreError` `io`.
   */
  static open(path: string, directory: string, options: { durable: boolean }): Tables {
    try {
      const root = open<Buffer, Buffer>(path, {
        // Without these two, lmdb-js would call a folder with a dot a file, and return from commits before the flush.
        noSubdir: false,
        overlappingSync: false,
        noSync: !options.durable,
        maxDbs: TABLE_NAMES.length,
        encoding: 'binary',
        keyEncoding: 'binary',
      });
      return new Tables(root, directory);
    } catch (error) {
      const failure = databaseFailure(directory, 'open', error);
      throw failure instanceof StoreError ? failure : diskFailure(directory, 'open', error);
    }
  }

  /**
   * Runs `work` in one write transaction and returns when it is on disk. Whatever `work` throws takes everything back.
   * Throws `StoreError` `io` when the disk refuses; then nothing of it was written.
   */
  transact<T>(work: () => T): T {
    assertInvariant(!this.#isWriting, 'write transactions do not nest');
    let outcome: { value: T } | undefined;
    this.#isWriting = true;
    try {
      // A block body: lmdb-js goes on asynchronously, and returns before anything is written, if it is given a promise.
      this.#root.transactionSync(() => {
        outcome = { value: work() };
      });
    } catch (error) {
      for (const table of Object.values(this.tables)) table.forgetCounts();
      // The work's own errors pass. An error of LMDB has a number, and one after the work came from the commit.
      const failure = databaseFailure(this.#directory, 'write to', error);
      throw outcome === undefined || failure instanceof StoreError
        ? failure
        : diskFailure(this.#directory, 'write to', error);
    } finally {
      this.#isWriting = false;
    }
    assertInvariant(outcome !== undefined, 'a committed transaction has run');
    return outcome.value;
  }

  close(): Promise<void> {
    return this.#root.close();
  }
}
