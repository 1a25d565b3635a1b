// What `forklore` gives to programs. The server, and what else takes time to load, comes with the first call.
import type { NetworkOptions, NodeOptions, RunningNetwork, RunningNode } from './types.ts';

export { NodeError, type NodeErrorCode } from './node-error.ts';
export type * from './types.ts';

/**
 * Starts a node in a thread of this process: on `regtest`, on any free port, alone, and keeping nothing, unless the options
 * say otherwise. Resolves when it answers. Throws {@link NodeError}: `bad-option`, `start-failed`, `timeout` (default: 30
 * seconds) or `aborted`. The thread does not keep the process alive.
 */
export async function startNode(options: NodeOptions = {}): Promise<RunningNode> {
  const library = await import('./start-node.ts');
  return library.startNode(options);
}

/**
 * Starts several nodes, each as {@link startNode} does, and connects them. Resolves when they are connected. Throws
 * {@link NodeError}, as `startNode`; where one node does not start, none is left.
 */
export async function startNetwork(options: NetworkOptions = {}): Promise<RunningNetwork> {
  const library = await import('./start-network.ts');
  return library.startNetwork(options);
}
