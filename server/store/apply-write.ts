import { type Block, coinbaseOf } from '../../consensus/block.ts';
import { assertInvariant } from '../../consensus/errors.ts';
import { genesisChange, type Network } from '../../consensus/genesis.ts';
import type { Hash, NodeHash } from '../../consensus/hash.ts';
import { bytesToHex } from '../../consensus/hex.ts';
import { decodeReceipt, RECEIPTS_KEY, receiptLeaf, receiptsRoot } from '../../consensus/receipt.ts';
import type { StateChange } from '../../consensus/state-change.ts';
import { stateProof } from '../../consensus/state-tree.ts';
import { encodeUndo } from '../../consensus/undo.ts';
import { genesisRecord } from '../../protocol/header-index.ts';
import type { StoreWrite } from '../../protocol/store-writes.ts';
import { type StoredBlockReader, type StoredTip, tipAfter } from '../../protocol/stored-tip.ts';
import { failpoint } from '../process/failpoint.ts';
import { type IndexedExecution, type IndexedTransaction, indexedTransactions } from './indexed-transactions.ts';
import { encodeBlockReads, KEPT_READS_BLOCKS } from './read-records.ts';
import { decodeStoredReceipt, encodeBlockReceipts, encodeStoredReceipt, positionKey } from './receipt-records.ts';
import {
  accountPositionKey,
  addressKey,
  type ChainPosition,
  encodeAccount,
  encodeAddress,
  encodeDiscouragement,
  encodeHeaderRecord,
  encodeJournalEntry,
  encodePosition,
  encodeSlot,
  encodeTip,
  hashKey,
  headerKey,
  heightKey,
  slotTableKey,
  textKey,
} from './records.ts';
import type { Table, TableName } from './tables.ts';

type TableSet = Readonly<Record<TableName, Table>>;

/** Key of the tip in table `meta`. */
export const TIP_KEY = textKey('tip');

/**
 * What a write did to the tip: its new value, or the old one.
 * @param keptReads blocks whose reads are kept
 */
export function applyWrite(
  tables: TableSet,
  tip: StoredTip,
  write: StoreWrite,
  keptReads = KEPT_READS_BLOCKS,
): StoredTip {
  switch (write.kind) {
    case 'header':
      tables.headers.put(headerKey(write.record.height, write.record.hash), encodeHeaderRecord(write.record));
      return tip;
    case 'body':
      tables.bodies.put(hashKey(write.blockHash), write.raw);
      return tip;
    case 'connect':
      return connect(tables, tip, write, keptReads);
    case 'disconnect':
      return disconnect(tables, tip, write);
    case 'journal-put':
      tables.journal.put(hashKey(write.entry.txid), encodeJournalEntry(write.entry));
      return tip;
    case 'journal-delete':
      tables.journal.delete(hashKey(write.txid));
      return tip;
    case 'address-put':
      tables.addresses.put(textKey(write.address.url), encodeAddress(write.address));
      return tip;
    case 'address-delete':
      tables.addresses.delete(textKey(write.url));
      return tip;
    case 'discourage':
      tables.discouraged.put(textKey(write.entry.key), encodeDiscouragement(write.entry));
      return tip;
    case 'discourage-end':
      tables.discouraged.delete(textKey(write.key));
      return tip;
  }
}

/** Writes what every store starts with. Genesis is not connected: there is no undo record, and its state is given. */
export function writeGenesis(tables: TableSet, params: Network, nowMs: number): StoredTip {
  const { genesis } = params;
  const change = genesisChange(params);
  const { stateRoot } = change;
  assertInvariant(coinbaseOf(genesis).stateRoot === stateRoot, 'the genesis block commits to the genesis state');
  tables.headers.put(headerKey(0, genesis.hash), encodeHeaderRecord(genesisRecord(params, nowMs)));
  tables.bodies.put(hashKey(genesis.hash), genesis.raw);
  writeState(tables, change);
  addIndexes(
    tables,
    indexedTransactions(genesis, 0, () => undefined),
    genesis.hash,
    0,
  );
  return writeTip(tables, { hash: genesis.hash, height: 0, stateRoot });
}

function connect(
  tables: TableSet,
  tip: StoredTip,
  write: StoreWrite & { kind: 'connect' },
  keptReads: number,
): StoredTip {
  const { block, height, change, undo, receipts, reads } = write;
  const next = tipAfter(tip, write, storedBlocks(tables));
  writeState(tables, change);
  tables.undo.put(hashKey(block.hash), encodeUndo(undo));
  const executions = new Map(receipts.map((each) => [each.txid, each]));
  const executionAt = (index: number) => executions.get(block.transactions[index]?.txid ?? '');
  addIndexes(tables, indexedTransactions(block, height, executionAt), block.hash, height);
  if (receipts.length > 0) {
    addReceipts(tables, write);
    tables.reads.put(heightKey(height), encodeBlockReads(reads));
  }
  if (height >= keptReads) tables.reads.delete(heightKey(height - keptReads));
  // While catching up nothing is pending, and nothing is looked for.
  if (!tables.journal.isEmpty) for (const { txid } of block.transactions) tables.journal.delete(hashKey(txid));
  failpoint('block-connected');
  return writeTip(tables, next);
}

