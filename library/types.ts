// What the package's functions take and give. Nothing of the server is named here: a program sees its nodes from outside.
/// <reference lib="esnext.disposable" preserve="true" />

import type { NodeClient } from '../client/node-client.ts';
import type { Moment } from '../client/requests.ts';
import type { BlockPlace } from '../client/types.ts';

/** How long a call may take, and what ends it before. */
export interface Limits {
  /** In milliseconds; a call that takes longer rejects with a `NodeError` of the code `timeout`. */
  readonly timeoutMs?: number | undefined;
  /** Gives the call up: it rejects with a `NodeError` of the code `aborted`. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The settings of nodes: those of `forklore node`, by the same names in camelCase, with the same checks. Here a node is of
 * the network `regtest`, keeps nothing, takes any free port and looks for no other nodes, unless options say otherwise.
 * `FORKLORE_*` variables are not read.
 */
export interface CommonSettings {
  /** Address to listen on; default: 127.0.0.1. */
  readonly host?: string | undefined;
  /** URLs of nodes to stay connected to. */
  readonly peer?: string | readonly string[] | undefined;
  /** Find other nodes of this machine; default: false. */
  readonly discovery?: boolean | undefined;
  readonly noDiscovery?: boolean | undefined;
  /** URL at which others reach this node. */
  readonly announce?: string | undefined;
  /** Folder that keeps the chain, of several nodes a folder for each below it; default: none. */
  readonly dataDir?: string | undefined;
  /** Keep nothing; default: true, unless `dataDir` names a folder. */
  readonly ephemeral?: boolean | undefined;
  /** `regtest`, `lab`, or the path of a network file that ends in `.json`; default: `regtest`. */
  readonly network?: string | undefined;
  /** Who has coins from the start, which makes a network of its own with the rules of regtest. */
  readonly accounts?: DerivedAccounts | FundedAddresses | undefined;
  /** `continuous`, `on-transaction`, `interval:SECONDS` or `off`; true: continuous; default: off. */
  readonly mine?: string | boolean | undefined;
  /** Default: 1. */
  readonly miningThreads?: number | undefined;
  /** Hashes per second, such as `500k`; 0: no limit. */
  readonly hashrateLimit?: string | number | undefined;
  /** Recipient of block rewards: an address or a development account. */
  readonly minerAddress?: string | undefined;
  /** Where mining programs connect over Stratum: a port, or `HOST:PORT`; 0 takes any free port. */
  readonly stratum?: number | string | undefined;
  /** Check of a stored chain at the start. */
  readonly verify?: 'quick' | 'full' | undefined;
  /** Rebuild the data folder from its stored blocks. */
  readonly reindex?: boolean | undefined;
  /** Web origins that may use the API besides loopback. */
  readonly allowOrigin?: string | readonly string[] | undefined;
  /** Host names that requests may use besides loopback names; control then needs the token. */
  readonly allowHost?: string | readonly string[] | undefined;
  /** File of the token that controls the node. */
  readonly adminTokenFile?: string | undefined;
  /** Serve the playground even if other machines can reach the node. */
  readonly graphiql?: boolean | undefined;
  /** Hashes, ids and times that depend on the calls alone; a text is the seed, true the usual one. */
  readonly deterministic?: string | boolean | undefined;
  /** Begin with the chain of this state file; of several nodes each takes its own. */
  readonly loadState?: string | undefined;
  /** Log a line for each call of the API. */
  readonly logRequests?: boolean | undefined;
  /** What {@link RunningNode.log} keeps; default: `info`. */
  readonly logLevel?: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent' | undefined;
  readonly logFormat?: 'pretty' | 'json' | undefined;
  /** Name of the node, of several the first part of their names; default: `node`. */
  readonly name?: string | undefined;
}

/** Development accounts, whose keys everyone may know: the flags `--accounts`, `--balance` and `--mnemonic`. */
export interface DerivedAccounts {
  /** Default: 10. */
  readonly count?: number | undefined;
  /** What each has from the start: base units, or coins as text; default: 1000 coins. */
  readonly balance?: bigint | string | undefined;
  /** Mnemonic that their keys are derived from: never that of a wallet. */
  readonly mnemonic?: string | undefined;
}

/** Accounts whose keys only the program has. */
export interface FundedAddresses {
  /**
   * What each address has from the start: base units, or coins as text. An address is that of a key pair, or begins with
   * `dlore1`. The last one is paid for blocks that nobody claims, where `minerAddress` names none.
   */
  readonly balances: Readonly<Record<string, bigint | string>>;
}

/** The settings of one node. */
export interface NodeSettings extends CommonSettings {
  /** Port of the API and of peers; default: 0, which takes any free one. */
  readonly port?: number | undefined;
}

/** The settings of a network, which are those of `forklore cluster`: its own, and those of all its nodes. */
export interface NetworkSettings extends CommonSettings {
  /** Number of nodes, from 1 to 64; default: 3. */
  readonly nodes?: number | undefined;
  /** Connections between the nodes; default: `mesh`. */
  readonly topology?: Topology | undefined;
  /** Port of the first node; the others take the next ones; default: any free ones. */
  readonly basePort?: number | undefined;
}

/** Each with each; one after the other; a line that is closed; each with the first; each with two earlier ones. */
export type Topology = 'mesh' | 'line' | 'ring' | 'star' | 'random';

/** What `startNode` takes. */
export interface NodeOptions extends NodeSettings, Limits {}

/** What `startNetwork` takes. */
export interface NetworkOptions extends NetworkSettings, Limits {}

/** What `saveState` takes. */
export interface SaveOptions extends Limits {
  /** Replace the file where it exists, at once and whole; default: false. */
  readonly overwrite?: boolean | undefined;
}

/** An account that has coins from the start, and whose key is known. */
export interface DevelopmentAccount {
  readonly name: string;
  /** As the node's network writes it, such as `lore1…`. */
  readonly address: string;
  /** 32 bytes. Derived when it is asked for, which takes some milliseconds; not enumerable, so that JSON does not tell it. */
  readonly secretKey: Uint8Array;
}

/** A node that runs in a thread of this process. `await using` stops it at the end of its scope. */
export interface RunningNode extends AsyncDisposable {
  readonly name: string;
  /** Base URL, such as `http://127.0.0.1:40123`; its API is at `/graphql` below it. */
  readonly url: string;
  readonly port: number;
  /** Asks the node. When the node ends, each call that waits rejects at once with the reason. */
  readonly client: NodeClient;
  /** The accounts that have coins from the start, and whose keys are known: none where the program has funded addresses. */
  readonly accounts: readonly DevelopmentAccount[];
  /** Lines that the node has logged so far. */
  readonly loggedLines: number;
  /**
   * The latest lines of the node's log, oldest first, at most 1,000: what happened before a call returned is among them.
   * @param after leaves out those before: what {@link loggedLines} was at that moment
   */
  log(after?: number): readonly string[];
  /**
   * Keeps what the node is now: chain, mempool, wall clock. @returns the id to go back by, any number of times. A node keeps
   * as many as the API says; see `takeSnapshot` of `schema.graphql`.
   */
  snapshot(limits?: Limits): Promise<string>;
  /** Takes the node back to a snapshot. A node with peers refuses, with a `ClientError` of the code `has-peers`. */
  revert(id: string, limits?: Limits): Promise<void>;
  /**
   * Writes what the node is now into a file, from which a node starts whose option `loadState` names it. A file that exists is
   * replaced only with the option `overwrite`: `NodeError` of the code `bad-option`.
   */
  saveState(file: string, options?: SaveOptions): Promise<void>;
  /**
   * Ends the node, and everything that belongs to it: thread, sockets, files that are not to be kept. Where it does not end
   * within the time limit (default: ten seconds), its thread is ended by force. May be called more than once.
   */
  stop(limits?: Limits): Promise<void>;
}

/** Several nodes of this process that know only each other. `await using` stops them at the end of its scope. */
export interface RunningNetwork extends AsyncDisposable {
  readonly nodes: readonly RunningNode[];
  /**
   * Cuts all connections between groups of nodes, which are named by their indexes. Nodes that are in no group form one
   * together: `[[0, 1], [2]]` leaves node 3 of four alone, and of five it keeps what connects 3 and 4. What was cut before and
   * is within a group is connected again. Resolves when both ends have parted.
   */
  partition(groups: readonly (readonly number[])[], limits?: Limits): Promise<void>;
  /** Connects the nodes as they were at the start. Resolves when they are connected, not when they agree. */
  heal(limits?: Limits): Promise<void>;
  /**
   * Resolves when all nodes have the same tip. The error of one that takes too long (default: ten seconds) says who has
   * which.
   */
  agree(limits?: Limits): Promise<BlockPlace>;
  /** Keeps what all nodes are now, and who is connected to whom. @returns the id to go back by, any number of times */
  snapshot(limits?: Limits): Promise<string>;
  /**
   * Cuts all connections, takes all nodes back to a snapshot, and connects them as they were then. Where a node cannot go back,
   * none does, and they are connected as before: one that has other peers, with a `NodeError` of the code `bad-option`.
   */
  revert(id: string, limits?: Limits): Promise<void>;
  /** Forgets a snapshot: the nodes keep a limited number of them. */
  dropSnapshot(id: string, limits?: Limits): Promise<void>;
  /**
   * As {@link RunningNode.saveState}, for all nodes in one file: the option `loadState` of `startNetwork` starts as many nodes
   * from it, each from its own state, before it connects them.
   */
  saveState(file: string, options?: SaveOptions): Promise<void>;
  /** Moves the wall clocks of all nodes forward, by whole seconds. */
  increaseTime(seconds: number, limits?: Limits): Promise<void>;
  /** Sets the wall clocks of all nodes. */
  setTime(at: Moment, limits?: Limits): Promise<void>;
  /** Sets, on all nodes, the time of the next block that the node mines. */
  setNextBlockTime(at: Moment, limits?: Limits): Promise<void>;
  /** Stops all nodes, as {@link RunningNode.stop}. */
  stop(limits?: Limits): Promise<void>;
}
