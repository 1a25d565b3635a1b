import type { EmittedEvent, Receipt, ReceiptSummary } from './contract-types.ts';
import type { LinkConditions } from './link-conditions.ts';
import type { MiningMode } from './requests.ts';

export type SyncState = 'BLOCKS' | 'HEADERS' | 'IDLE' | 'STALLED' | 'SYNCED';

export interface SyncStatus {
  readonly state: SyncState;
  /** Height of its tip. */
  readonly height: number;
  /** Height of the best chain that it knows of. */
  readonly targetHeight: number;
}

export interface NodeInfo {
  readonly name: string;
  readonly version: string;
  readonly role: string;
  readonly network: string;
  readonly genesisHash: string;
  /** What addresses of its network start with, before the digit 1. */
  readonly addressPrefix: string;
  readonly targetSpacingSeconds: number;
  readonly startedAt: string;
  /** What its wall clock shows, which development controls may have moved. */
  readonly now: string;
  readonly listenUrl: string;
  readonly graphqlUrl: string;
  /** Whether the caller may control it: mine, connect peers, invalidate blocks. */
  readonly mayControl: boolean;
  /** Whether its network has development controls: snapshots, time, chosen blocks. */
  readonly controls: boolean;
  /** Cursor of its latest event. */
  readonly cursor: string;
  readonly sync: SyncStatus;
}

/** Identifies a block. */
export interface BlockPlace {
  readonly hash: string;
  readonly height: number;
}

export interface Block extends BlockPlace {
  readonly time: string;
  readonly difficulty: number;
  /** Expected hashes of this block and all before it. */
  readonly totalWork: bigint;
  /** Bytes. */
  readonly size: number;
  readonly miner: string;
  /** Subsidy and fees. */
  readonly reward: bigint;
  /** The coinbase included. */
  readonly transactionCount: number;
  /** Gas that its deploys and calls used together; null where it is not on the active chain. */
  readonly gasUsed: number | null;
  /** Whether it is on the active chain. */
  readonly canonical: boolean;
  readonly confirmations: number;
  readonly header: {
    readonly version: number;
    readonly prevHash: string;
    readonly merkleRoot: string;
    readonly time: string;
    readonly bits: string;
    readonly nonce: number;
  };
}

