// What `forklore` gives to programs. The server, and what else takes time to load, comes with the first call.
import type { NodeOptions, RunningNode } from './types.ts';

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
