import { HistoryQuery, type NodeEvent, type NodeInfo, PendingQuery, type Snapshot } from '../../client/documents.ts';
import { NAMED_RETRIES } from '../../client/node-connection.ts';
import { NodeUrlError, nodeUrlIn, parseNodeUrl } from '../../client/node-url.ts';
import { headerRulesOf } from '../model/headers.ts';
import { recordOfTransaction } from '../model/records.ts';
import { Activity } from './activity.svelte.ts';
import { Discovery } from './discovery.ts';
import { Frames } from './frames.ts';
import { Gossip } from './gossip.ts';
import { type NodeOrigin, NodeState, type Tip } from './node.svelte.ts';
import { type LinkListener, NodeLink, type Platform } from './node-link.ts';
import { Observer } from './observer.ts';
import { type Memory, RememberedNodes } from './remembered-nodes.ts';
import { Reorgs } from './reorgs.svelte.ts';
import { Replica } from './replica.ts';

/** Nodes on one page; further ones that are discovered are left out. */
export const MAX_NODES = 64;
/** Events from before the page was opened that are asked for, of each node. */
const HISTORY_EVENTS = 200;
/** Further pages of a mempool that are fetched at the start. */
const MAX_PENDING_PAGES = 20;
const PENDING_PAGE = 100;

/** Ports are numbers. */
const IN_ORDER = new Intl.Collator('en', { numeric: true });

/** Another network came to be shown because somebody added a node of it. */
export interface Switch {
  readonly nodeUrl: string;
  /** Genesis hashes. */
  readonly from: string;
  readonly to: string;
}

/**
 * All nodes that the page watches, and what they know together. Which network is shown, and through which node it is
 * read and sent to, only named nodes decide: see decision 0018.
 */
export class Network {
  readonly activity = new Activity();
  readonly gossip = new Gossip();
  readonly reorgs = new Reorgs();
  nodes = $state.raw<readonly NodeState[]>([]);
  /** The network that is shown, where the nodes are of several. */
  #chosenGenesis = $state<string | null>(null);
  /** The last time that another network came to be shown; until it is put away. */
  switched = $state.raw<Switch | null>(null);
  readonly #replicas = new Map<string, Replica>();
  readonly #nowhere = new Replica(null);
  readonly #platform: Platform;
  readonly #remembered: RememberedNodes;
  readonly #observer: Observer;
  readonly #discovery: Discovery;
  readonly #frames = new Frames(() => this.flush());
  #inbox: (() => void)[] = [];
  /** Nodes that the page has met. */
  #met = 0;
  /** The node that the user added last: its network is shown once it has answered. */
  #wanted: NodeState | null = null;

