import type { Address } from '../consensus/address.ts';
import type { Network } from '../consensus/genesis.ts';
import type { Hash } from '../consensus/hash.ts';
import type { Account } from '../consensus/state.ts';
import type { SignedTransaction } from '../consensus/transaction.ts';
import type { BoundedResource } from './bounded-resource.ts';
import type { MiningMode, PeerId } from './events.ts';
import type { Template } from './mining-job.ts';
import type { RemovalReason } from './notices.ts';
import type { StoredHeader } from './store-writes.ts';

/** A header that the node knows, linked to its parent. Records are replaced, never changed, so a reader may keep one. */
export interface BlockIndexView {
  readonly record: StoredHeader;
  readonly parent: BlockIndexView | null;
}

/** All that the node knows about the tree of headers. */
export interface ChainView {
  readonly tip: BlockIndexView;
  /** The valid header with the most work, body or not. */
  readonly bestHeader: BlockIndexView;
  get(blockHash: Hash): BlockIndexView | undefined;
  /** Whether the block is on the active chain. */
  isActive(entry: BlockIndexView): boolean;
  /** Every known header at this height, all branches. */
  atHeight(height: number): readonly BlockIndexView[];
  /** Headers without known children: the ends of all branches. */
  leaves(): readonly BlockIndexView[];
  readonly maxHeight: number;
}

export interface MempoolEntryView {
  readonly transaction: SignedTransaction;
  readonly receivedMs: number;
  /** Ready: executable in the next block together with the sender's earlier ones. Queued: an earlier nonce or balance is missing. */
  readonly state: 'ready' | 'queued';
}

export interface DroppedTransaction {
  readonly transaction: SignedTransaction;
  readonly reason: RemovalReason;
  readonly detail: string;
}

export interface MempoolView {
  /** Ready and queued together. */
  readonly size: number;
  readonly readyCount: number;
  readonly sizeBytes: number;
  /** Base units per 1,000 bytes below which nothing is accepted now; rises when the pool is full, and decays. */
  minimumFeePerKilobyte(nowMonotonicMs: number): bigint;
  get(txid: Hash): MempoolEntryView | undefined;
  /** A dropped or replaced transaction, as long as it is remembered. */
  dropped(txid: Hash): DroppedTransaction | undefined;
  /** All entries, best fee rate first, queued ones last. */
  byFeeRate(): readonly MempoolEntryView[];
  /** The account after its pending transactions without a gap: what its next transaction must build on. */
  pendingAccount(address: Address): Account;
}

export interface PeerView {
  readonly id: PeerId;
  /** The listening URL that it announced, or null. */
  readonly url: string | null;
  /** Remote end as the transport sees it. */
  readonly remote: string;
  readonly direction: 'inbound' | 'outbound';
  readonly state: 'handshake' | 'ready';
  readonly height: number | null;
  readonly latencyMs: number | null;
  readonly userAgent: string | null;
  readonly connectedAtMs: number;
}

export interface MinerView {
  readonly mode: MiningMode;
  readonly threads: number;
  readonly hashrateLimit: number;
  readonly intervalMs: number;
  /** Who is paid; null where no recipient was given and the network has no development accounts. */
  readonly recipient: Address | null;
  /** True while a job is with the pool. */
  readonly working: boolean;
  /** Blocks still owed to `mine` requests. */
  readonly blocksRequested: number;
}

/**
 * - `idle`: no peer is connected, and nothing is known to be missing.
 * - `headers`: a peer claims more work, and is asked for its headers.
 * - `blocks`: headers with more work than the tip are known, and their bodies are being fetched or connected.
 * - `synced`: no connected peer has more.
 * - `stalled`: more is known of, but no peer gives it, or it is not acceptable yet; `waiting` says what is missing.
 */
export type SyncState = 'idle' | 'headers' | 'blocks' | 'synced' | 'stalled';

/** What keeps a node from getting further than its tip. */
export interface SyncWaiting {
  /**
   * - `clock`: a block's time is further ahead of this node's clock than the network allows.
   * - `bodies`: headers are known, and the body of the next block has not come.
   * - `work`: peers claim more work than their headers have shown.
   */
  readonly reason: 'clock' | 'bodies' | 'work';
  /** Height of the next missing block; with `work`, the height that is claimed. */
  readonly height: number;
  /** Blocks that cannot be connected until then, as far as known. */
  readonly count: number;
  /** With `clock`, when the block becomes acceptable by this node's clock, in Unix seconds; else null. */
  readonly untilSeconds: number | null;
}

export interface SyncView {
  readonly state: SyncState;
  readonly height: number;
  /** Best height known of any peer or header. */
  readonly targetHeight: number;
  /** Height of the best header: what is proven to have more work than the tip, or the tip. */
  readonly provenHeight: number;
  readonly waiting: SyncWaiting | null;
  /** How often it has stalled since the start. */
  readonly stalls: number;
}

/** The state of a running node, read-only, between two events. */
export interface NodeView {
  readonly params: Network;
  readonly chain: ChainView;
  readonly mempool: MempoolView;
  peers(): readonly PeerView[];
  miner(): MinerView;
  sync(): SyncView;
  /** What it keeps in memory on behalf of others, with the limit of each. */
  resources(): readonly BoundedResource[];
  /** What would be mined now. */
  template(nowSeconds: number): Template;
}
