import type { TableName } from './tables.ts';

/** Where the rows come from that a chain is rebuilt from: nothing in them is trusted. */
export interface RowSource {
  /** Keys of a table's rows, in no order. */
  keys(table: TableName): Buffer[];
  /** Value of a row that `keys` gave. */
  value(table: TableName, key: Buffer): Uint8Array | undefined;
  /** Rows that a table is known to have had and that cannot be read. */
  missing(table: TableName): number;
}