function disconnect(tables: TableSet, tip: StoredTip, write: StoreWrite & { kind: 'disconnect' }): StoredTip {
  const { block, height, change, returned } = write;
  const next = tipAfter(tip, write, storedBlocks(tables));
  writeState(tables, change);
  tables.undo.delete(hashKey(block.hash));
  const executionAt = (index: number) => storedExecution(tables, { height, index });
  removeIndexes(tables, indexedTransactions(block, height, executionAt), height);
  removeReceipts(tables, block, height);
  tables.reads.delete(heightKey(height));
  for (const entry of returned) tables.journal.put(hashKey(entry.txid), encodeJournalEntry(entry));
  failpoint('block-disconnected');
  return writeTip(tables, next);
}

function storedBlocks(tables: TableSet): StoredBlockReader {
  return {
    hasBody: (hash) => tables.bodies.has(hashKey(hash)),
    undo: (hash) => tables.undo.get(hashKey(hash)),
  };
}

function writeState(tables: TableSet, change: StateChange): void {
  for (const [address, account] of change.accounts) {
    if (account === undefined) tables.accounts.delete(addressKey(address));
    else tables.accounts.put(addressKey(address), encodeAccount(account));
  }
  for (const [contract, values] of change.slots) {
    for (const [path, value] of values) {
      if (value === undefined) tables.slots.delete(slotTableKey(contract, path));
      else tables.slots.put(slotTableKey(contract, path), encodeSlot({ path, value }));
    }
  }
  for (const [codeHash, source] of change.codes) {
    if (source === undefined) tables.codes.delete(hashKey(codeHash));
    else tables.codes.put(hashKey(codeHash), source);
  }
  for (const hash of change.nodesRemoved) tables.stateNodes.delete(hashKey(hash));
  for (const [hash, node] of change.nodesAdded) tables.stateNodes.put(hashKey(hash), node);
}

function writeTip(tables: TableSet, tip: StoredTip): StoredTip {
  tables.meta.put(TIP_KEY, encodeTip(tip));
  return tip;
}

function addIndexes(tables: TableSet, indexed: Iterable<IndexedTransaction>, blockHash: Hash, height: number): void {
  tables.heights.put(heightKey(height), hashKey(blockHash));
  for (const { txid, position, addresses } of indexed) {
    tables.transactions.put(hashKey(txid), encodePosition(position));
    for (const address of addresses)
      tables.accountTransactions.put(accountPositionKey(address, position), hashKey(txid));
  }
}

function removeIndexes(tables: TableSet, indexed: Iterable<IndexedTransaction>, height: number): void {
  tables.heights.delete(heightKey(height));
  for (const { txid, position, addresses } of indexed) {
    tables.transactions.delete(hashKey(txid));
    for (const address of addresses) tables.accountTransactions.delete(accountPositionKey(address, position));
  }
}

/** The receipts of a block, and what proves them against the block's state root, whatever the state becomes later. */
function addReceipts(tables: TableSet, { block, height, change, receipts }: StoreWrite & { kind: 'connect' }): void {
  const positions = new Map(block.transactions.map(({ txid }, index) => [txid, index]));
  let gasUsed = 0;
  for (const { txid, receipt, bytes, failure, payments } of receipts) {
    const index = positions.get(txid);
    assertInvariant(index !== undefined, `receipt of ${txid}, which is not in block ${block.hash}`);
    tables.receipts.put(positionKey({ height, index }), encodeStoredReceipt({ bytes, failure, payments }));
    gasUsed += receipt.gasUsed;
  }
  const nodes = { stateNode: (hash: NodeHash) => tables.stateNodes.get(hashKey(hash)) };
  const { siblings } = stateProof(nodes, change.stateRoot, RECEIPTS_KEY);
  const root = bytesToHex(receiptsRoot(receipts.map(({ txid, bytes }) => receiptLeaf(txid, bytes))));
  const { length: count } = receipts;
  tables.blockReceipts.put(heightKey(height), encodeBlockReceipts({ count, gasUsed, root, siblings }));
}

function removeReceipts(tables: TableSet, block: Block, height: number): void {
  tables.blockReceipts.delete(heightKey(height));
  for (const [index, { kind }] of block.transactions.entries()) {
    if (kind === 'deploy' || kind === 'call') tables.receipts.delete(positionKey({ height, index }));
  }
}

/** What a stored receipt says of the accounts that its transaction touched. */
function storedExecution(tables: TableSet, position: ChainPosition): IndexedExecution | undefined {
  const value = tables.receipts.get(positionKey(position));
  if (value === undefined) return undefined;
  const { bytes, payments } = decodeStoredReceipt(value);
  return { receipt: decodeReceipt(bytes), payments: payments ?? [] };
}
