// What a program sees of a node. Fields are those of the API, whose reference is schema.graphql. Amounts are base units, of
// which `parseCoins` makes 100,000,000 of a coin; moments are ISO 8601, hashes 64 hex digits.

import type { Abortable, CallOptions } from './client-options.ts';
import type { Contract, Receipt, ReceiptSummary, SimulatedCall } from './contract-types.ts';
import type { ConditionedLink, LinkConditions } from './link-conditions.ts';
import type {
  AccountOrAddress,
  CallRequest,
  DeployRequest,
  MiningMode,
  MiningOrder,
  MiningSettings,
  Moment,
  TransferRequest,
  ViewRequest,
} from './requests.ts';

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

/**
 * What a development network lets its operator do: a node of any other refuses with the code `controls-off`. See
 * docs/development-controls.md.
 */
export interface DevelopmentControls {
  /** Keeps what the node is now, in its memory: chain, mempool, wall clock. */
  takeSnapshot(options?: CallOptions): Promise<Snapshot>;
  /** Oldest first. */
  snapshots(options?: CallOptions): Promise<readonly Snapshot[]>;
  /** Goes back to a snapshot, which stays. A node with peers refuses with the code `has-peers`. @returns the tip */
  revertToSnapshot(id: string, options?: CallOptions): Promise<BlockPlace>;
  /** Forgets a snapshot: a node keeps a limited number of them. */
  dropSnapshot(id: string, options?: CallOptions): Promise<void>;
  /** The bytes of a state file, which hold a snapshot for other nodes and for later. Default limit: 60 seconds. */
  downloadSnapshot(id: string, options?: CallOptions): Promise<Uint8Array>;
  /** Gives the node a state file of one node. Default limit: 60 seconds. @returns the id of the snapshot that it is there */
  uploadSnapshot(file: Uint8Array, options?: CallOptions): Promise<{ readonly id: string }>;
  /** Moves the wall clock forward. @returns what it shows then */
  increaseTime(seconds: number, options?: CallOptions): Promise<Date>;
  /** Sets the wall clock. @returns what it shows then */
  setTime(at: Moment, options?: CallOptions): Promise<Date>;
  /** Sets the time of the next block that this node mines, in whole seconds. @returns what the clock shows then */
  setNextBlockTime(at: Moment, options?: CallOptions): Promise<Date>;
  /** Takes a transaction out of the mempool of this node. */
  dropTransaction(id: string, options?: CallOptions): Promise<void>;
}

/**
 * A client of one node. Every call rejects with a `ClientError`; one that ends in a refusal by the node has the kind
 * `failed` and the code of the API, and one whose arguments cannot be meant the kind `bad-argument`: nothing was sent, and the
 * message does not hold what was given, which may be a secret; but for arguments of contracts. Connections close by themselves when nothing needs them.
 */
export interface NodeClient extends DevelopmentControls {
  /** Base URL of the node. */
  readonly url: string;

  nodeInfo(options?: CallOptions): Promise<NodeInfo>;
  /** The last block of the active chain. */
  tip(options?: CallOptions): Promise<Block>;
  /** A block of any branch by its hash, or of the active chain by its height; null where the node has none. */
  block(id: string | number, options?: CallOptions): Promise<Block | null>;
  /** The active chain, newest first; at most 100 a page. */
  blocks(page?: { readonly first?: number; readonly after?: string }, options?: CallOptions): Promise<BlockPage>;
  /** Null where the node knows none of this id. */
  transaction(id: string, options?: CallOptions): Promise<Transaction | null>;
  account(account: AccountOrAddress, options?: CallOptions): Promise<Account>;
  /** @param first how many transactions, at most 100 */
  mempool(first?: number, options?: CallOptions): Promise<Mempool>;
  /** The block that the node would mine now. */
  blockTemplate(options?: CallOptions): Promise<BlockTemplate>;
  peers(options?: CallOptions): Promise<readonly Peer[]>;
  miner(options?: CallOptions): Promise<Miner>;
  /** The last blocks of all branches, most work first; at most 100. */
  chainTips(options?: CallOptions): Promise<readonly ChainTip[]>;
  /** Empty on a network without them. */
  devAccounts(options?: CallOptions): Promise<readonly DevAccount[]>;
  /**
   * Any query or mutation of schema.graphql. The answer is as the API gives it: amounts are text.
   * @param document GraphQL with one query or mutation, such as `{ tip { height } }`; rejects with a `DocumentError` where
   *   it is none. Subscriptions do not end: see {@link events}.
   */
  query<Data>(document: string, variables?: Readonly<Record<string, unknown>>, options?: CallOptions): Promise<Data>;

