import { rmSync } from 'node:fs';
import type { Address } from '../../consensus/address.ts';
import { type Block, decodeBlock } from '../../consensus/block.ts';
import type { BlockReads } from '../../consensus/block-seal.ts';
import type { SlotPath } from '../../consensus/contract/slot-path.ts';
import type { Network } from '../../consensus/genesis.ts';
import type { Hash, NodeHash } from '../../consensus/hash.ts';
import { hexToBytes } from '../../consensus/hex.ts';
import type { Account, CodeHash } from '../../consensus/state.ts';
import type { ChainReader, StoredNode } from '../../protocol/chain-reader.ts';
import type {
  JournalEntry,
  StoredAddress,
  StoredDiscouragement,
  StoredHeader,
  StoreWrite,
} from '../../protocol/store-writes.ts';
import type { StoredTip } from '../../protocol/stored-tip.ts';
import { makeFolder } from '../files/make-folder.ts';
import type { UserKey } from '../files/user-key.ts';
import { failpoint } from '../process/failpoint.ts';
import { applyWrite, writeGenesis } from './apply-write.ts';
import {
  chainPath,
  checkNetwork,
  installNewChain,
  makeTemporaryFolder,
  newChainPath,
  prepareFolder,
  proveRoom,
  removeFileChecksum,
  settleFolder,
} from './folder.ts';
import { lockFolder } from './folder-lock.ts';
import { checkDatabaseFile, noteFileChecksum } from './open-check.ts';
import { openFailure, readTip, takePlace } from './open-tables.ts';
import { decodeBlockReads } from './read-records.ts';
import {
  type BlockReceipts,
  decodeBlockReceipts,
  decodeStoredReceipt,
  positionKey,
  positionOfReceipt,
  type StoredReceipt,
} from './receipt-records.ts';
import { type PlacedReceipt, receiptsBelow, receiptsOfAccount } from './receipt-scan.ts';
import {
  accountPositionKey,
  addressKey,
  type ChainPosition,
  decodeAccount,
  decodeAddress,
  decodeDiscouragement,
  decodeHeaderRecord,
  decodeJournalEntry,
  decodePosition,
  decodeSlot,
  hashKey,
  hashOfHeaderKey,
  hashOfKey,
  headerKey,
  heightKey,
  positionOfKey,
  type StoredSlot,
  slotKeyOf,
  slotTableKey,
  slotTableKeys,
} from './records.ts';
import { copyRows, type RowCopy, restoreRows } from './row-copy.ts';
import { damagedFolder, diskFailure, StoreError } from './store-error.ts';
import { type TableName, Tables } from './tables.ts';

/** Above every position: where reading an account's newest transactions starts. */
const AFTER_ALL: ChainPosition = { height: 0xffff_ffff, index: 0xffff_ffff };

export interface StoreOptions {
  /** The data folder, created where it is missing; null uses a temporary folder that is removed at the end. */
  readonly directory: string | null;
  readonly params: Network;
  /** The user's key; without it, and with `audit`, every page of the file is checked before it is mapped. */
  readonly key?: UserKey | null;
  readonly audit?: boolean;
  /** Opened without running a node: even in a copy, stored peers and the noted place are left unchanged. */
  readonly isInspection?: boolean;
  /** When a new chain is said to have been created, in Unix milliseconds; default: now. */
  readonly createdMs?: number | undefined;
  /** Blocks whose reads are kept; default: `KEPT_READS_BLOCKS`. */
  readonly keptReads?: number | undefined;
}

/** A transaction of the active chain that touches an account. */
export interface AccountTransaction extends ChainPosition {
  readonly txid: Hash;
}

/** Applies writes inside a transaction. Reads see them immediately, except header records, which are written at its end. */
export type ApplyWrites = (writes: readonly StoreWrite[]) => void;

/**
 * The persistent state of a node: one LMDB environment. Reads are synchronous and see the last write. Writes happen in
 * transactions that are complete and on disk when they return, or did not happen.
 */
export class Store implements ChainReader, StoredNode {
  /** The data folder; for an ephemeral store a temporary one. */
  readonly directory: string;
  readonly #tables: Tables;
  readonly #onClosed: (isClean: boolean) => void;
  readonly #keptReads: number | undefined;
  #tip: StoredTip;
  /** Set once a write has failed: later writes are rejected, so that nothing is acknowledged that may be lost. */
  #failure: StoreError | null = null;
  #isClosed = false;

