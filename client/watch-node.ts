import { abortionOf, ClientError } from './client-error.ts';
import type { ResultOf } from './graphql.ts';
import { NodeConnection } from './node-connection.ts';
import type { NodeTransport } from './node-transport.ts';
import { FollowSubscription, PlaceQuery } from './operation-documents.ts';
import type { BlockPlace, NodeEvent } from './types.ts';

/** Events that wait for a slow reader; of more, all are dropped, and told as a gap. */
const MAX_WAITING = 10_000;

type Streamed = Exclude<ResultOf<typeof FollowSubscription>['events'], { __typename: 'GapEvent' }>;

/** What is seen of a node: its tip when the stream begins and after each gap, and what happens in between. */
export type Sight =
  | { readonly kind: 'tip'; readonly tip: BlockPlace }
  | { readonly kind: 'event'; readonly event: NodeEvent };

/** Where to begin, and when to end. */
export interface WatchOptions {
  readonly after?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Watches a node, also across lost connections. Throws {@link ClientError}: when the signal is aborted, or when what
 * answers is no node of this version or says of its network what cannot be.
 */
export async function* watchNode(
  transport: NodeTransport,
  { after, signal }: WatchOptions,
): AsyncGenerator<Sight, void> {
  let waiting: Sight[] = [];
  let failure: ClientError | null = null;
  let cursor = after ?? '';
  let wake = () => {};
  // A gap in place of what waited ends there: the cursor moves on after the new one is in.
  const put = (sight: Sight) => {
    if (waiting.length >= MAX_WAITING) waiting = [gapAt(cursor, null)];
    waiting.push(sight);
    wake();
  };
  const fail = (error: ClientError) => {
    failure ??= error;
    wake();
  };
  const connection = new NodeConnection({
    transport,
    view: { picture: PlaceQuery, variables: {}, events: FollowSubscription },
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
      for (const sight of waiting.splice(0)) yield sight;
      if (failure) throw failure;
      if (waiting.length > 0) continue;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    signal?.removeEventListener('abort', giveUp);
    connection.close();
  }
}

function gapAt(cursor: string, missed: number | null): Sight {
  return { kind: 'event', event: { __typename: 'GapEvent', cursor, missed } };
}