  /** Submits a signed transaction, as hex digits. Once it resolves, the transaction survives a crash of the node. */
  submit(raw: string, options?: CallOptions): Promise<Submitted>;
  /**
   * Signs a transfer here and submits it. Nothing that the node says is signed unseen: rejects with a `TransferError`
   * or a `SpendingError` where the node says of its network, an account or its fee what must not be signed, and with an
   * `AmountError` where an amount is not one.
   */
  send(transfer: TransferRequest, options?: CallOptions): Promise<Submitted>;
  /** A contract at the tip; null where there is none at the address. */
  contractInfo(address: string, options?: CallOptions): Promise<Contract | null>;
  /**
   * Runs a method on the state at the tip, which changes nothing: how a contract is read. A call that fails resolves too, with
   * `ok: false` and the reason.
   */
  simulateCall(call: ViewRequest, options?: CallOptions): Promise<SimulatedCall>;
  /**
   * Signs a deploy here and submits it, as {@link send} does. Without `gas` there is a dry run first: where it fails, nothing
   * is sent, and the `ClientError` of the kind `failed` has `details.callError`. What comes of it says
   * {@link waitForTransaction}, by the receipt.
   */
  deploy(order: DeployRequest, options?: CallOptions): Promise<SubmittedContract>;
  /** Has a method run by the next blocks, as {@link deploy} puts a contract on the chain. */
  call(order: CallRequest, options?: CallOptions): Promise<SubmittedContract>;
  /** Mines now, without a time limit. */
  mine(order?: MiningOrder, options?: CallOptions): Promise<readonly MinedBlock[]>;
  setMining(settings: MiningSettings, options?: CallOptions): Promise<Miner>;
  /** @returns id of the connection */
  connectPeer(url: string, options?: CallOptions): Promise<string>;
  disconnectPeer(id: string, options?: CallOptions): Promise<void>;
  /** The links of the node that have conditions, connected or not. */
  linkConditions(options?: CallOptions): Promise<readonly ConditionedLink[]>;
  /**
   * Sets what messages from this node to another meet, in place of earlier conditions. They hold until they are cleared or
   * this node stops. See docs/weather.md.
   * @param peer id of a connection, or the URL at which a node listens, connected or not
   * @param conditions what is left out changes nothing on the way
   */
  setLinkConditions(peer: string, conditions: Partial<LinkConditions>, options?: CallOptions): Promise<ConditionedLink>;
  /** Ends the conditions of one link, or of all. @returns the URLs of the nodes to which there were any */
  clearLinkConditions(peer?: string, options?: CallOptions): Promise<readonly string[]>;
  /** Treats a block, and all that build on it, as invalid. @returns the new tip */
  invalidateBlock(hash: string, options?: CallOptions): Promise<BlockPlace>;
  /** Undoes {@link invalidateBlock}. @returns the new tip */
  reconsiderBlock(hash: string, options?: CallOptions): Promise<BlockPlace>;

  /**
   * What happens to the node from now on, or after the event with this cursor. It reconnects by itself and goes on where
   * it was; where that cannot be, a `GapEvent` stands in place of the events that are missing. Ends with the loop, or
   * rejects when the signal is aborted.
   */
  events(options?: Abortable & { readonly after?: string }): NodeEvents;
  // The waits reconnect by themselves when the connection is lost. Where no node has ever answered this client, they
  // reject at once: `unreachable` or `not-a-node`. At their time limit they say what there is instead, with the code
  // `timeout`.

  /**
   * Resolves when the transaction has this many confirmations (default: 1), of which a reorg may take some back meanwhile.
   * Rejects with a `ClientError` of the kind `dropped`, whose message has the reason, when the node has dropped it.
   */
  waitForTransaction(
    id: string,
    options?: CallOptions & { readonly confirmations?: number | undefined },
  ): Promise<ConfirmedTransaction>;
  /** Resolves with a tip of at least this height. */
  waitForHeight(height: number, options?: CallOptions): Promise<BlockPlace>;
  /** Resolves with the peers once at least this many have shaken hands, or once this holds of all of them. */
  waitForPeers(wanted: number | ((peers: readonly Peer[]) => boolean), options?: CallOptions): Promise<readonly Peer[]>;
}
