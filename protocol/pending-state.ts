import type { Address } from '../consensus/address.ts';
import type { SlotPath } from '../consensus/contract/slot-path.ts';
import type { Hash, NodeHash } from '../consensus/hash.ts';
import type { Account, CodeHash } from '../consensus/state.ts';
import type { StateView } from '../consensus/state-change.ts';
import { encodeUndo } from '../consensus/undo.ts';
import type { ChainReader } from './chain-reader.ts';
import { StateOverlay } from './state-overlay.ts';
import type { StoreWrite } from './store-writes.ts';

/**
 * The chain reader as it will be once the writes of the current event are performed: connecting two blocks within one
 * event, the second must see the state after the first. Cleared at the next event, when the store has caught up.
 */
export class PendingState implements StateView {
  readonly #reader: ChainReader;
  readonly #state: StateOverlay;
  readonly #bodies = new Map<Hash, Uint8Array>();
  readonly #undos = new Map<Hash, Uint8Array | undefined>();

  constructor(reader: ChainReader) {
    this.#reader = reader;
    this.#state = new StateOverlay(reader);
  }

  get stateRoot(): NodeHash {
    return this.#state.stateRoot;
  }

  account(address: Address): Account | undefined {
    return this.#state.account(address);
  }

  slot(contract: Address, path: SlotPath): Uint8Array | undefined {
    return this.#state.slot(contract, path);
  }

  code(codeHash: CodeHash): Uint8Array | undefined {
    return this.#state.code(codeHash);
  }

  stateNode(hash: NodeHash): Uint8Array | undefined {
    return this.#state.stateNode(hash);
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
      this.#state.apply(write.change);
      this.#undos.set(write.block.hash, write.kind === 'connect' ? encodeUndo(write.undo) : undefined);
    }
  }

  /** The store has performed everything: read from it again. */
  clear(): void {
    if (!this.#state.hasChanges && this.#bodies.size === 0) return;
    this.#state.clear();
    this.#bodies.clear();
    this.#undos.clear();
  }
}
