import type { Address } from '../../consensus/address.ts';
import { positionKey, positionOfReceipt, receiptOfRecord } from './receipt-records.ts';
import { accountPositionKey, type ChainPosition, positionOfKey } from './records.ts';
import type { Table, TableName } from './tables.ts';

const LOWEST: ChainPosition = { height: 0, index: 0 };

/** A place in the chain, and what came of the transaction there, if that executed a contract. */
export interface PlacedReceipt extends ChainPosition {
  /** Encoded; see `decodeReceipt`. */
  readonly receipt: Uint8Array | undefined;
  /** What was read for it. */
  readonly readBytes: number;
}

/** Receipts of the active chain, newest first, below a position; read as they are asked for. */
export function* receiptsBelow(
  { receipts }: Pick<Readonly<Record<TableName, Table>>, 'receipts'>,
  before: ChainPosition,
): Generator<PlacedReceipt> {
  for (const { key, value } of receipts.entries(downwards(positionKey(before), positionKey(LOWEST)))) {
    yield { ...positionOfReceipt(key), receipt: receiptOfRecord(value), readBytes: value.length };
  }
}

/** The same of the transactions that an account lists, which can be others too. */
export function* receiptsOfAccount(
  { receipts, accountTransactions }: Pick<Readonly<Record<TableName, Table>>, 'receipts' | 'accountTransactions'>,
  account: Address,
  before: ChainPosition,
): Generator<PlacedReceipt> {
  const range = downwards(accountPositionKey(account, before), accountPositionKey(account, LOWEST));
  for (const { key } of accountTransactions.entries(range)) {
    const position = positionOfKey(key);
    const value = receipts.get(positionKey(position));
    yield { ...position, receipt: value && receiptOfRecord(value), readBytes: value?.length ?? 0 };
  }
}

function downwards(start: Buffer, end: Buffer) {
  return { start, exclusiveStart: true, end, inclusiveEnd: true, reverse: true };
}
