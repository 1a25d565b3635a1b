import type { Address } from '../consensus/address.ts';
import type { SlotPath } from '../consensus/contract/slot-path.ts';
import { genesisChange, type Network } from '../consensus/genesis.ts';
import type { NodeHash } from '../consensus/hash.ts';
import type { Account, CodeHash } from '../consensus/state.ts';
import type { StateChange, StateView } from '../consensus/state-change.ts';
import { EMPTY_ROOT } from '../consensus/state-tree.ts';

/** A whole state in memory, to replay or build a chain on. */
export class MemoryState implements StateView {
  stateRoot: NodeHash = EMPTY_ROOT;
  readonly accounts = new Map<Address, Account>();
  readonly slots = new Map<Address, Map<SlotPath, Uint8Array>>();
  readonly codes = new Map<CodeHash, Uint8Array>();
  readonly nodes = new Map<NodeHash, Uint8Array>();

  /** The genesis state of a network. */
  static genesis(network: Pick<Network, 'genesisState'>): MemoryState {
    const state = new MemoryState();
    state.apply(genesisChange(network));
    return state;
  }

  account(address: Address): Account | undefined {
    return this.accounts.get(address);
  }

  slot(contract: Address, path: SlotPath): Uint8Array | undefined {
    return this.slots.get(contract)?.get(path);
  }

  code(codeHash: CodeHash): Uint8Array | undefined {
    return this.codes.get(codeHash);
  }

  stateNode(hash: NodeHash): Uint8Array | undefined {
    return this.nodes.get(hash);
  }

  /** Turns it into the state after a change that was computed on it. */
  apply(change: StateChange): void {
    this.stateRoot = change.stateRoot;
    applyTo(this.accounts, change.accounts);
    for (const [contract, values] of change.slots) {
      const slots = this.slots.get(contract) ?? new Map<SlotPath, Uint8Array>();
      applyTo(slots, values);
      if (slots.size > 0) this.slots.set(contract, slots);
      else this.slots.delete(contract);
    }
    applyTo(this.codes, change.codes);
    for (const hash of change.nodesRemoved) this.nodes.delete(hash);
    for (const [hash, node] of change.nodesAdded) this.nodes.set(hash, node);
  }

  /** Another one with the same content. */
  copy(): MemoryState {
    const copy = new MemoryState();
    copy.stateRoot = this.stateRoot;
    for (const [address, account] of this.accounts) copy.accounts.set(address, account);
    for (const [contract, slots] of this.slots) copy.slots.set(contract, new Map(slots));
    for (const [codeHash, source] of this.codes) copy.codes.set(codeHash, source);
    for (const [hash, node] of this.nodes) copy.nodes.set(hash, node);
    return copy;
  }
}

function applyTo<V>(map: Map<string, V>, changes: ReadonlyMap<string, V | undefined>): void {
  for (const [key, value] of changes) {
    if (value === undefined) map.delete(key);
    else map.set(key, value);
  }
}
