import type { Miner, NodeInfo, Peer, Snapshot } from '../../client/documents.ts';
import type { ConditionedLink } from '../../client/link-conditions.ts';
import type { Gap, LinkState } from '../../client/node-connection.ts';
import { nodeUrlIn } from '../../client/node-url.ts';
import type { NodeLink } from './node-link.ts';
import type { Source } from './source.ts';

/**
 * How a node came onto the page: from the page's server; by the user, which is remembered; or because one of these is
 * connected to it. Only the first two are named, and decide what is shown.
 */
export type NodeOrigin = 'served' | 'added' | 'discovered';

export type NodeStatus = 'connecting' | 'online' | 'syncing' | 'stalled' | 'offline';

/** Tip of a node. */
export interface Tip {
  readonly blockHash: string;
  readonly height: number;
}

type DevAccount = Snapshot['devAccounts'][number];

/** One node as the page knows it. What it was last seen as stays while it is away. */
export class NodeState implements Source {
  readonly url: string;
  /** How many nodes the page had met before, which gives it its colour and form. */
  readonly order: number;
  /** Network of the node through which it was discovered; null for the named ones. */
  readonly foundIn: string | null;
  origin = $state.raw<NodeOrigin>('discovered');
  link: NodeLink | null = null;

  /** Cursors of events that came before the history of the time before did; null once it has. */
  streamed: Set<string> | null = new Set();
  /** What left the mempool while pages of it were still coming; null when none are. */
  removed: Set<string> | null = null;

  linkState = $state.raw<LinkState>({ kind: 'connecting' });
  info = $state.raw<NodeInfo | null>(null);
  tip = $state.raw<Tip | null>(null);
  /** Where it says that it stands, while no block that is known here is that. */
  claimedTip: Tip | null = null;
  sync = $state.raw<NodeInfo['sync'] | null>(null);
  peers = $state.raw<readonly Peer[]>([]);
  /** The ways from it to others that have conditions. */
  weather = $state.raw<readonly ConditionedLink[]>([]);
  miner = $state.raw<Miner | null>(null);
  devAccounts = $state.raw<readonly DevAccount[]>([]);
  pendingCount = $state(0);
  /** Coins for each 1,000 bytes. */
  minimumFeeRate = $state('0');
  /** Round trip from this page, in milliseconds. */
  latencyMs = $state<number | null>(null);
  /** The last one; shown until it is put away. */
  gap = $state.raw<Gap | null>(null);

  constructor(url: string, origin: NodeOrigin, foundIn: string | null = null, order = 0) {
    this.url = url;
    this.order = order;
    this.origin = origin;
    this.foundIn = foundIn;
  }

  get isNamed(): boolean {
    return this.origin !== 'discovered';
  }

  /** By whom it is counted where room is shared: all nodes that nobody has named have one share together. */
  get share(): string {
    return this.isNamed ? this.url : 'discovered';
  }

  get status(): NodeStatus {
    if (this.linkState.kind !== 'online') return this.linkState.kind;
    const state = this.sync?.state;
    if (state === 'STALLED') return 'stalled';
    return state === 'HEADERS' || state === 'BLOCKS' ? 'syncing' : 'online';
  }

  get isOnline(): boolean {
    return this.linkState.kind === 'online';
  }

  get name(): string {
    return this.info?.name ?? this.url.replace(/^https?:\/\//, '');
  }

  /** Hashes per second, now; 0 while the miner rests or the node is away. */
  get hashrate(): number {
    return this.isOnline && this.miner?.working ? this.miner.hashrate : 0;
  }

  /** Where it says that it listens, as `parseNodeUrl` has it; null where it has not said, or nothing that leads to a node. */
  readonly listenUrl: string | null = $derived(this.info?.listenUrl ? nodeUrlIn(this.info.listenUrl) : null);

  /** Whether a peer's listening URL, as nodes or as `parseNodeUrl` write it, is this node's. */
  isCalled(url: string): boolean {
    return url === this.url || url === this.info?.listenUrl || url === this.listenUrl;
  }
}
