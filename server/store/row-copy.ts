import { assertInvariant } from '../../consensus/errors.ts';
import { failpoint } from '../process/failpoint.ts';
import { TABLE_NAMES, type Table, type TableName } from './tables.ts';

/**
 * All rows of some tables as bytes: for each row `table u8, key length u16, value length u32, key, sealed value`, little-endian,
 * tables in the order of `TABLE_NAMES`, and in a table by ascending key. Equal stores have equal copies.
 */
export type RowCopy = Buffer;

/** One row of a copy; `value` is sealed. Both are views of the copy. */
export interface CopiedRow {
  readonly table: TableName;
  readonly key: Buffer;
  readonly value: Buffer;
}

const ROW_HEAD_BYTES = 1 + 2 + 4;

type TableSet = Readonly<Record<TableName, Table>>;

/** Copies the rows of these tables; default: all. */
export function copyRows(tables: TableSet, names: readonly TableName[] = TABLE_NAMES): RowCopy {
  const pieces: Buffer[] = [];
  for (const name of TABLE_NAMES) {
    if (!names.includes(name)) continue;
    for (const { key, value } of tables[name].sealed()) pieces.push(headOf({ table: name, key, value }), key, value);
  }
  return Buffer.concat(pieces);
}

/** The rows of a copy, in its order. Undefined in place of a row: the bytes from there on are none. */
export function* readRows(copy: RowCopy): Generator<CopiedRow | undefined> {
  for (let offset = 0; offset < copy.length; ) {
    const isWhole = copy.length - offset >= ROW_HEAD_BYTES;
    const table = isWhole ? TABLE_NAMES[copy.readUInt8(offset)] : undefined;
    if (table === undefined) return yield undefined;
    const keyBytes = copy.readUInt16LE(offset + 1);
    const valueBytes = copy.readUInt32LE(offset + 3);
    const start = offset + ROW_HEAD_BYTES;
    if (copy.length - start < keyBytes + valueBytes) return yield undefined;
    const middle = start + keyBytes;
    offset = middle + valueBytes;
    yield { table, key: copy.subarray(start, middle), value: copy.subarray(middle, offset) };
  }
}

/** The rows of these tables only. */
export function selectRows(copy: RowCopy, names: readonly TableName[]): RowCopy {
  const pieces: Buffer[] = [];
  for (const row of readRows(copy)) {
    if (row && names.includes(row.table)) pieces.push(headOf(row), row.key, row.value);
  }
  return Buffer.concat(pieces);
}

/**
 * Makes the tables equal to a copy of all of them: writes only rows that differ, which takes as long as reading both. Only
 * inside {@link Tables.transact}, which makes it one atomic change.
 */
export function restoreRows(tables: TableSet, copy: RowCopy): void {
  const rows = readRows(copy);
  let next = nextRow(rows);
  for (const name of TABLE_NAMES) {
    const table = tables[name];
    // Changes are made after the walk, which they would disturb.
    const changes: (() => void)[] = [];
    const put = ({ key, value }: CopiedRow) => changes.push(() => table.putSealed(key, value));
    for (const { key, value } of table.sealed()) {
      for (; next?.table === name && Buffer.compare(next.key, key) < 0; next = nextRow(rows)) put(next);
      if (next?.table === name && next.key.equals(key)) {
        if (!next.value.equals(value)) put(next);
        next = nextRow(rows);
      } else changes.push(() => table.delete(key));
    }
    for (; next?.table === name; next = nextRow(rows)) put(next);
    for (const change of changes) {
      change();
      failpoint('row-restored');
    }
  }
  assertInvariant(next === undefined, 'a copy holds the rows of all tables in their order');
}

function nextRow(rows: Generator<CopiedRow | undefined>): CopiedRow | undefined {
  const { done, value } = rows.next();
  if (done) return undefined;
  assertInvariant(value !== undefined, 'a copy that this process made, or has checked, is whole');
  return value;
}

function headOf({ table, key, value }: CopiedRow): Buffer {
  const head = Buffer.allocUnsafe(ROW_HEAD_BYTES);
  head.writeUInt8(TABLE_NAMES.indexOf(table), 0);
  head.writeUInt16LE(key.length, 1);
  head.writeUInt32LE(value.length, 3);
  return head;
}
