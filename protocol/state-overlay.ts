import type { Address } from '../consensus/address.ts';
import type { SlotPath } from '../consensus/contract/slot-path.ts';
import type { NodeHash } from '../consensus/hash.ts';
import type { Account, CodeHash } from '../consensus/state.ts';
import type { StateChange, StateView } from '../consensus/state-change.ts';

/** A state with changes on top that are not part of it, or not yet. */
export class StateOverlay implements StateView {
  readonly #base: StateView;
  #stateRoot: NodeHash | null = null;
  readonly #accounts = new Map<Address, Account | undefined>();
  readonly #slots = new Map<Address, Map<SlotPath, Uint8Array | undefined>>();
  readonly #codes = new Map<CodeHash, Uint8Array | undefined>();
  readonly #nodes = new Map<NodeHash, Uint8Array | undefined>();

  constructor(base: StateView) {
    this.#base = base;
  }

  get hasChanges(): boolean {
    return this.#stateRoot !== null;
  }

  get stateRoot(): NodeHash {
    return this.#stateRoot ?? this.#base.stateRoot;
  }

  account(address: Address): Account | undefined {
    return this.#accounts.has(address) ? this.#accounts.get(address) : this.#base.account(address);
  }

  slot(contract: Address, path: SlotPath): Uint8Array | undefined {
    const changed = this.#slots.get(contract);
    return changed?.has(path) ? changed.get(path) : this.#base.slot(contract, path);
  }

  code(codeHash: CodeHash): Uint8Array | undefined {
    return this.#codes.has(codeHash) ? this.#codes.get(codeHash) : this.#base.code(codeHash);
  }

  stateNode(hash: NodeHash): Uint8Array | undefined {
    return this.#nodes.has(hash) ? this.#nodes.get(hash) : this.#base.stateNode(hash);
  }

  /** Puts a change on top that was computed on this state. */
  apply(change: StateChange): void {
    this.#stateRoot = change.stateRoot;
    for (const [address, account] of change.accounts) this.#accounts.set(address, account);
    for (const [contract, values] of change.slots) {
      const changed = this.#slots.get(contract) ?? new Map<SlotPath, Uint8Array | undefined>();
      this.#slots.set(contract, changed);
      for (const [path, value] of values) changed.set(path, value);
    }
    for (const [codeHash, source] of change.codes) this.#codes.set(codeHash, source);
    for (const hash of change.nodesRemoved) this.#nodes.set(hash, undefined);
    for (const [hash, node] of change.nodesAdded) this.#nodes.set(hash, node);
  }

  /** Drops all changes. */
  clear(): void {
    this.#stateRoot = null;
    this.#accounts.clear();
    this.#slots.clear();
    this.#codes.clear();
    this.#nodes.clear();
  }
}