  private constructor(
    tables: Tables,
    directory: string,
    tip: StoredTip,
    onClosed: (isClean: boolean) => void,
    keptReads?: number,
  ) {
    this.#tables = tables;
    this.directory = directory;
    this.#tip = tip;
    this.#onClosed = onClosed;
    this.#keptReads = keptReads;
  }

  /** Opens the data folder, or creates it with the genesis block. Throws `StoreError`. */
  static async open({ directory, ...options }: StoreOptions): Promise<Store> {
    return directory === null ? Store.#openEphemeral(options) : Store.#openFolder(directory, options);
  }

  /**
   * Starts a chain from genesis in an empty folder of its own, without lock or label: the ground on which a folder is
   * created or rebuilt. `directory` is the data folder that messages name.
   */
  static createAt(
    path: string,
    directory: string,
    params: Network,
    { createdMs = Date.now(), ...options }: { durable: boolean; createdMs?: number | undefined },
  ): Store {
    makeFolder(path);
    proveRoom(path, directory);
    const tables = Tables.open(path, directory, options);
    const tip = tables.transact(() => writeGenesis(tables.tables, params, createdMs));
    return new Store(tables, directory, tip, () => {});
  }

  static async #openFolder(
    directory: string,
    { params, key = null, audit = false, isInspection = false, createdMs, keptReads }: Omit<StoreOptions, 'directory'>,
  ): Promise<Store> {
    prepareFolder(directory);
    failpoint('folder-prepared');
    const lock = lockFolder(directory);
    failpoint('folder-locked');
    let tables: Tables | null = null;
    try {
      if (!settleFolder(directory)) {
        void Store.createAt(newChainPath(directory), directory, params, { durable: true, createdMs }).#tables.close();
        failpoint('chain-created');
        installNewChain(directory, params);
      }
      failpoint('folder-settled');
      checkNetwork(directory, params);
      checkDatabaseFile(directory, audit ? null : key);
      failpoint('file-checked');
      removeFileChecksum(directory);
      failpoint('checksum-removed');
      tables = Tables.open(chainPath(directory), directory, { durable: true });
      failpoint('environment-open');
      const tip = readTip(tables, directory);
      if (!isInspection) takePlace(tables, directory);
      const onClosed = (isClean: boolean) => {
        failpoint('environment-closed');
        if (isClean) noteFileChecksum(directory, key);
        failpoint('checksum-noted');
        lock.release();
        failpoint('folder-released');
      };
      return new Store(tables, directory, tip, onClosed, keptReads);
    } catch (error) {
      // The environment first: the next owner of the lock opens the same file.
      await tables?.close();
      lock.release();
      throw openFailure(directory, error);
    }
  }

  static #openEphemeral({ params, createdMs, keptReads }: Omit<StoreOptions, 'directory'>): Store {
    const directory = makeTemporaryFolder();
    const remove = (): void => rmSync(directory, { recursive: true, force: true });
    let store: Store;
    try {
      store = Store.createAt(chainPath(directory), directory, params, { durable: false, createdMs });
    } catch (error) {
      remove();
      throw error instanceof StoreError ? error : diskFailure(directory, 'write to', error);
    }
    // Open files survive the removal of their names, so nothing is left behind however the process ends. Not on Windows.
    if (process.platform !== 'win32') remove();
    return new Store(store.#tables, directory, store.#tip, remove, keptReads);
  }

  /**
   * Runs `work` inside one write transaction and returns when it is on disk. If `work` throws, everything is
   * rolled back and the error is rethrown. Without writes it costs a few microseconds.
   * Throws `StoreError` `io` if the disk fails; from then on, every transaction throws it.
   */
  transaction<T>(work: (apply: ApplyWrites) => T): T {
    if (this.#failure) throw this.#failure;
    const before = this.#tip;
    // A block's record changes up to three times on its way into the chain, and is not read in between.
    const headers = new Map<Hash, StoreWrite & { kind: 'header' }>();
    let isChanged = false;
    try {
      const outcome = this.#tables.transact(() => {
        const result = work((writes) => {
          isChanged = true;
          for (const write of writes) {
            if (write.kind === 'header') headers.set(write.record.hash, write);
            else this.#tip = applyWrite(this.#tables.tables, this.#tip, write, this.#keptReads);
          }
        });
        for (const write of headers.values()) applyWrite(this.#tables.tables, this.#tip, write);
        if (isChanged) failpoint('before-commit');
        return result;
      });
      if (isChanged) failpoint('after-commit');
      return outcome;
    } catch (error) {
      this.#tip = before;
      if (error instanceof StoreError && error.code === 'io') this.#failure = error;
      throw error;
    }
  }

  /** Hash of the last block of the active chain. */
  get tip(): Hash {
    return this.#tip.hash;
  }

  /** Height of the last block of the active chain. */
  get height(): number {
    return this.#tip.height;
  }

  get stateRoot(): NodeHash {
    return this.#tip.stateRoot;
  }

  account(address: Address): Account | undefined {
    const value = this.#tables.tables.accounts.get(addressKey(address));
    return value && decodeAccount(value);
  }

  slot(contract: Address, path: SlotPath): Uint8Array | undefined {
    const value = this.#tables.tables.slots.get(slotTableKey(contract, path));
    return value && decodeSlot(value).value;
  }

  code(codeHash: CodeHash): Uint8Array | undefined {
    return this.#tables.tables.codes.get(hashKey(codeHash));
  }

  stateNode(hash: NodeHash): Uint8Array | undefined {
    return this.#tables.tables.stateNodes.get(hashKey(hash));
  }

  body(blockHash: Hash): Uint8Array | undefined {
    return this.#tables.tables.bodies.get(hashKey(blockHash));
  }

  undo(blockHash: Hash): Uint8Array | undefined {
    return this.#tables.tables.undo.get(hashKey(blockHash));
  }

  /** A stored block, on the active chain or not. */
  block(blockHash: Hash): Block | undefined {
    const raw = this.body(blockHash);
    return raw && decodeBlock(raw);
  }

  /** The record of a block's header. */
  header(height: number, blockHash: Hash): StoredHeader | undefined {
    const value = this.#tables.tables.headers.get(headerKey(height, blockHash));
    return value && decodeHeaderRecord(blockHash, value);
  }

  /** Block of the active chain at a height. */
  hashAtHeight(height: number): Hash | undefined {
    const value = this.#tables.tables.heights.get(heightKey(height));
    return value && hashOfKey(value);
  }

  /** Position of a transaction in the active chain. */
  transactionLocation(txid: Hash): (ChainPosition & { readonly blockHash: Hash }) | undefined {
    const value = this.#tables.tables.transactions.get(hashKey(txid));
    if (value === undefined) return undefined;
    const position = decodePosition(value);
    const blockHash = this.hashAtHeight(position.height);
    if (blockHash === undefined) throw damagedFolder(this.directory, `there is no block at height ${position.height}`);
    return { ...position, blockHash };
  }

  /** What came of a contract's transaction; undefined unless it is on the active chain. */
  receipt(txid: Hash): StoredReceipt | undefined {
    const position = this.#tables.tables.transactions.get(hashKey(txid));
    const value = position && this.#tables.tables.receipts.get(positionKey(decodePosition(position)));
    return value && decodeStoredReceipt(value);
  }

  /** Receipts of the block of the active chain at a height, in order, each with its transaction's place in the block. */
  *receiptsAt(height: number): Generator<StoredReceipt & { readonly index: number }> {
    const range = { start: positionKey({ height, index: 0 }), end: positionKey({ height: height + 1, index: 0 }) };
    for (const { key, value } of this.#tables.tables.receipts.entries(range)) {
      yield { ...decodeStoredReceipt(value), index: positionOfReceipt(key).index };
    }
  }

  /** What the block of the active chain at a height says of its receipts; undefined for one that has none. */
  blockReceipts(height: number): BlockReceipts | undefined {
    const value = this.#tables.tables.blockReceipts.get(heightKey(height));
    return value && decodeBlockReceipts(value);
  }

  /**
   * What the contracts of the block of the active chain at a height read and did not change; undefined where none was executed,
   * and where it is not kept any more.
   */
  blockReads(height: number): BlockReads | undefined {
    const value = this.#tables.tables.reads.get(heightKey(height));
    return value && decodeBlockReads(value);
  }

  /** Receipts of the active chain, newest first, below a position: all, or those of transactions that touch an account. */
  receiptsBelow(before: ChainPosition, account?: Address): Iterable<PlacedReceipt> {
    const { tables } = this.#tables;
    return account === undefined ? receiptsBelow(tables, before) : receiptsOfAccount(tables, account, before);
  }

  /** The transaction at a position of the active chain, if it touches an account. */
  accountTransactionAt(address: Address, position: ChainPosition): Hash | undefined {
    const value = this.#tables.tables.accountTransactions.get(accountPositionKey(address, position));
    return value && hashOfKey(value);
  }

  /**
   * Transactions of the active chain that touch an account, newest first, at most `limit`, below `before`: it pays or is paid,
   * also by a contract, or is a contract that emitted an event.
   */
  accountTransactions(address: Address, options: { limit: number; before?: ChainPosition }): AccountTransaction[] {
    const range = {
      start: accountPositionKey(address, options.before ?? AFTER_ALL),
      exclusiveStart: true,
      end: accountPositionKey(address, { height: 0, index: 0 }),
      inclusiveEnd: true,
      reverse: true,
      limit: options.limit,
    };
    const entries = this.#tables.tables.accountTransactions.entries(range);
    return Array.from(entries, ({ key, value }) => ({ ...positionOfKey(key), txid: hashOfKey(value) }));
  }

  /** Slots of a contract, in the order of their keys in the tree, those after `after` only. */
  *slotsOf(contract: Address, after?: string): Generator<StoredSlot & { readonly key: string }> {
    const [first, last] = slotTableKeys(contract);
    const start = after === undefined ? first : Buffer.concat([addressKey(contract), hexToBytes(after)]);
    const range = { start, exclusiveStart: after !== undefined, end: last, inclusiveEnd: true };
    for (const { key, value } of this.#tables.tables.slots.entries(range)) {
      yield { ...decodeSlot(value), key: slotKeyOf(key) };
    }
  }

  /** Number of rows of a table. */
  rowCount(table: TableName): number {
    return this.#tables.tables[table].count();
  }

  *accounts(): Generator<[Address, Account]> {
    for (const { key, value } of this.#tables.tables.accounts.entries()) yield [hashOfKey(key), decodeAccount(value)];
  }

  /** All header records, in order of height. */
  *headers(): Generator<StoredHeader> {
    let before: StoredHeader | null = null;
    for (const { key, value } of this.#tables.tables.headers.entries()) {
      before = decodeHeaderRecord(hashOfHeaderKey(key), value, before);
      yield before;
    }
  }

  journalEntry(txid: Hash): JournalEntry | undefined {
    const value = this.#tables.tables.journal.get(hashKey(txid));
    return value && decodeJournalEntry(txid, value);
  }

  /** All journal entries, in order of arrival. */
  journal(): JournalEntry[] {
    const entries = this.#tables.tables.journal.entries();
    return Array.from(entries, ({ key, value }) => decodeJournalEntry(hashOfKey(key), value)).sort(
      (a, b) => a.receivedMs - b.receivedMs,
    );
  }

  addresses(): StoredAddress[] {
    return Array.from(this.#tables.tables.addresses.entries(), ({ key, value }) => decodeAddress(key, value));
  }

  discouraged(): StoredDiscouragement[] {
    return Array.from(this.#tables.tables.discouraged.entries(), ({ key, value }) => decodeDiscouragement(key, value));
  }

  /** A copy of everything that is stored, or of these tables only. */
  copyRows(names?: readonly TableName[]): RowCopy {
    return copyRows(this.#tables.tables, names);
  }

  /**
   * Makes the store equal to a copy of all of its tables, in one transaction: after a crash it is the old or the new one.
   * Throws `StoreError` `io` if the disk fails, as {@link transaction}.
   */
  restoreRows(copy: RowCopy): void {
    this.transaction(() => restoreRows(this.#tables.tables, copy));
    failpoint('state-restored');
    for (const table of Object.values(this.#tables.tables)) table.forgetCounts();
    this.#tip = readTip(this.#tables, this.directory);
  }

  /** Closes the database and releases the folder. No other method may be called afterwards; closing again does nothing. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#tables.close();
    this.#onClosed(this.#failure === null);
  }
}
