import type { Address } from '../../consensus/address.ts';
import type { Block } from '../../consensus/block.ts';
import type { BlockContext } from '../../consensus/block-context.ts';
import type { BlockReads } from '../../consensus/block-seal.ts';
import type { ContractHost } from '../../consensus/contract-host.ts';
import type { Hash } from '../../consensus/hash.ts';
import type { AccountReader, ContractReader } from '../../consensus/state.ts';
import type { Reply } from '../../protocol/effects.ts';
import type { NodeEvent, RequestId } from '../../protocol/events.ts';
import type { NodeView } from '../../protocol/node-view.ts';
import type { JournalEntry } from '../../protocol/store-writes.ts';
import type { EventLog } from '../events/event-log.ts';
import type { BlockReceipts, StoredReceipt } from '../store/receipt-records.ts';
import type { PlacedReceipt } from '../store/receipt-scan.ts';
import type { ChainPosition, StoredSlot } from '../store/records.ts';
import type { StratumView } from '../stratum/stratum-view.ts';
import type { Weather } from '../transport/weather.ts';
import type { DevelopmentControls } from './development-controls.ts';

/** Where a transaction is on the active chain. */
export interface TransactionLocation {
  readonly blockHash: Hash;
  readonly height: number;
  /** Position in its block; the coinbase is 0. */
  readonly index: number;
}

/** What the API reads from the store, beyond the core's own view. */
export interface ChainStore extends AccountReader, ContractReader {
  block(blockHash: Hash): Block | undefined;
  hashAtHeight(height: number): Hash | undefined;
  /** Undefined unless it is on the active chain. */
  transactionLocation(txid: Hash): TransactionLocation | undefined;
  /** What came of a contract's transaction; undefined unless it is on the active chain. */
  receipt(txid: Hash): StoredReceipt | undefined;
  /** Of the block of the active chain at a height; undefined where no contract was executed. */
  blockReceipts(height: number): BlockReceipts | undefined;
  /** What takes the block of the active chain back. */
  undo(blockHash: Hash): Uint8Array | undefined;
  /** What the contracts of the block of the active chain at a height read; undefined where that is not kept. */
  blockReads(height: number): BlockReads | undefined;
  /** Receipts of the active chain, newest first, below a position: all, or those of transactions that touch an account. */
  receiptsBelow(before: ChainPosition, account?: Address): Iterable<PlacedReceipt>;
  /** The transaction at a position of the active chain, if it touches an account. */
  accountTransactionAt(address: Address, position: ChainPosition): Hash | undefined;
  /** Slots of a contract in the order of their keys in the tree, those after a key only. */
  slotsOf(contract: Address, after?: string): Iterable<StoredSlot & { readonly key: string }>;
  /** What the mempool's journal holds of a transaction. */
  journalEntry(txid: Hash): JournalEntry | undefined;
  /** Transactions of the active chain that touch an account, newest first, those before `before` only. */
  accountTransactions(
    address: Address,
    page: { limit: number; before?: { height: number; index: number } },
  ): readonly { readonly height: number; readonly index: number; readonly txid: Hash }[];
}

/** Facts about a node that are fixed at startup. */
export interface NodeFacts {
  readonly name: string;
  readonly version: string;
  readonly startedAtMs: number;
  readonly listenUrl: string;
  readonly graphqlUrl: string;
  readonly role: string;
  /** The most threads that its miner can use. */
  readonly maxMiningThreads: number;
  readonly integrity: { readonly mode: 'quick' | 'full'; readonly checkedBlocks: number; readonly ok: boolean };
}

/** One node, as its API sees it. Never at module level: several nodes may live in one process. */
export interface NodeContext {
  readonly view: NodeView;
  readonly store: ChainStore;
  readonly events: EventLog;
  /** Compiles and verifies for callers of the API, apart from what the core does by itself. */
  readonly contracts: ContractHost;
  /** What a child of a block sees of the chain; undefined for a block that the node does not know. */
  contextAbove(parent: Hash): BlockContext | undefined;
  readonly info: NodeFacts;
  /** Sends a request through the core and resolves with its reply. An aborted `mine` is cancelled. */
  request(make: (request: RequestId) => NodeEvent, signal?: AbortSignal): Promise<Reply>;
  /** Hashes per second, now. */
  hashrate(): number;
  /** The same of each thread that mines. */
  threadHashrates(): readonly number[];
  /** Hashes since the start. */
  hashesDone(): number;
  /** Mining programs outside of the node; null: none can connect. */
  stratum(): StratumView | null;
  readonly controls: DevelopmentControls;
  readonly weather: Weather;
  /** The wall clock, as the time controls moved it, in Unix milliseconds. */
  nowMs(): number;
  /** Of the clock that the core's events carry. */
  monotonicMs(): number;
}
