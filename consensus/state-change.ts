import type { NodeHash } from './hash.ts';
import type { AccountChanges, AccountReader, CodeChanges, ContractReader, SlotChanges } from './state.ts';
import type { StateNodeReader } from './state-tree.ts';

/** The state after some block. */
export interface StateView extends AccountReader, ContractReader, StateNodeReader {
  readonly stateRoot: NodeHash;
}

/** The writes that turn the state after one block into the state after another. */
export interface StateChange {
  readonly stateRoot: NodeHash;
  readonly accounts: AccountChanges;
  readonly slots: SlotChanges;
  readonly codes: CodeChanges;
  readonly nodesAdded: ReadonlyMap<NodeHash, Uint8Array>;
  readonly nodesRemoved: ReadonlySet<NodeHash>;
}
