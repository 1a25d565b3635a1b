import type { Address } from '../../consensus/address.ts';
import type { StateChange, StateView } from '../../consensus/connect.ts';
import type { Account, AccountChanges } from '../../consensus/state.ts';
import { EMPTY_ROOT, type NodeHash, updateStateTree } from '../../consensus/state-tree.ts';

/** A state in memory, to replay a chain on. */
export class ReplayState implements StateView {
  readonly accounts = new Map<Address, Account>();
  readonly nodes = new Map<NodeHash, Uint8Array>();
  #stateRoot: NodeHash = EMPTY_ROOT;

  constructor(genesisState: AccountChanges) {
    const { root, added, removed } = updateStateTree(this, EMPTY_ROOT, genesisState);
    this.apply({ stateRoot: root, accounts: genesisState, nodesAdded: added, nodesRemoved: removed });
  }

  get stateRoot(): NodeHash {
    return this.#stateRoot;
  }

  account(address: Address): Account | undefined {
    return this.accounts.get(address);
  }

  stateNode(hash: NodeHash): Uint8Array | undefined {
    return this.nodes.get(hash);
  }

  apply(change: StateChange): void {
    this.#stateRoot = change.stateRoot;
    for (const [address, account] of change.accounts) {
      if (account === undefined) this.accounts.delete(address);
      else this.accounts.set(address, account);
    }
    for (const hash of change.nodesRemoved) this.nodes.delete(hash);
    for (const [hash, node] of change.nodesAdded) this.nodes.set(hash, node);
  }
}
