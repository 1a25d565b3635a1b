import { unsealValue } from './record-checksum.ts';
import { type RowCopy, readRows } from './row-copy.ts';
import type { RowSource } from './row-source.ts';
import type { TableName } from './tables.ts';

/** The bytes are no rows. */
export class RowCopyError extends Error {
  override readonly name = 'RowCopyError';
}

/** A copy of rows that somebody else may have made, to rebuild a chain from. */
export class CopiedRows implements RowSource {
  readonly #values = new Map<TableName, Map<string, Uint8Array>>();

  /** Throws {@link RowCopyError} unless it holds only whole rows of these tables, each with its checksum. */
  constructor(copy: RowCopy, tables: readonly TableName[]) {
    for (const row of readRows(copy)) {
      if (!row || !tables.includes(row.table)) throw new RowCopyError('it holds something that is no row of a chain');
      const value = unsealValue(row.table, row.key, row.value);
      if (value === undefined) throw new RowCopyError(`an entry of table ${row.table} does not match its checksum`);
      const values = this.#values.get(row.table) ?? new Map<string, Uint8Array>();
      this.#values.set(row.table, values);
      values.set(row.key.toString('hex'), value);
    }
  }

  keys(table: TableName): Buffer[] {
    return Array.from(this.#values.get(table)?.keys() ?? [], (hex) => Buffer.from(hex, 'hex'));
  }

  value(table: TableName, key: Buffer): Uint8Array | undefined {
    return this.#values.get(table)?.get(key.toString('hex'));
  }

  missing(): number {
    return 0;
  }
}
