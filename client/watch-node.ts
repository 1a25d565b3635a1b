import { abortionOf, ClientError } from './client-error.ts';
import type { ResultOf } from './graphql.ts';
import { NodeConnection } from './node-connection.ts';
import type { NodeTransport } from './node-transport.ts';
import { FollowSubscription, PlaceQuery } from './operation-documents.ts';
import type { BlockPlace, NodeEvent } from './types.ts';

/** Longest queue for a slow reader; beyond it all of the queue is dropped, and a gap reported. */
const MAX_QUEUED = 10_000;

type Streamed = Exclude<ResultOf<typeof FollowSubscription>['events'], { __typename: 'GapEvent' }>;

/** News of a node: the tip of each snapshot, and the events in between. */
export type NodeUpdate =
  | { readonly kind: 'tip'; readonly tip: BlockPlace }
  | { readonly kind: 'event'; readonly event: NodeEvent };

/** Where the stream begins and when it ends. */
export interface WatchOptions {
  readonly after?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Watches a node, also across lost connections. Throws {@link ClientError}: when the signal is aborted, or when what
 * answers is no node of this version, or claims a network that cannot exist.
 */
export async function* watchNode(
  transport: NodeTransport,
  { after, signal }: WatchOptions,
): AsyncGenerator<NodeUpdate, void> {
  let queue: NodeUpdate[] = [];
  let failure: ClientError | null = null;
  let cursor = after ?? '';
  let wake = () => {};
  // A gap that replaces the queue has the cursor of its last event: each listener moves the cursor after its put.
  const put = (update: NodeUpdate) => {
    if (queue.length >= MAX_QUEUED) queue = [gapAt(cursor, null)];
    queue.push(update);
    wake();
  };
  const fail = (error: ClientError) => {
    failure ??= error;
    wake();
  };
  const connection = new NodeConnection({
    transport,
    view: { snapshot: PlaceQuery, variables: {}, events: FollowSubscription },
    now: () => Date.now(),
    after,
    listener: {
      state: (state) => {
        if (state.kind !== 'offline' || (state.why !== 'foreign' && state.why !== 'false-network')) return;
        fail(new ClientError('not-a-node', `${transport.url} answers, but not as a node does`));
      },
      snapshot: ({ nodeInfo, tip }) => {
        put({ kind: 'tip', tip });
        cursor = nodeInfo.cursor;
      },
      event: (event: Streamed) => {
        put({ kind: 'event', event });
        cursor = event.cursor;
      },
      gap: (gap) => put(gapAt(cursor, gap.kind === 'missed' ? gap.count : null)),
      latency: () => {},
      givenUp: () => {},
    },
  });
  const giveUp = () => fail(abortionOf(signal as AbortSignal));
  if (signal?.aborted) giveUp();
  else signal?.addEventListener('abort', giveUp);
  void connection.run();
  try {
    for (;;) {
      for (const update of queue.splice(0)) yield update;
      if (failure) throw failure;
      if (queue.length > 0) continue;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    signal?.removeEventListener('abort', giveUp);
    connection.close();
  }
}

function gapAt(cursor: string, missed: number | null): NodeUpdate {
  return { kind: 'event', event: { __typename: 'GapEvent', cursor, missed } };
}
