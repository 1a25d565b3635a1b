import type { WebSocketClass } from '../../client/client-options.ts';
import { EventsSubscription, type NodeEvent, type Snapshot, SnapshotQuery } from '../../client/documents.ts';
import { type ConnectionListener, NodeConnection, type Retries } from '../../client/node-connection.ts';
import { NodeTransport } from '../../client/node-transport.ts';

/** Heights of the snapshot. */
const SNAPSHOT_DEPTH = 150;
/** Pending transactions of the snapshot; the rest comes in pages. */
const SNAPSHOT_PENDING = 100;

/**
 * The page shows within two seconds that a node has vanished, and its latency by the same pings. Browsers hold attempts to
 * connect back where there are many at once.
 */
const SOCKET_LIMITS = { connectTimeoutMs: 10_000, pingMs: 400, pongTimeoutMs: 1_300 };

/** What the page takes from its surroundings. */
export interface Platform {
  /** Unix milliseconds. */
  now(): number;
  /** Undefined: the browser's own. */
  readonly webSocket?: WebSocketClass;
}

/** What the page wants to be told of a node. */
export type LinkListener = ConnectionListener<Snapshot, NodeEvent>;

/** The page's connection to one node: all of it at the beginning, then all that happens. */
export class NodeLink extends NodeConnection<Snapshot, NodeEvent, { depth: number; pending: number }> {
  /** @param url base URL of the node, see `parseNodeUrl` */
  constructor(url: string, listener: LinkListener, { now, webSocket }: Platform, retries?: Retries) {
    super({
      transport: new NodeTransport({ url, webSocket }),
      view: {
        snapshot: SnapshotQuery,
        variables: { depth: SNAPSHOT_DEPTH, pending: SNAPSHOT_PENDING },
        events: EventsSubscription,
      },
      listener,
      now,
      socketLimits: SOCKET_LIMITS,
      ...(retries ? { retries } : {}),
    });
  }
}
