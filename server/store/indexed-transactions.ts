import type { Address } from '../../consensus/address.ts';
import type { Block } from '../../consensus/block.ts';
import type { Payment } from '../../consensus/contract/machine.ts';
import type { Hash } from '../../consensus/hash.ts';
import type { Receipt } from '../../consensus/receipt.ts';
import { addressesOf } from '../../consensus/transaction.ts';
import type { ChainPosition } from './records.ts';

/** What came of a contract's transaction, as far as it is found by it. */
export interface IndexedExecution {
  readonly receipt: Pick<Receipt, 'events'>;
  readonly payments: readonly Payment[];
}

/** What a transaction of a block is found by. */
export interface IndexedTransaction {
  readonly txid: Hash;
  readonly position: ChainPosition;
  readonly addresses: ReadonlySet<Address>;
}

/**
 * What a block's transactions are found by: their ids, and the accounts that they touch. Of a contract's transaction these are
 * also whom contracts paid, which contracts paid, and which emitted events: only its execution tells.
 * @param executionAt that of the transaction at an index of the block; undefined: it executed no contract
 */
export function* indexedTransactions(
  block: Block,
  height: number,
  executionAt: (index: number) => IndexedExecution | undefined,
): Generator<IndexedTransaction> {
  for (const [index, transaction] of block.transactions.entries()) {
    const addresses = new Set(addressesOf(transaction));
    const execution = 'contract' in transaction ? executionAt(index) : undefined;
    for (const { contract } of execution?.receipt.events ?? []) addresses.add(contract);
    for (const { from, to } of execution?.payments ?? []) addresses.add(from).add(to);
    yield { txid: transaction.txid, position: { height, index }, addresses };
  }
}
