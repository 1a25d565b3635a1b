import type { Hash, NodeHash } from '../consensus/hash.ts';
import type { AccountReader, ContractReader } from '../consensus/state.ts';
import type { StateNodeReader } from '../consensus/state-tree.ts';
import type { JournalEntry, StoredAddress, StoredDiscouragement, StoredHeader } from './store-writes.ts';

/**
 * All that the core reads from storage: small and synchronous. It answers for the state at the stored tip and sees
 * every write of the effects that were performed before. A Map in the simulator, LMDB's synchronous reads in the server.
 */
export interface ChainReader extends AccountReader, ContractReader, StateNodeReader {
  /** State root at the stored tip. */
  readonly stateRoot: NodeHash;
  /** Raw bytes of a stored block; undefined where the body is unknown. */
  body(blockHash: Hash): Uint8Array | undefined;
  /** Encoded undo record of a block on the active chain. */
  undo(blockHash: Hash): Uint8Array | undefined;
}

/** What the core loads once, when it starts. Headers come in an order in which parents precede children. */
export interface StoredNode {
  readonly tip: Hash;
  headers(): Iterable<StoredHeader>;
  journal(): Iterable<JournalEntry>;
  addresses(): Iterable<StoredAddress>;
  discouraged(): Iterable<StoredDiscouragement>;
}