  constructor(platform: Platform, memory: Memory) {
    this.#platform = platform;
    this.#remembered = new RememberedNodes(memory);
    this.#discovery = new Discovery(() => platform.now());
    this.#observer = new Observer({
      activity: this.activity,
      gossip: this.gossip,
      node: (url) => this.node(url),
      replicaOf: (genesisHash) => this.#replicas.get(genesisHash) ?? null,
      addReorgs: (reorgs) => this.reorgs.add(reorgs, platform.now(), (url) => this.node(url)?.share ?? url),
    });
  }

  get #named(): readonly NodeState[] {
    return this.nodes.filter(({ isNamed }) => isNamed);
  }

  /** Genesis blocks of the networks that the named nodes are of; first those with most nodes of the page's server. */
  get genesisHashes(): readonly string[] {
    const counts = new Map<string, number>();
    for (const { info, origin } of this.#named) {
      const weight = origin === 'served' ? MAX_NODES : 1;
      if (info) counts.set(info.genesisHash, (counts.get(info.genesisHash) ?? 0) + weight);
    }
    return [...counts].sort((a, b) => b[1] - a[1]).map(([genesisHash]) => genesisHash);
  }

  /** What a network calls itself, by a named node of it; empty where there is none. */
  networkName(genesisHash: string): string {
    return this.#infoOf(genesisHash)?.network ?? '';
  }

  /** Of the network that is shown; null before any node has answered. */
  get genesisHash(): string | null {
    const known = this.genesisHashes;
    const chosen = this.#chosenGenesis;
    return chosen !== null && known.includes(chosen) ? chosen : (known[0] ?? null);
  }

  choose(genesisHash: string): void {
    this.#chosenGenesis = genesisHash;
    this.switched = null;
  }

  /** The nodes of the network that is shown, and those that have not said of which they are. */
  get members(): readonly NodeState[] {
    const shown = this.genesisHash;
    return this.nodes.filter(({ info }) => info === null || info.genesisHash === shown);
  }

  get replica(): Replica {
    const shown = this.genesisHash;
    return (shown === null ? undefined : this.#replicas.get(shown)) ?? this.#nowhere;
  }

  /**
   * The node that is asked what only one can answer: of the named ones that are there, the one with the most work. Where
   * there is none, one that was only heard of, if it stands on a block that is known here.
   */
  get reader(): NodeState | null {
    const heardOf = this.members.filter(({ isNamed, isOnline, tip }) => !isNamed && isOnline && tip !== null);
    return this.namedReader ?? this.#mostWork(heardOf);
  }

  /**
   * The node that is asked of something that only some have: named ones first, as with all that is asked.
   * @param isFit whether a node has it
   */
  readerOf(isFit: (node: NodeState) => boolean): NodeState | null {
    const fit = this.members.filter((node) => node.isOnline && node.info !== null && isFit(node));
    return fit.find(({ isNamed }) => isNamed) ?? fit[0] ?? this.reader;
  }

  /** {@link reader} among the named nodes alone: what is signed goes through no other that nobody has chosen. */
  get namedReader(): NodeState | null {
    return this.#mostWork(this.members.filter(({ isNamed, isOnline, info }) => isNamed && isOnline && info !== null));
  }

  /** The tip with the most work that a named node was seen on, also one that is away now. */
  get bestTip(): Tip | null {
    return (this.reader ?? this.#mostWork(this.members.filter(({ isNamed }) => isNamed)))?.tip ?? null;
  }

  /** Hashes per second of all named nodes together: nothing shows how fast a node is but its own word. */
  get hashrate(): number {
    return this.members.reduce((sum, node) => sum + (node.isNamed ? node.hashrate : 0), 0);
  }

  /**
   * The node at a URL, as nodes or as `parseNodeUrl` write it; else one that says that it listens there, and named ones are
   * believed first.
   */
  node(text: string): NodeState | undefined {
    const url = nodeUrlIn(text) ?? text;
    return (
      this.nodes.find((node) => node.url === url) ??
      this.#named.find((node) => node.isCalled(url)) ??
      this.nodes.find((node) => node.isCalled(url))
    );
  }

  /** Name of the development account that an address is; null for all others. */
  nameOf(address: string): string | null {
    for (const { devAccounts } of this.members) {
      const account = devAccounts.find((candidate) => candidate.address === address);
      if (account) return account.name;
    }
    return null;
  }

  /** Starts with the nodes of the page's server and those that the user added before. */
  start(served: readonly string[]): void {
    for (const url of served) this.#add(nodeUrlIn(url) ?? url, 'served');
    for (const url of this.#remembered.added) this.#add(url, 'added');
  }

  /**
   * Watches another node, and remembers it.
   * @param text what the user wrote
   * @throws NodeUrlError
   */
  add(text: string): NodeState {
    const url = parseNodeUrl(text);
    this.#remembered.add(url);
    const known = this.nodes.find((node) => node.url === url) ?? this.#add(url, 'added');
    if (!known) throw new NodeUrlError();
    if (!known.isNamed) this.#promote(known);
    this.#wanted = known;
    if (known.info) this.#showNetworkOf(known, known.info.genesisHash);
    known.link?.retry();
    return known;
  }

  /** Watches a node no more, and does not take it up again when it is discovered. */
  remove(node: NodeState): void {
    this.#remembered.remove(node.url, node.listenUrl);
    this.#drop(node);
  }

  /** Ends all connections. */
  close(): void {
    for (const { link } of this.nodes) link?.close();
  }

  /** Shows all that has come in since the last frame. */
  flush(): void {
    const inbox = this.#inbox;
    this.#inbox = [];
    for (const apply of inbox) apply();
    for (const replica of this.#replicas.values()) replica.publish();
    for (const node of this.nodes) this.#observer.settle(node);
    if (this.activity.publish(this.#platform.now())) this.#frames.request();
  }

  #mostWork(nodes: readonly NodeState[]): NodeState | null {
    const { chain } = this.replica;
    const workOf = ({ tip }: NodeState): bigint => (tip && chain.get(tip.blockHash)?.chainWork) ?? 0n;
    let best: NodeState | null = null;
    for (const node of nodes) if (best === null || workOf(node) > workOf(best)) best = node;
    return best;
  }

  #add(url: string, origin: NodeOrigin, foundIn: string | null = null, retries = NAMED_RETRIES): NodeState | null {
    if (this.nodes.some((node) => node.url === url)) return null;
    if (this.nodes.length >= MAX_NODES) {
      const discovered = this.nodes.filter((node) => !node.isNamed);
      const least = discovered.find(({ info }) => info === null) ?? discovered.find(({ isOnline }) => !isOnline);
      const left = least ?? (origin === 'discovered' ? undefined : discovered[0]);
      if (!left) return null;
      this.#drop(left);
    }
    const node = new NodeState(url, origin, foundIn, this.#met++);
    node.link = new NodeLink(url, this.#listenTo(node), this.#platform, retries);
    this.nodes = [...this.nodes, node].sort((a, b) => IN_ORDER.compare(a.url, b.url));
    void node.link.run();
    return node;
  }

  /** The user names a node that was only heard of: what it says counts from now on, beginning with a new snapshot. */
  #promote(node: NodeState): void {
    node.origin = 'added';
    node.link?.useRetries(NAMED_RETRIES);
    if (node.isOnline) node.link?.refresh().catch(() => {});
  }

  #listenTo(node: NodeState): LinkListener {
    return {
      state: (state) =>
        this.#put(node, () => {
          const before = node.linkState;
          // An attempt that fails is no news, and the node has been away since before.
          const isStillAway = state.kind === 'offline' && before.kind === 'offline';
          node.linkState = isStillAway ? { ...state, sinceMs: before.sinceMs } : state;
          const isNews = state.kind === 'online' || (state.kind === 'offline' && before.kind === 'online');
          if (isNews) this.activity.add(node, this.#platform.now(), { kind: 'connection', change: state.kind });
        }),
      snapshot: (snapshot) => {
        this.#put(node, () => this.#snapshot(node, snapshot));
        void this.#fetchRest(node, snapshot);
      },
      event: (event) => this.#put(node, () => this.#event(node, event)),
      gap: (gap) =>
        this.#put(node, () => {
          node.gap = gap;
          this.activity.add(
            node,
            gap.atMs,
            gap.kind === 'restarted'
              ? { kind: 'connection', change: 'restarted' }
              : { kind: 'connection', change: 'missed', count: gap.count },
          );
        }),
      latency: (ms) =>
        this.#put(node, () => {
          node.latencyMs = ms;
        }),
      givenUp: () => this.#put(node, () => this.#refuse(node)),
    };
  }

  #snapshot(node: NodeState, snapshot: Snapshot): void {
    const { nodeInfo, genesis } = snapshot;
    if (!node.isNamed && !this.#isOfItsNetwork(node, nodeInfo)) return this.#refuse(node);
    this.#discovery.settle(node.url);
    if (!this.#replicas.has(nodeInfo.genesisHash)) {
      if (!genesis) throw new RangeError('a node has no genesis block');
      this.#replicas.set(nodeInfo.genesisHash, new Replica(headerRulesOf(nodeInfo.genesisHash, genesis.header.raw)));
    }
    try {
      this.#observer.snapshot(node, snapshot);
    } finally {
      if (this.#wanted === node) {
        this.#wanted = null;
        this.#showNetworkOf(node, nodeInfo.genesisHash);
      }
      const twin = this.#twinOf(node, nodeInfo);
      if (twin) this.#drop(twin);
      else this.#discover(node);
      this.#sweep();
    }
  }

  /** What the node through which it was found says of the network counts, and the genesis block binds all of it. */
  #isOfItsNetwork({ foundIn }: NodeState, { genesisHash, network, addressPrefix }: NodeInfo): boolean {
    const info = foundIn === null ? undefined : this.#infoOf(foundIn);
    return (
      info !== undefined && genesisHash === foundIn && network === info.network && addressPrefix === info.addressPrefix
    );
  }

  #infoOf(genesisHash: string): NodeInfo | undefined {
    return this.#named.find(({ info }) => info?.genesisHash === genesisHash)?.info ?? undefined;
  }

  /**
   * Of two that are one node, the one to be watched no more; nodes on different machines may listen by the same name, but
   * did not start in the same millisecond. Nobody takes the place of a named node, or of one that is where it says.
   */
  #twinOf(node: NodeState, { listenUrl, startedAt }: NodeInfo): NodeState | null {
    const twin = this.nodes.find(
      (other) => other !== node && other.info?.listenUrl === listenUrl && other.info.startedAt === startedAt,
    );
    if (!twin) return null;
    if (node.isNamed !== twin.isNamed) return node.isNamed ? twin : node;
    return listenUrl !== null && node.url === nodeUrlIn(listenUrl) ? twin : node;
  }

  #showNetworkOf({ url }: NodeState, genesisHash: string): void {
    const before = this.#shownBefore(url);
    this.choose(genesisHash);
    if (before !== null && before !== genesisHash) this.switched = { nodeUrl: url, from: before, to: genesisHash };
  }

  /** The network that is shown, or would be without a node that has just come. */
  #shownBefore(nodeUrl: string): string | null {
    const others = this.#named.filter(({ url, info }) => url !== nodeUrl && info !== null);
    const shown = this.genesisHash;
    return others.some(({ info }) => info?.genesisHash === shown) ? shown : (others[0]?.info?.genesisHash ?? null);
  }

  #event(node: NodeState, event: NodeEvent): void {
    this.#observer.event(node, event);
    if (event.__typename === 'PeersEvent') this.#discover(node);
    if (event.__typename === 'ReorgEvent' && event.reorg.connected.length <= event.reorg.depth) {
      // More work seldom comes with no more blocks: one was ruled out, and which are invalid now no event says.
      node.link?.refresh().catch(() => {});
    }
  }

  /** Looks for the peers of a named node. Nodes that were found in this way lead to no others. */
  #discover(node: NodeState): void {
    if (!node.isNamed) return;
    const { hidden } = this.#remembered;
    this.#discovery.addPeersOf(node, (url) => {
      const known = this.nodes.find((other) => other.url === url) ?? this.#named.find((other) => other.isCalled(url));
      if (known && !known.isNamed && known.info && !known.isOnline) known.link?.hurry();
      return known !== undefined || hidden.includes(url);
    });
    this.#dialNext();
  }

  #dialNext(): void {
    for (let next = this.#discovery.next(); next; next = this.#discovery.next()) {
      const isNew = this.#add(next.url, 'discovered', next.genesisHash, next.retries) !== null;
      if (!isNew) this.#discovery.settle(next.url);
    }
  }

  /** A URL that led to no node of this network is not tried again for a while. */
  #refuse(node: NodeState): void {
    this.#discovery.refuse(node.url);
    this.#drop(node);
  }

  /** What the snapshot has no room for: older events, and the rest of a long mempool. */
  async #fetchRest(node: NodeState, { nodeInfo, mempool }: Snapshot): Promise<void> {
    const { link } = node;
    if (!link) return;
    const isFirst = node.info === null;
    const removed = new Set<string>();
    node.removed = removed;
    try {
      if (isFirst) {
        const { latestEvents } = await link.query(HistoryQuery, { count: HISTORY_EVENTS });
        this.#put(node, () => this.#observer.history(node, latestEvents));
      }
      let { pageInfo } = mempool.transactions;
      for (let page = 0; page < MAX_PENDING_PAGES && pageInfo.hasNextPage; page++) {
        const more = await link.query(PendingQuery, { first: PENDING_PAGE, after: pageInfo.endCursor });
        const { edges } = more.mempool.transactions;
        this.#put(node, () => {
          // Another snapshot has been taken since, or the transaction is gone already.
          if (node.removed !== removed) return;
          const pool = this.#replicas.get(nodeInfo.genesisHash)?.pool;
          for (const edge of edges) if (!removed.has(edge.node.id)) pool?.add(recordOfTransaction(edge.node), node);
        });
        pageInfo = more.mempool.transactions.pageInfo;
      }
    } catch {
      // The node went away; when it comes back there is a new snapshot, or its events go on.
    } finally {
      // Whether all has come or not: what was noted for it is needed no more, and would only grow.
      this.#put(node, () => {
        if (isFirst) node.streamed = null;
        if (node.removed === removed) node.removed = null;
      });
    }
  }

  #drop(node: NodeState): void {
    node.link?.close();
    this.#discovery.settle(node.url);
    this.nodes = this.nodes.filter((other) => other !== node);
    for (const replica of this.#replicas.values()) replica.forget(node.url);
    this.#frames.request();
    this.#sweep();
  }

  /** Networks of which no named node is any more are forgotten, with the nodes that were found in them. */
  #sweep(): void {
    const known = new Set(this.genesisHashes);
    const stray = this.nodes.find(({ isNamed, foundIn }) => !isNamed && (foundIn === null || !known.has(foundIn)));
    if (stray) return this.#drop(stray);
    if (this.switched && !known.has(this.switched.to)) this.switched = null;
    for (const genesisHash of this.#replicas.keys()) if (!known.has(genesisHash)) this.#replicas.delete(genesisHash);
    this.#dialNext();
  }

  /** Applies what a node has told with the next update, unless the node is watched no more by then. */
  #put(node: NodeState, apply: () => void): void {
    this.#inbox.push(() => {
      if (!this.nodes.includes(node)) return;
      try {
        apply();
      } catch (error) {
        // Nonsense from one node must not hide what others report.
        console.error(`${node.url} told what cannot be read:`, error);
        node.gap = { kind: 'missed', atMs: this.#platform.now(), count: 1 };
      }
    });
    this.#frames.request();
  }
}
