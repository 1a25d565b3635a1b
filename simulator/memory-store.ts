import type { Address } from '../consensus/address.ts';
import type { SlotPath } from '../consensus/contract/slot-path.ts';
import { genesisChange, type Network } from '../consensus/genesis.ts';
import type { Hash, NodeHash } from '../consensus/hash.ts';
import type { Account, CodeHash } from '../consensus/state.ts';
import { encodeUndo } from '../consensus/undo.ts';
import type { ChainReader, StoredNode } from '../protocol/chain-reader.ts';
import type {
  JournalEntry,
  StoredAddress,
  StoredDiscouragement,
  StoredHeader,
  StoreWrite,
} from '../protocol/store-writes.ts';
import { type StoredTip, tipAfter } from '../protocol/stored-tip.ts';
import { JournaledMap, type Undo } from './journaled-map.ts';
import type { SeededRandom } from './seeded-random.ts';

/** Blocks that are read at a start, and the number of last blocks of which one may rot. */
const CHECKED_BLOCKS = 6;
const ROTTING_BLOCKS = 12;

/** The disk refused to write: it is full, or broken. Nothing of the transaction is there. */
export class DiskError extends Error {
  override readonly name = 'DiskError';
}

/** What is read is not what was written. */
export class DamageError extends Error {
  override readonly name = 'DamageError';
}

/** Bytes with the checksum that was made when they were written. */
interface Record {
  readonly bytes: Uint8Array;
  readonly checksum: number;
}

/**
 * A node's storage in Maps. What is applied can be read at once, and is lost by `rollback`, as by a power cut, until it is
 * committed. Records have checksums, like those of the real store, so that rot is found when they are read.
 */
export class MemoryStore implements ChainReader, StoredNode {
  /** Why it refuses to commit, as the system would say; null while it works. */
  failure: string | null = null;
  readonly #params: Network;
  readonly #undos: Undo[] = [];
  #tip: StoredTip;
  readonly #headers = new JournaledMap<Hash, StoredHeader>(this.#undos);
  readonly #bodies = new JournaledMap<Hash, Record>(this.#undos);
  readonly #undoRecords = new JournaledMap<Hash, Record>(this.#undos);
  readonly #accounts = new JournaledMap<Address, Account>(this.#undos);
  /** By the contract's address and the path. */
  readonly #slots = new JournaledMap<string, Uint8Array>(this.#undos);
  readonly #codes = new JournaledMap<CodeHash, Uint8Array>(this.#undos);
  readonly #nodes = new JournaledMap<NodeHash, Uint8Array>(this.#undos);
  readonly #journal = new JournaledMap<Hash, JournalEntry>(this.#undos);
  readonly #addresses = new JournaledMap<string, StoredAddress>(this.#undos);
  readonly #discouraged = new JournaledMap<string, StoredDiscouragement>(this.#undos);

  constructor(params: Network) {
    this.#params = params;
    this.#bodies.set(params.genesis.hash, recordOf(params.genesis.raw));
    this.#tip = this.#writeGenesisState();
    this.commit();
  }

  get tip(): Hash {
    return this.#tip.hash;
  }

  get stateRoot(): NodeHash {
    return this.#tip.stateRoot;
  }

  /** Something was applied and not committed yet. */
  get isDirty(): boolean {
    return this.#undos.length > 0;
  }

  account(address: Address): Account | undefined {
    return this.#accounts.get(address);
  }

  accounts(): Iterable<[Address, Account]> {
    return this.#accounts.entries();
  }

  slot(contract: Address, path: SlotPath): Uint8Array | undefined {
    return this.#slots.get(contract + path);
  }

  code(codeHash: CodeHash): Uint8Array | undefined {
    return this.#codes.get(codeHash);
  }

  /** Encoded values by the contract's address and the path, one behind the other. */
  slots(): Iterable<[string, Uint8Array]> {
    return this.#slots.entries();
  }

