import { encodeUndo, type StateChange } from '../consensus/connect.ts';
import type { Hash } from '../consensus/hash.ts';
import type { NetworkParams } from '../consensus/params.ts';
import type { Account } from '../consensus/state.ts';
import { EMPTY_ROOT, type NodeHash, updateStateTree } from '../consensus/state-tree.ts';
import type { Address } from '../consensus/transaction.ts';
import type { ChainReader, StoredNode } from '../protocol/chain-reader.ts';
import type {
  JournalEntry,
  StoredAddress,
  StoredDiscouragement,
  StoredHeader,
  StoreWrite,
} from '../protocol/store-writes.ts';

/** A node's storage in Maps. Survives a restart of the node, as a disk would. */
export class MemoryStore implements ChainReader, StoredNode {
  tip: Hash;
  stateRoot: NodeHash;
  readonly #headers = new Map<Hash, StoredHeader>();
  readonly #bodies = new Map<Hash, Uint8Array>();
  readonly #undos = new Map<Hash, Uint8Array>();
  readonly #accounts = new Map<Address, Account>();
  readonly #nodes = new Map<NodeHash, Uint8Array>();
  readonly #journal = new Map<Hash, JournalEntry>();
  readonly #addresses = new Map<string, StoredAddress>();
  readonly #discouraged = new Map<string, StoredDiscouragement>();

  constructor(params: NetworkParams) {
    this.tip = params.genesis.hash;
    this.#bodies.set(params.genesis.hash, params.genesis.raw);
    for (const [address, account] of params.genesisState) if (account) this.#accounts.set(address, account);
    const tree = updateStateTree({ stateNode: () => undefined }, EMPTY_ROOT, params.genesisState);
    for (const [hash, node] of tree.added) this.#nodes.set(hash, node);
    this.stateRoot = tree.root;
  }

  account(address: Address): Account | undefined {
    return this.#accounts.get(address);
  }

  stateNode(hash: NodeHash): Uint8Array | undefined {
    return this.#nodes.get(hash);
  }

  body(blockHash: Hash): Uint8Array | undefined {
    return this.#bodies.get(blockHash);
  }

  undo(blockHash: Hash): Uint8Array | undefined {
    return this.#undos.get(blockHash);
  }

  headers(): Iterable<StoredHeader> {
    return [...this.#headers.values()].sort((a, b) => a.height - b.height);
  }

  journal(): Iterable<JournalEntry> {
    return this.#journal.values();
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

  #applyOne(write: StoreWrite): void {
    switch (write.kind) {
      case 'header':
        this.#headers.set(write.record.hash, write.record);
        return;
      case 'body':
        this.#bodies.set(write.blockHash, write.raw);
        return;
      case 'connect':
        this.#applyChange(write.change);
        this.#undos.set(write.block.hash, encodeUndo(write.undo));
        this.tip = write.block.hash;
        for (const { txid } of write.block.transactions) this.#journal.delete(txid);
        return;
      case 'disconnect':
        this.#applyChange(write.change);
        this.#undos.delete(write.block.hash);
        this.tip = write.block.header.prevHash;
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

  #applyChange(change: StateChange): void {
    for (const [address, account] of change.accounts) {
      if (account) this.#accounts.set(address, account);
      else this.#accounts.delete(address);
    }
    for (const hash of change.nodesRemoved) this.#nodes.delete(hash);
    for (const [hash, node] of change.nodesAdded) this.#nodes.set(hash, node);
    this.stateRoot = change.stateRoot;
  }
}
