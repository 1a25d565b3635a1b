import { ClientError, clientErrorOf, isPassing } from './client-error.ts';
import type { NodeTransport } from './node-transport.ts';
import { pause } from './pause.ts';
import { type NodeUpdate, NodeWatch } from './watch-node.ts';

/** What is waited for on a node. */
export interface Wanted<Found> {
  /** Whether what is waited for may have come with this update. */
  mayCome(update: NodeUpdate): boolean;
  /** Null while it is not there. */
  look(): Promise<Found | null>;
}

/**
 * Looks when the watch begins, and again after updates with which it may have come; many updates lead to one look. A lost
 * connection is made again, and what came meanwhile is found. Throws {@link ClientError}.
 */
export async function waitUntil<Found>(
  transport: NodeTransport,
  { mayCome, look }: Wanted<Found>,
  signal: AbortSignal,
): Promise<Found> {
  let isLookDue = false;
  const watch = new NodeWatch({
    transport,
    signal,
    pick: (update) => {
      if (isLookDue || !(update.kind === 'tip' || mayCome(update))) return null;
      isLookDue = true;
      return update;
    },
  });
  for await (const _ of watch) {
    isLookDue = false;
    const found = await lookThroughLosses(look, signal);
    if (found !== null) return found;
  }
  throw new ClientError('lost', `the stream of ${transport.url} has ended`);
}

/** Looks again while the node cannot be asked. */
async function lookThroughLosses<Found>(look: () => Promise<Found>, signal: AbortSignal): Promise<Found> {
  for (;;) {
    try {
      return await look();
    } catch (error) {
      const failure = clientErrorOf(error);
      const isLost = failure.kind === 'unreachable' || failure.kind === 'lost' || failure.kind === 'timeout';
      if (!isLost && !isPassing(failure)) throw error;
    }
    await pause(signal);
  }
}
