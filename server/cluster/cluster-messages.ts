import type { Hash } from '../../consensus/hash.ts';
import type { NodeOptions } from '../node/node-options.ts';
import type { FailureKind } from '../process/expected-error.ts';

/** What a node's thread is started with. Structured clone carries the network's Maps, bytes and bigints as they are. */
export interface ClusterNodeData {
  readonly index: number;
  readonly options: NodeOptions;
  /** Flag by which the ports of the nodes are chosen, for messages. */
  readonly portFlag: string;
  /** Memory of the mining budget that all nodes share. */
  readonly budget: SharedArrayBuffer;
  /** Whether the cluster is told of blocks and reorgs. */
  readonly reportsBlocks: boolean;
}

/** A node has connected a block to its active chain. */
export interface BlockMessage {
  readonly type: 'block';
  readonly blockHash: Hash;
  readonly height: number;
  /** Without the coinbase. */
  readonly transfers: number;
  /** What its miner wrote into it: the name of a node, or whatever others like. */
  readonly tag: string;
}

/** A node has moved to another branch. */
export interface ReorgMessage {
  readonly type: 'reorg';
  /** Blocks that it left, and blocks that it took up. */
  readonly left: number;
  readonly taken: number;
}

/** How a node ended. */
export interface NodeEnd {
  /** Null where it was told to end. */
  readonly failure: {
    readonly kind: FailureKind;
    /** As `failureMessage` words it. */
    readonly message: string;
    /** Whether it would run on another port. */
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
  /** Where the token for control is kept; null where none is needed. */
  readonly tokenFile: string | null;
  readonly isPlaygroundServed: boolean;
}

/** From a node's thread to the cluster. */
export type ClusterNodeMessage =
  /** The thread has started, and waits for `listen`. */
  | { readonly type: 'loaded' }
  /** The node takes calls, and waits for `dial` before it makes any. */
  | { readonly type: 'listening' }
  | { readonly type: 'ready'; readonly row: ClusterRow }
  | BlockMessage
  | ReorgMessage
  /** The node has stopped, because it was told to or could not go on. The thread ends by itself. */
  | ({ readonly type: 'ended' } & NodeEnd);

/** From the cluster to a node's thread. */
export type ClusterCommand =
  /** The node's port is free for it, from now on. */
  | { readonly type: 'listen' }
  /** The nodes of the cluster that run are there: these are the ones to stay connected to. */
  | { readonly type: 'dial'; readonly peers: readonly string[] }
  /** What the node logs may be seen: the cluster has said where its nodes listen. */
  | { readonly type: 'speak' }
  | { readonly type: 'stop' };
