// What a program can ask of a node. Units are those of `types.ts`.

import type { Abortable, CallOptions } from './client-options.ts';
import type { AnyContract, EventValues } from './contract-class.ts';
import type { CallTrace, Contract, ContractEventPage, SimulatedCall } from './contract-types.ts';
import type { ConditionedLink, LinkConditions } from './link-conditions.ts';
import type {
  AccountOrAddress,
  CallRequest,
  ContractEventFilter,
  MiningOrder,
  MiningSettings,
  Moment,
  TransferRequest,
  ViewRequest,
} from './requests.ts';
import type { TracePage } from './trace-types.ts';
import type { ContractDefaults, DeployOrder, TypedContract } from './typed-contract.ts';
import type {
  Account,
  Block,
  BlockPage,
  BlockPlace,
  BlockTemplate,
  ChainTip,
  ConfirmedTransaction,
  DevAccount,
  Mempool,
  MinedBlock,
  Miner,
  NodeEvents,
  NodeInfo,
  Peer,
  Snapshot,
  Submitted,
  SubmittedContract,
  Transaction,
} from './types.ts';

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
  /** A page of what contracts emitted on the active chain, newest first. A reorg can take events back. */
  contractEvents(filter?: ContractEventFilter, options?: CallOptions): Promise<ContractEventPage>;
  /**
   * Runs a method on the state at the tip, which changes nothing: how a contract is read. A call that fails resolves too, with
   * `ok: false` and the reason.
   */
  simulateCall(call: ViewRequest, options?: CallOptions): Promise<SimulatedCall>;
  /**
   * Steps in which a deploy or a call was executed that is in a block of the active chain, on what it read then; null for other
   * transactions. A node keeps what was read for the last 10,000 blocks, and refuses older ones with the code `BAD_INPUT`.
   */
  transactionTrace(id: string, page?: TracePage, options?: CallOptions): Promise<CallTrace | null>;
  /**
   * Signs a deploy here and submits it, as {@link send} does. Without `gas` there is a dry run first: where it fails, nothing
   * is sent, and the `ClientError` of the kind `failed` has `details.callError`. What comes of it says
   * {@link waitForTransaction}, by the receipt. With the class of the source, as in `deploy<typeof Vote>`, the arguments have the
   * types of its constructor.
   */
  deploy<Class = AnyContract>(order: DeployOrder<Class>, options?: CallOptions): Promise<SubmittedContract>;
  /** Has a method run by the next blocks, as {@link deploy} puts a contract on the chain. */
  call(order: CallRequest, options?: CallOptions): Promise<SubmittedContract>;
  /**
   * A contract by the methods of its class: `contract<Vote>(address, { from: 'Alice' }).send.vote(1)`. Asks nothing yet. Throws a
   * `ClientError` of the kind `bad-argument` at once for what cannot be meant.
   * @typeParam Events what its events hold, by their names: `{ Voted: [voter: Address, option: number] }`
   */
  contract<Class = AnyContract, Events extends object = EventValues>(
    address: string,
    defaults?: ContractDefaults,
  ): TypedContract<Class, Events>;
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
