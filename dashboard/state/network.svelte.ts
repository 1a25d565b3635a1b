import { HistoryQuery, type NodeEvent, PendingQuery, type Snapshot } from '../api/documents.ts';
import { type LinkListener, type LinkPlatform, NodeLink } from '../api/node-link.ts';
import { NodeUrlError, parseNodeUrl } from '../api/node-url.ts';
import { type ReorgRecord, recordOfTransaction } from '../model/records.ts';
import { Activity } from './activity.svelte.ts';
import { Frames } from './frames.ts';
import { Gossip } from './gossip.ts';
import { Ledger } from './ledger.ts';
import { type NodeOrigin, NodeState, type Tip } from './node.svelte.ts';
import { Observer } from './observer.ts';

/** Nodes on one page; further ones that are discovered are left out. */
export const MAX_NODES = 64;
/** Reorgs that are remembered; the oldest are forgotten first. */
const MAX_REORGS = 50;
/** Events from before the page was opened that are asked for, of each node. */
const HISTORY_EVENTS = 200;
/** Further pages of a mempool that are fetched at the start. */
const MAX_PENDING_PAGES = 20;
const PENDING_PAGE = 100;

/** Ports are numbers. */
const IN_ORDER = new Intl.Collator('en', { numeric: true });

/** Remembers what the user chose, from one visit to the next. */
export interface Memory {
  read(key: 'nodes' | 'hidden'): readonly string[];
  write(key: 'nodes' | 'hidden', urls: readonly string[]): void;
}

/** All nodes that the page watches, and what they know together. */
export class Network {
  readonly activity = new Activity();
  readonly gossip = new Gossip();
  nodes = $state.raw<readonly NodeState[]>([]);
  /** Newest first. */
  reorgs = $state.raw<readonly ReorgRecord[]>([]);
  /** The network that is shown, where the nodes are of several. */
  #chosenGenesis = $state<string | null>(null);
  readonly #ledgers = new Map<string, Ledger>();
  readonly #nowhere = new Ledger();
  readonly #platform: LinkPlatform;
  readonly #memory: Memory;
  readonly #observer: Observer;
  readonly #frames = new Frames(() => this.flush());
  #inbox: (() => void)[] = [];
  /** Whoever adds a node wants to see it, whatever network it is of. */
  #wanted: NodeState | null = null;

