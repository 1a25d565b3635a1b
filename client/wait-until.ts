import { ClientError } from './client-error.ts';
import type { NodeTransport } from './node-transport.ts';
import { type NodeUpdate, NodeWatch } from './watch-node.ts';

/** What is waited for on a node. */
export interface Wanted<Found> {
  /** Whether what is waited for may have come with this update. */
  mayCome(update: NodeUpdate): boolean;
  /** Null while it is not there. */
  look(): Promise<Found | null>;
}

/**
 * Looks when the watch begins, and after each update with which it may have come. A lost connection is made again, and what
 * came meanwhile is found. Throws {@link ClientError}.
 */
export async function waitUntil<Found>(
  transport: NodeTransport,
  { mayCome, look }: Wanted<Found>,
  signal: AbortSignal,
): Promise<Found> {
  const watch = new NodeWatch({
    transport,
    signal,
    pick: (update) => (update.kind === 'tip' || mayCome(update) ? update : null),
  });
  for await (const _ of watch) {
    const found = await look();
    if (found !== null) return found;
  }
  throw new ClientError('lost', `the stream of ${transport.url} has ended`);
}
