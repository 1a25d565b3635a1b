import type { NodeOptions } from '../config.ts';

/** What a node's thread is started with. Structured clone carries the network's Maps, bytes and bigints as they are. */
export interface ClusterNodeData {
  readonly index: number;
  readonly options: NodeOptions;
  /** Memory of the mining budget that all nodes share. */
  readonly budget: SharedArrayBuffer;
}

/** From a node's thread to the cluster. */
export type ClusterNodeMessage =
  | { readonly type: 'ready'; readonly url: string; readonly height: number }
  /** The node has stopped, because it was told to (code 0) or could not go on. The thread ends by itself. */
  | { readonly type: 'ended'; readonly exitCode: number; readonly message: string | null };

/** From the cluster to a node's thread. */
export type ClusterCommand = { readonly type: 'stop' };
