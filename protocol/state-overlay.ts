import type { Address } from '../consensus/address.ts';
import type { StateChange, StateView } from '../consensus/connect.ts';
import type { Account } from '../consensus/state.ts';
import type { NodeHash } from '../consensus/state-tree.ts';

/** A state with changes on top that are not part of it, or not yet. */
export class StateOverlay implements StateView {
  readonly #base: StateView;
  #stateRoot: NodeHash | null = null;
  readonly #accounts = new Map<Address, Account | undefined>();
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

  stateNode(hash: NodeHash): Uint8Array | undefined {
    return this.#nodes.has(hash) ? this.#nodes.get(hash) : this.#base.stateNode(hash);
  }

  /** Puts a change on top that was computed on this state. */
  apply(change: StateChange): void {
    this.#stateRoot = change.stateRoot;
    for (const [address, account] of change.accounts) this.#accounts.set(address, account);
    for (const hash of change.nodesRemoved) this.#nodes.set(hash, undefined);
    for (const [hash, node] of change.nodesAdded) this.#nodes.set(hash, node);
  }

  /** Drops all changes. */
  clear(): void {
    this.#stateRoot = null;
    this.#accounts.clear();
    this.#nodes.clear();
  }
}