  codes(): Iterable<[CodeHash, Uint8Array]> {
    return this.#codes.entries();
  }

  stateNode(hash: NodeHash): Uint8Array | undefined {
    return this.#nodes.get(hash);
  }

  body(blockHash: Hash): Uint8Array | undefined {
    return read(this.#bodies.get(blockHash), `body of ${blockHash}`);
  }

  undo(blockHash: Hash): Uint8Array | undefined {
    return read(this.#undoRecords.get(blockHash), `undo record of ${blockHash}`);
  }

  hasBody(blockHash: Hash): boolean {
    return this.#bodies.has(blockHash);
  }

  header(blockHash: Hash): StoredHeader | undefined {
    return this.#headers.get(blockHash);
  }

  headers(): Iterable<StoredHeader> {
    return [...this.#headers.values()].sort((a, b) => a.height - b.height);
  }

  journal(): Iterable<JournalEntry> {
    return this.#journal.values();
  }

  isJournaled(txid: Hash): boolean {
    return this.#journal.has(txid);
  }

  addresses(): Iterable<StoredAddress> {
    return this.#addresses.values();
  }

  discouraged(): Iterable<StoredDiscouragement> {
    return this.#discouraged.values();
  }

  /** All balances together, in base units. */
  supply(): bigint {
    let sum = 0n;
    for (const account of this.#accounts.values()) sum += account.balance;
    return sum;
  }

  apply(writes: readonly StoreWrite[]): void {
    for (const write of writes) this.#applyOne(write);
  }

  /** Makes durable what was applied. Where the disk fails, reverts it and throws `DiskError`. */
  commit(): void {
    if (this.failure !== null) {
      this.rollback();
      throw new DiskError(this.failure);
    }
    this.#undos.length = 0;
  }

  /** Reverts what was applied since the last commit. */
  rollback(): void {
    for (let undo = this.#undos.pop(); undo; undo = this.#undos.pop()) undo();
  }

  /** Reads the last blocks of the chain, as a start does. Throws `DamageError`. */
  checkLatest(): void {
    for (const { hash } of this.#latest(CHECKED_BLOCKS)) {
      this.body(hash);
      this.undo(hash);
    }
  }

  /** Flips a bit of the body or undo record of one of the last blocks, as time does to disks. False when there is none yet. */
  rot(random: SeededRandom): boolean {
    const records = random.chance(0.5) ? this.#bodies : this.#undoRecords;
    const hash = random.pick(this.#latest(ROTTING_BLOCKS))?.hash;
    const found = hash === undefined ? undefined : records.get(hash);
    if (hash === undefined || !found) return false;
    const { bytes, checksum } = found;
    const rotten = new Uint8Array(bytes);
    const position = random.below(rotten.length);
    rotten[position] = (rotten[position] ?? 0) ^ (1 << random.below(8));
    records.set(hash, { bytes: rotten, checksum });
    this.commit();
    return true;
  }

  /** Goes back to genesis and keeps all intact blocks, to be connected again; damaged ones are dropped. */
  reindex(): void {
    for (const key of [...this.#undoRecords.keys()]) this.#undoRecords.delete(key);
    for (const key of [...this.#accounts.keys()]) this.#accounts.delete(key);
    for (const key of [...this.#slots.keys()]) this.#slots.delete(key);
    for (const key of [...this.#codes.keys()]) this.#codes.delete(key);
    for (const key of [...this.#nodes.keys()]) this.#nodes.delete(key);
    const lost = new Set<Hash>();
    for (const record of this.headers()) {
      const { hash, header, bodyBytes } = record;
      const body = this.#bodies.get(hash);
      const isWhole = body !== undefined && isIntact(body);
      if (!isWhole) this.#bodies.delete(hash);
      if (!isWhole || lost.has(header.prevHash)) lost.add(hash);
      const arrival = lost.has(hash) ? 0 : record.arrival;
      if (hash !== this.#params.genesis.hash)
        this.#headers.set(hash, { ...record, arrival, bodyBytes: isWhole ? bodyBytes : 0 });
    }
    this.#tip = this.#writeGenesisState();
    this.commit();
  }

  /** Headers of the last blocks of the chain, tip first, without genesis. */
  #latest(count: number): StoredHeader[] {
    const latest: StoredHeader[] = [];
    let walk = this.#headers.get(this.#tip.hash);
    for (; walk && walk.height > 0 && latest.length < count; walk = this.#headers.get(walk.header.prevHash)) {
      latest.push(walk);
    }
    return latest;
  }

  /** Genesis is not connected: its state is given. */
  #writeGenesisState(): StoredTip {
    const { genesis, genesisState } = this.#params;
    for (const [address, account] of genesisState) if (account) this.#accounts.set(address, account);
    const { nodesAdded, stateRoot } = genesisChange(this.#params);
    for (const [hash, node] of nodesAdded) this.#nodes.set(hash, node);
    return { hash: genesis.hash, height: 0, stateRoot };
  }

  #applyOne(write: StoreWrite): void {
    switch (write.kind) {
      case 'header':
        this.#headers.set(write.record.hash, write.record);
        return;
      case 'body':
        this.#bodies.set(write.blockHash, recordOf(write.raw));
        return;
      case 'connect':
        this.#moveTip(write);
        this.#undoRecords.set(write.block.hash, recordOf(encodeUndo(write.undo)));
        for (const { txid } of write.block.transactions) this.#journal.delete(txid);
        return;
      case 'disconnect':
        this.#moveTip(write);
        this.#undoRecords.delete(write.block.hash);
        for (const entry of write.returned) this.#journal.set(entry.txid, entry);
        return;
      case 'journal-put':
        this.#journal.set(write.entry.txid, write.entry);
        return;
      case 'journal-delete':
        this.#journal.delete(write.txid);
        return;
      case 'address-put':
        this.#addresses.set(write.address.url, write.address);
        return;
      case 'address-delete':
        this.#addresses.delete(write.url);
        return;
      case 'discourage':
        this.#discouraged.set(write.entry.key, write.entry);
        return;
      case 'discourage-end':
        this.#discouraged.delete(write.key);
        return;
    }
  }

  /** @throws InvariantError where the write does not belong on the tip */
  #moveTip(write: Extract<StoreWrite, { kind: 'connect' | 'disconnect' }>): void {
    const before = this.#tip;
    this.#tip = tipAfter(before, write, this);
    this.#undos.push(() => {
      this.#tip = before;
    });
    const { change } = write;
    for (const [address, account] of change.accounts) {
      if (account) this.#accounts.set(address, account);
      else this.#accounts.delete(address);
    }
    for (const [contract, values] of change.slots) {
      for (const [path, value] of values) {
        if (value) this.#slots.set(contract + path, value);
        else this.#slots.delete(contract + path);
      }
    }
    for (const [codeHash, source] of change.codes) {
      if (source) this.#codes.set(codeHash, source);
      else this.#codes.delete(codeHash);
    }
    for (const hash of change.nodesRemoved) this.#nodes.delete(hash);
    for (const [hash, node] of change.nodesAdded) this.#nodes.set(hash, node);
  }
}

function recordOf(bytes: Uint8Array): Record {
  return { bytes, checksum: checksumOf(bytes) };
}

function isIntact({ bytes, checksum }: Record): boolean {
  return checksumOf(bytes) === checksum;
}

function read(record: Record | undefined, what: string): Uint8Array | undefined {
  if (record && !isIntact(record)) throw new DamageError(`${what} is not what was written`);
  return record?.bytes;
}

/** FNV-1a: enough to notice one flipped bit. */
function checksumOf(bytes: Uint8Array): number {
  let hash = 0x811c_9dc5;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x0100_0193);
  return hash >>> 0;
}