/** A page of blocks, newest first. */
export interface BlockPage {
  readonly edges: readonly { readonly cursor: string; readonly node: Block }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

export type TransactionStatus = 'CONFIRMED' | 'DROPPED' | 'PENDING' | 'QUEUED';
export type TransactionKind = 'CALL' | 'COINBASE' | 'DEPLOY' | 'TRANSFER';

export interface Transaction {
  readonly id: string;
  readonly kind: TransactionKind;
  /** Null for a coinbase. */
  readonly sender: string | null;
  readonly recipient: string;
  /** What the recipient gets; of a coinbase, subsidy and fees. */
  readonly amount: bigint;
  /** What the miner gets; 0 for a coinbase. */
  readonly fee: bigint;
  /** Account nonce; null for a coinbase. */
  readonly nonce: bigint | null;
  readonly memo: string | null;
  /** Bytes. */
  readonly size: number;
  readonly status: TransactionStatus;
  /** Why it waits or was dropped. */
  readonly statusReason: string | null;
  readonly confirmations: number;
  readonly block: BlockPlace | null;
  /** Address of the contract that a deploy makes or a call runs; null for others. */
  readonly contract: string | null;
  /** Method that a call runs; null for others. */
  readonly method: string | null;
  /** Encoded arguments of a deploy or a call, as hex digits; null for others. */
  readonly arguments: string | null;
  /** Most gas that a deploy or a call may use; null for others. */
  readonly gas: number | null;
  /** What came of a confirmed deploy or call; null for others. */
  readonly receipt: Receipt | null;
}

export interface Account {
  readonly address: string;
  /** The same as 40 hex digits, which sources of contracts write: `address("…")`. */
  readonly addressHex: string;
  /** Of the development account that it is. */
  readonly name: string | null;
  /** What is confirmed. */
  readonly balance: bigint;
  /** Of the next transfer to be confirmed. */
  readonly nonce: bigint;
  /** What is left after its own pending transfers; incoming and queued ones do not count. */
  readonly pendingBalance: bigint;
  /** To sign the next transfer with. */
  readonly pendingNonce: bigint;
  /** The latest ten. */
  readonly transactions: {
    readonly edges: readonly {
      readonly node: Pick<
        Transaction,
        'id' | 'kind' | 'sender' | 'recipient' | 'amount' | 'fee' | 'status' | 'method'
      > & {
        readonly receipt: ReceiptSummary | null;
      };
    }[];
  };
}

export interface Mempool {
  readonly size: number;
  readonly bytes: number;
  /** Base units for each 1,000 bytes; 20 gas count as a byte. */
  readonly minimumFeeRate: bigint;
  /** Best fee rate first. */
  readonly transactions: {
    readonly edges: readonly {
      readonly node: Pick<
        Transaction,
        'id' | 'kind' | 'sender' | 'recipient' | 'amount' | 'fee' | 'nonce' | 'size' | 'status'
      >;
    }[];
  };
}

/** The block that a node would mine now. */
export interface BlockTemplate {
  readonly height: number;
  /** Of the tip. */
  readonly prevHash: string;
  readonly time: string;
  /** Target in compact form, 8 hex digits. */
  readonly bits: string;
  /** Subsidy and fees. */
  readonly reward: bigint;
  /** Sum of the fees of all its transfers. */
  readonly fees: bigint;
  /** The coinbase included. */
  readonly transactionCount: number;
  /** Its transfers in block order, at most the first 100. */
  readonly transactions: readonly Pick<
    Transaction,
    'id' | 'sender' | 'recipient' | 'amount' | 'fee' | 'nonce' | 'size'
  >[];
}

export interface Peer {
  /** Of the connection. */
  readonly id: string;
  readonly url: string | null;
  readonly direction: 'INBOUND' | 'OUTBOUND';
  readonly state: 'HANDSHAKE' | 'READY';
  readonly height: number | null;
  readonly latencyMs: number | null;
  readonly userAgent: string | null;
  readonly connectedAt: string;
  readonly graphqlUrl: string | null;
  /** What messages to the peer meet on their way, as the operator set it; null: nothing. */
  readonly linkConditions: LinkConditions | null;
}

export interface Miner {
  readonly mode: MiningMode;
  /** Whether it is searching now. */
  readonly working: boolean;
  readonly threads: number;
  readonly maxThreads: number;
  /** Hashes per second. */
  readonly hashrate: number;
  readonly hashrateLimit: number | null;
  readonly intervalSeconds: number;
  /** Until the next block, on average. */
  readonly expectedSeconds: number | null;
  readonly address: string | null;
  /** Where mining programs connect over Stratum, `host:port`; null where none can. */
  readonly stratum: { readonly listens: string } | null;
}

export interface MinedBlock extends BlockPlace {
  readonly reward: bigint;
  readonly miner: string;
  readonly transactionCount: number;
}

/** A transaction that the node has accepted. */
export interface Submitted {
  readonly id: string;
  readonly status: TransactionStatus;
}

/** A deploy or a call that the node has accepted. */
export interface SubmittedContract extends Submitted {
  /** Address of the contract: of a deploy where it will be. */
  readonly contract: string;
  /** Reserved. */
  readonly gas: number;
  /** Base units. */
  readonly fee: bigint;
}

/** What `verify` of a contract takes, as texts. */
export interface SignedMessage {
  /** Public key: 64 hex digits. */
  readonly key: string;
  readonly message: string;
  /** 128 hex digits. */
  readonly signature: string;
}

/** A transaction that is in a block of the active chain. */
export interface ConfirmedTransaction extends Transaction {
  readonly block: BlockPlace;
}

/** Something that happened to a node. `events({ after: cursor })` continues after it. */
export type NodeEvent = { readonly cursor: string } & (
  | {
      readonly __typename: 'BlockEvent';
      readonly at: string;
      readonly block: BlockPlace & Pick<Block, 'time' | 'miner' | 'reward' | 'transactionCount'>;
    }
  | { readonly __typename: 'ReorgEvent'; readonly at: string; readonly reorg: Reorg }
  | { readonly __typename: 'MempoolEvent'; readonly at: string; readonly change: MempoolChange }
  | { readonly __typename: 'PeersEvent'; readonly at: string; readonly peers: readonly Peer[] }
  | { readonly __typename: 'MinerEvent'; readonly at: string; readonly miner: Miner }
  | { readonly __typename: 'SyncEvent'; readonly at: string; readonly sync: SyncStatus }
  /**
   * What contracts emitted in a transaction of a block that was connected. With `takenBack` a reorg has disconnected the block:
   * the events are void, and may come again from another block.
   */
  | {
      readonly __typename: 'ContractEvent';
      readonly at: string;
      readonly takenBack: boolean;
      readonly transaction: string;
      readonly blockHash: string;
      readonly blockHeight: number;
      readonly events: readonly EmittedEvent[];
    }
  /** The node went back to a snapshot: what a program knew of it is void, as after a gap. */
  | { readonly __typename: 'ResetEvent'; readonly at: string; readonly tip: BlockPlace }
  /**
   * Events are missing here: the cursor was too old or none of this node, the node has restarted, or the reader was too
   * slow. `missed` is how many, null where that is not known. What a program knew of the node is out of date; the events
   * that follow belong to what a query answers now.
   */
  | { readonly __typename: 'GapEvent'; readonly missed: number | null }
);

/** The events of a node, which are read with `for await`. The first `next()` connects. */
export interface NodeEvents extends AsyncIterable<NodeEvent> {
  /** Several calls may wait at once; they are answered in order. */
  next(): Promise<IteratorResult<NodeEvent, void>>;
  /** Closes the connection at once, also while calls of `next` wait: these are then done. */
  return(): Promise<IteratorResult<NodeEvent, void>>;
  [Symbol.asyncIterator](): NodeEvents;
}

export interface Reorg {
  /** The last block of both branches. */
  readonly commonAncestor: string;
  /** How many blocks were left. */
  readonly depth: number;
  /** Tip first. */
  readonly disconnected: readonly string[];
  /** Lowest first. */
  readonly connected: readonly string[];
  readonly returnedToMempool: readonly string[];
  readonly dropped: readonly string[];
}

export type RemovalReason = 'CONFIRMED' | 'CONFLICT' | 'EVICTED' | 'EXPIRED' | 'INVALID' | 'OPERATOR' | 'REPLACED';

export interface MempoolChange {
  /** Ids. */
  readonly added: readonly string[];
  readonly removed: readonly { readonly id: string; readonly reason: RemovalReason }[];
  /** How many it holds now. */
  readonly size: number;
}

/** The last block of a branch. */
export interface ChainTip extends BlockPlace {
  readonly status: 'ACTIVE' | 'HEADERS_ONLY' | 'INVALID' | 'VALID_FORK' | 'VALID_HEADERS';
  /** Blocks above its fork point with the active chain; 0 on the active chain. */
  readonly branchLength: number;
  /** As {@link Block.totalWork}. */
  readonly totalWork: bigint;
}

/** A state of a node, to which it can go back. */
export interface Snapshot {
  readonly id: string;
  readonly takenAt: string;
  readonly height: number;
  readonly tipHash: string;
  readonly bytes: number;
}

/** An account that is funded from the start, and whose key everyone knows. */
export interface DevAccount {
  readonly name: string;
  readonly address: string;
  /** What is confirmed. */
  readonly balance: bigint;
}
