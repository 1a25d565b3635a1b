import type { Address } from '../consensus/address.ts';
import { encodeUndo, type StateView } from '../consensus/connect.ts';
import type { Hash } from '../consensus/hash.ts';
import type { Account } from '../consensus/state.ts';
import type { NodeHash } from '../consensus/state-tree.ts';
import type { ChainReader } from './chain-reader.ts';
import type { StoreWrite } from './store-writes.ts';

/**
 * The chain reader as it will be once the writes of the current event are performed: connecting two blocks within one
 * event, the second must see the state after the first. Cleared at the next event, when the store has caught up.
 */
export class PendingState implements StateView {
  readonly #reader: ChainReader;
  #stateRoot: NodeHash | null = null;
  readonly #accounts = new Map<Address, Account | undefined>();
  readonly #nodes = new Map<NodeHash, Uint8Array | undefined>();
  readonly #bodies = new Map<Hash, Uint8Array>();
  readonly #undos = new Map<Hash, Uint8Array | undefined>();

  constructor(reader: ChainReader) {
    this.#reader = reader;
  }

  get stateRoot(): NodeHash {
    return this.#stateRoot ?? this.#reader.stateRoot;
  }

  account(address: Address): Account | undefined {
    return this.#accounts.has(address) ? this.#accounts.get(address) : this.#reader.account(address);
  }

  stateNode(hash: NodeHash): Uint8Array | undefined {
    return this.#nodes.has(hash) ? this.#nodes.get(hash) : this.#reader.stateNode(hash);
  }

  body(blockHash: Hash): Uint8Array | undefined {
    return this.#bodies.get(blockHash) ?? this.#reader.body(blockHash);
  }

  undo(blockHash: Hash): Uint8Array | undefined {
    return this.#undos.has(blockHash) ? this.#undos.get(blockHash) : this.#reader.undo(blockHash);
  }

  /** Records writes that have been emitted but not yet performed. */
  apply(writes: readonly StoreWrite[]): void {
    for (const write of writes) {
      if (write.kind === 'body') this.#bodies.set(write.blockHash, write.raw);
      if (write.kind !== 'connect' && write.kind !== 'disconnect') continue;
      const { change, block } = write;
      this.#stateRoot = change.stateRoot;
      for (const [address, account] of change.accounts) this.#accounts.set(address, account);
      for (const hash of change.nodesRemoved) this.#nodes.set(hash, undefined);
      for (const [hash, node] of change.nodesAdded) this.#nodes.set(hash, node);
      this.#undos.set(block.hash, write.kind === 'connect' ? encodeUndo(write.undo) : undefined);
    }
  }

  /** The store has performed everything: read from it again. */
  clear(): void {
    if (this.#stateRoot === null && this.#bodies.size === 0) return;
    this.#stateRoot = null;
    this.#accounts.clear();
    this.#nodes.clear();
    this.#bodies.clear();
    this.#undos.clear();
  }
}
