import type { Block } from '../consensus/block.ts';
import type { BlockReceipt } from '../consensus/block-execution.ts';
import type { BlockReads } from '../consensus/block-seal.ts';
import type { Hash } from '../consensus/hash.ts';
import type { BlockHeader } from '../consensus/header.ts';
import type { StateChange } from '../consensus/state-change.ts';
import type { Undo } from '../consensus/undo.ts';

/** What is known of a block's validity, stored with its header. `operator-invalid` is set by `invalidateBlock` and can be undone. */
export type Validity = 'unknown' | 'valid' | 'invalid' | 'operator-invalid';

/** One record of the header index, as stored. */
export interface StoredHeader {
  readonly hash: Hash;
  readonly header: BlockHeader;
  readonly height: number;
  readonly chainWork: bigint;
  /** Seconds since genesis on the network's monotonic clock and active time; see the difficulty rule. */
  readonly clock: number;
  readonly active: number;
  readonly validity: Validity;
  /** The rule that the block broke, where it is invalid. */
  readonly invalidReason: string | null;
  /** Order in which whole bodies became connectable; 0 while the body (or an ancestor's) is missing. Decides ties of work, also after a restart. */
  readonly arrival: number;
  /** Size of the stored body in bytes, 0 while there is none. */
  readonly bodyBytes: number;
  readonly transactionCount: number;
  readonly firstSeenMs: number;
  /** User agent or URL of the peer that brought it, `self` for an own block, `api` …; for display only. */
  readonly firstSeenFrom: string;
}

/** One pending transaction in the mempool's journal. */
export interface JournalEntry {
  readonly txid: Hash;
  readonly raw: Uint8Array;
  readonly receivedMs: number;
  /** Submitted here and not yet seen at any peer: announced again until it is. */
  readonly unbroadcast: boolean;
}

/** The address of a peer, with the record of attempts. */
export interface StoredAddress {
  readonly url: string;
  readonly lastSuccessMs: number;
  readonly failures: number;
}

/** A discouraged peer, to which connections are refused until `untilMs`. `key` is a host, or on loopback a peer's identity. */
export interface StoredDiscouragement {
  readonly key: string;
  readonly untilMs: number;
}

/**
 * Semantic writes; the store decides on tables and on the indexes it derives (height → hash, txid → block, address → transactions).
 * All writes of one `persist` effect are one atomic, durable transaction.
 */
export type StoreWrite =
  /** Insert or replace. Bodies may be written ahead of any connection. */
  | { readonly kind: 'header'; readonly record: StoredHeader }
  | { readonly kind: 'body'; readonly blockHash: Hash; readonly raw: Uint8Array }
  /** The block becomes the tip: accounts, state tree, undo, height and transaction indexes, tip pointer. Its transactions leave the journal. */
  | {
      readonly kind: 'connect';
      readonly block: Block;
      readonly height: number;
      readonly change: StateChange;
      readonly undo: Undo;
      /** Of the transactions that executed contracts, in order. */
      readonly receipts: readonly BlockReceipt[];
      /** What they read of the state before the block. */
      readonly reads: BlockReads;
    }
  /** The tip goes back to the block's parent. Its transactions enter the journal. The undo record goes. */
  | {
      readonly kind: 'disconnect';
      readonly block: Block;
      readonly height: number;
      readonly change: StateChange;
      readonly returned: readonly JournalEntry[];
    }
  | { readonly kind: 'journal-put'; readonly entry: JournalEntry }
  | { readonly kind: 'journal-delete'; readonly txid: Hash }
  | { readonly kind: 'address-put'; readonly address: StoredAddress }
  | { readonly kind: 'address-delete'; readonly url: string }
  | { readonly kind: 'discourage'; readonly entry: StoredDiscouragement }
  | { readonly kind: 'discourage-end'; readonly key: string };