  constructor(platform: LinkPlatform, memory: Memory) {
    this.#platform = platform;
    this.#memory = memory;
    const network = this;
    this.#observer = new Observer({
      activity: this.activity,
      gossip: this.gossip,
      get nodes() {
        return network.nodes;
      },
      ledgerOf: (genesisHash) => this.#ledger(genesisHash),
      reorged: (reorgs) => this.#remember(reorgs),
    });
  }

  /** Genesis blocks of the networks that the nodes are of, the one with most nodes first. */
  get genesisHashes(): readonly string[] {
    const counts = new Map<string, number>();
    for (const { info } of this.nodes) if (info) counts.set(info.genesisHash, (counts.get(info.genesisHash) ?? 0) + 1);
    return [...counts].sort((a, b) => b[1] - a[1]).map(([genesisHash]) => genesisHash);
  }

  /** Of the network that is shown; null before any node has answered. */
  get genesisHash(): string | null {
    const known = this.genesisHashes;
    const chosen = this.#chosenGenesis;
    return chosen !== null && known.includes(chosen) ? chosen : (known[0] ?? null);
  }

  choose(genesisHash: string): void {
    this.#chosenGenesis = genesisHash;
  }

  /** The nodes of the network that is shown, and those that have not said of which they are. */
  get members(): readonly NodeState[] {
    const shown = this.genesisHash;
    return this.nodes.filter(({ info }) => info === null || info.genesisHash === shown);
  }

  get ledger(): Ledger {
    const shown = this.genesisHash;
    return shown === null ? this.#nowhere : this.#ledger(shown);
  }

  /**
   * The node that is asked what only one can answer: of those that are there and that somebody has named, the one with
   * the most work. A node that was only heard of is taken at its word where there is no other.
   */
  get reader(): NodeState | null {
    const online = this.members.filter(({ isOnline }) => isOnline);
    return this.#mostWork(online.filter(({ origin }) => origin !== 'discovered')) ?? this.#mostWork(online);
  }

  /** The tip with the most work that any node was seen on, also one that is away now. */
  get bestTip(): Tip | null {
    return (this.reader ?? this.#mostWork(this.members))?.tip ?? null;
  }

  node(url: string): NodeState | undefined {
    return this.nodes.find((node) => node.isCalled(url));
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
    for (const url of served) this.#add(url, 'served');
    for (const url of this.#memory.read('nodes')) this.#add(url, 'added');
  }

  /**
   * Watches another node, and remembers it.
   * @param text what the user wrote
   * @throws NodeUrlError
   */
  add(text: string): NodeState {
    const url = parseNodeUrl(text);
    this.#memory.write(
      'hidden',
      this.#memory.read('hidden').filter((hidden) => hidden !== url),
    );
    this.#memory.write('nodes', [...new Set([...this.#memory.read('nodes'), url])]);
    const known = this.node(url) ?? this.#add(url, 'added');
    if (!known) throw new NodeUrlError();
    this.#wanted = known;
    if (known.info) this.choose(known.info.genesisHash);
    known.link?.retry();
    return known;
  }

  /** Watches a node no more, and does not take it up again when it is discovered. */
  remove(node: NodeState): void {
    this.#memory.write(
      'nodes',
      this.#memory.read('nodes').filter((url) => url !== node.url),
    );
    this.#memory.write('hidden', [
      ...new Set([...this.#memory.read('hidden'), node.url, ...(node.info ? [node.info.listenUrl] : [])]),
    ]);
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
    for (const ledger of this.#ledgers.values()) ledger.publish();
    if (this.activity.publish(this.#platform.now())) this.#frames.request();
  }

  #mostWork(nodes: readonly NodeState[]): NodeState | null {
    const { chain } = this.ledger;
    const workOf = ({ tip }: NodeState): bigint => (tip && chain.get(tip.blockHash)?.chainWork) ?? 0n;
    let best: NodeState | null = null;
    for (const node of nodes) if (best === null || workOf(node) > workOf(best)) best = node;
    return best;
  }

  #add(url: string, origin: NodeOrigin): NodeState | null {
    if (this.nodes.some((node) => node.isCalled(url))) return null;
    if (this.nodes.length >= MAX_NODES) {
      const useless = this.nodes.find((node) => node.origin === 'discovered' && node.info === null);
      if (!useless) return null;
      this.#drop(useless);
    }
    const node = new NodeState(url, origin);
    node.link = new NodeLink(url, this.#listenTo(node), this.#platform);
    this.nodes = [...this.nodes, node].sort((a, b) => IN_ORDER.compare(a.url, b.url));
    void node.link.run();
    return node;
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
          if (isNews) this.activity.add(node.url, this.#platform.now(), { kind: 'connection', change: state.kind });
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
            node.url,
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
    };
  }

  #snapshot(node: NodeState, snapshot: Snapshot): void {
    this.#observer.snapshot(node, snapshot);
    const { listenUrl, startedAt } = snapshot.nodeInfo;
    // Nodes on different machines may listen by the same name.
    const twin = this.nodes.find(
      (other) => other !== node && other.info?.listenUrl === listenUrl && other.info.startedAt === startedAt,
    );
    if (this.#wanted === node) {
      this.#wanted = null;
      this.choose(snapshot.nodeInfo.genesisHash);
    }
    if (twin) this.#drop(node.origin === 'discovered' ? node : twin);
    else this.#discover(node);
  }

  #event(node: NodeState, event: NodeEvent): void {
    this.#observer.event(node, event);
    if (event.__typename === 'PeersEvent') this.#discover(node);
    if (event.__typename === 'ReorgEvent' && event.reorg.connected.length <= event.reorg.depth) {
      // More work seldom comes with no more blocks: one was ruled out, and which are invalid now no event says.
      node.link?.refresh().catch(() => {});
    }
  }

  #discover({ peers }: NodeState): void {
    const hidden = this.#memory.read('hidden');
    for (const { url: told, state } of peers) {
      const url = told === null || state !== 'READY' ? null : nodeUrlIn(told);
      if (url !== null && !hidden.includes(url)) this.#add(url, 'discovered');
    }
  }

  /** What the first picture has no room for: older events, and the rest of a long mempool. */
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
          // Another picture has been taken since, or the transaction is gone already.
          if (node.removed !== removed) return;
          const { pool } = this.#ledger(nodeInfo.genesisHash);
          for (const edge of edges) if (!removed.has(edge.node.id)) pool.add(recordOfTransaction(edge.node), node.url);
        });
        pageInfo = more.mempool.transactions.pageInfo;
      }
    } catch {
      // The node went away; when it comes back there is a new picture, or its events go on.
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
    this.nodes = this.nodes.filter((other) => other !== node);
    for (const ledger of this.#ledgers.values()) ledger.pool.clear(node.url);
    this.#frames.request();
  }

  #remember(reorgs: readonly ReorgRecord[]): void {
    const known = new Set(this.reorgs.map(({ key }) => key));
    const fresh = reorgs.filter(({ key }) => !known.has(key));
    this.reorgs = [...fresh, ...this.reorgs].sort((a, b) => b.atMs - a.atMs).slice(0, MAX_REORGS);
  }

  #ledger(genesisHash: string): Ledger {
    const ledger = this.#ledgers.get(genesisHash) ?? new Ledger();
    this.#ledgers.set(genesisHash, ledger);
    return ledger;
  }

  /** Applies what a node has told with the next update, unless the node is watched no more by then. */
  #put(node: NodeState, apply: () => void): void {
    this.#inbox.push(() => {
      if (!this.nodes.includes(node)) return;
      try {
        apply();
      } catch (error) {
        // One node that tells nonsense must not hide what others tell.
        console.error(`${node.url} told what cannot be read:`, error);
        node.gap = { kind: 'missed', atMs: this.#platform.now(), count: 1 };
      }
    });
    this.#frames.request();
  }
}

/** What a node says of others may be anything. */
function nodeUrlIn(text: string): string | null {
  try {
    return parseNodeUrl(text);
  } catch (error) {
    if (error instanceof NodeUrlError) return null;
    throw error;
  }
}
