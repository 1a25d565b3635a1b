import { ClientError, clientErrorOf, isPassing } from './client-error.ts';
import type { NodeTransport } from './node-transport.ts';
import { pause } from './pause.ts';
import { type NodeUpdate, NodeWatch } from './watch-node.ts';

/** What is waited for on a node. */
export interface Wanted<Found> {
  /** Whether what is waited for may have come with this update. */
  mayCome(update: NodeUpdate): boolean;
  /** Null while it is not there. Throws where it cannot come any more. */
  look(signal: AbortSignal): Promise<Found | null>;
}

/**
 * Looks at once, again when a watch of the node has begun, and then after updates with which it may have come; many updates
 * lead to one look. A lost connection is made again, and what came meanwhile is found. Throws {@link ClientError}: of the
 * kind `unreachable` where no node has ever answered this client, for whoever answered before may be starting again.
 */
export async function waitUntil<Found>(
  transport: NodeTransport,
  { mayCome, look }: Wanted<Found>,
  signal: AbortSignal,
): Promise<Found> {
  const lookOnce = () => lookIfAnswered(transport, look, signal);
  const there = await lookOnce();
  if (there !== null && there !== UNANSWERED) return there;
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
    let found = await lookOnce();
    while (found === UNANSWERED) {
      await pause(signal);
      found = await lookOnce();
    }
    if (found !== null) return found;
  }
  throw new ClientError('lost', `the stream of ${transport.url} has ended`);
}

/** The node could not be asked, and may answer a moment later. */
const UNANSWERED = Symbol('unanswered');

async function lookIfAnswered<Found>(
  transport: NodeTransport,
  look: Wanted<Found>['look'],
  signal: AbortSignal,
): Promise<Found | null | typeof UNANSWERED> {
  try {
    return await look(signal);
  } catch (error) {
    if (!signal.aborted && mayPass(clientErrorOf(error), transport)) return UNANSWERED;
    throw error;
  }
}

function mayPass(failure: ClientError, transport: NodeTransport): boolean {
  // Where the program runs the node itself, it says when that has ended for good.
  if (failure.kind === 'unreachable') return transport.hasAnswered || transport.closed !== undefined;
  return failure.kind === 'lost' || failure.kind === 'timeout' || isPassing(failure);
}
