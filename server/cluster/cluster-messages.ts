import type { MessagePort } from 'node:worker_threads';
import type { Hash } from '../../consensus/hash.ts';
import type { NodeOptions } from '../node/node-options.ts';
import type { FailureKind } from '../process/expected-error.ts';
import type { SettingStyle } from '../process/setting-name.ts';

/** Start data of a node's thread. Structured clone preserves the network's Maps, bytes and bigints. */
export interface ClusterNodeData {
  readonly index: number;
  readonly options: NodeOptions;
  /** Flag by which the ports of the nodes are chosen, for messages. */
  readonly portFlag: string;
  /** How messages name settings. */
  readonly settingStyle: SettingStyle;
  /** Memory of the mining budget that all nodes share. */
  readonly budget: SharedArrayBuffer;
  /** Whether the thread reports blocks and reorgs to the cluster. */
  readonly reportsBlocks: boolean;
  /** Takes all that the thread logs, line by line with their line breaks; null: standard error takes it. */
  readonly logPort: MessagePort | null;
}

/** A node has connected a block to its active chain. */
export interface BlockMessage {
  readonly type: 'block';
  readonly blockHash: Hash;
  readonly height: number;
  readonly transfers: number;
  /** Deploys and calls. */
  readonly contractTransactions: number;
  /** Tag that the miner wrote into the coinbase: usually the name of its node. */
  readonly tag: string;
}

/** A node has moved to another branch. */
export interface ReorgMessage {
  readonly type: 'reorg';
  /** Number of disconnected and connected blocks. */
  readonly left: number;
  readonly taken: number;
}

/** How a node ended. */
export interface NodeEnd {
  /** Null if it was asked to stop. */
  readonly failure: {
    readonly kind: FailureKind;
    /** As `failureMessage` words it. */
    readonly message: string;
    /** Whether it failed because its port is in use. */
    readonly isPortTaken: boolean;
  } | null;
}

/** One node of a cluster that listens. */
export interface ClusterRow {
  readonly name: string;
  /** Base URL. */
  readonly url: string;
  /** Of its tip. */
  readonly height: number;
  /** Path of the token file; null if no token is needed. */
  readonly tokenFile: string | null;
  readonly isPlaygroundServed: boolean;
  /** Where mining programs connect, `host:port`; null where none can. */
  readonly stratum: string | null;
}

/** From a node's thread to the cluster. */
export type ClusterNodeMessage =
  /** The thread has started, and waits for `listen`. */
  | { readonly type: 'loaded' }
  /** The node accepts connections, and waits for `dial` before it opens any. */
  | { readonly type: 'listening' }
  | { readonly type: 'ready'; readonly row: ClusterRow }
  | BlockMessage
  | ReorgMessage
  /** The node has stopped, on request or after a failure. The thread ends by itself. */
  | ({ readonly type: 'ended' } & NodeEnd);

/** From the cluster to a node's thread. */
export type ClusterCommand =
  /** The node may listen: its port was released. */
  | { readonly type: 'listen' }
  /** All nodes of the cluster have started or failed: the node stays connected to these. */
  | { readonly type: 'dial'; readonly peers: readonly string[] }
  /** The node may print its log: the cluster has printed where its nodes listen. */
  | { readonly type: 'speak' }
  | { readonly type: 'stop' };
