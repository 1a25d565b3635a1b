import type { Hash } from '../consensus/hash.ts';

/** Why a transaction left the mempool; `operator`: who runs the node dropped it. */
export type RemovalReason = 'confirmed' | 'replaced' | 'expired' | 'evicted' | 'conflict' | 'invalid' | 'operator';

export interface MempoolRemoval {
  readonly txid: Hash;
  readonly reason: RemovalReason;
}

/** What subscribers of a node are told, in the order in which it happened. */
export type Notice =
  /** A block was connected to the active chain; sent for every block, in order, after its commit. */
  | { readonly kind: 'block'; readonly blockHash: Hash; readonly height: number }
  /** Sent before the `block` notices of the blocks that it connected. `disconnected` is tip first, `connected` lowest first. */
  | {
      readonly kind: 'reorg';
      readonly commonAncestor: Hash;
      readonly disconnected: readonly Hash[];
      readonly connected: readonly Hash[];
      readonly returnedToMempool: readonly Hash[];
      readonly dropped: readonly MempoolRemoval[];
    }
  | {
      readonly kind: 'mempool';
      readonly added: readonly Hash[];
      readonly removed: readonly MempoolRemoval[];
      readonly size: number;
    }
  /** The set of connected peers, or what is known of one, changed. */
  | { readonly kind: 'peers' }
  | { readonly kind: 'miner' }
  | { readonly kind: 'sync' }
  /** The host took the node back to an earlier state: nothing that was published before counts any more. */
  | { readonly kind: 'reset' };
