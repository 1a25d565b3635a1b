import type { HistoryEvent, NodeEvent, Peer, Snapshot } from '../../client/documents.ts';
import { quotable } from '../../consensus/quotable.ts';
import { nameableAccounts } from '../model/dev-accounts.ts';
import {
  claimOfBlock,
  claimOfTreeNode,
  momentOf,
  type ReorgRecord,
  recordOfReorg,
  recordOfTransaction,
  reorgsAmong,
  sightingOf,
} from '../model/records.ts';
import { type Activity, happeningsOf } from './activity.svelte.ts';
import type { Gossip } from './gossip.ts';
import type { NodeState, Tip } from './node.svelte.ts';
import type { Replica } from './replica.ts';

/** Longest name of a node or a network that is shown whole, in characters: that of a network has at most 32 bytes. */
const MAX_NAME_CHARS = 64;
/** Peers of a node that are looked at; no node has more. */
const MAX_PEERS = 256;
/** Ways from a node that are looked at; no node has conditions on more. */
const MAX_WEATHER = 1_000;

/** What an observer writes to. */
export interface Observed {
  readonly activity: Activity;
  readonly gossip: Gossip;
  /** The node that a URL names, or a node that listens there. */
  node(url: string): NodeState | undefined;
  /** Null for a network of which no named node is. */
  replicaOf(genesisHash: string): Replica | null;
  addReorgs(reorgs: readonly ReorgRecord[]): void;
}

/** Turns what a node tells into what the page knows. */
export class Observer {
  readonly #observed: Observed;

  constructor(observed: Observed) {
    this.#observed = observed;
  }

  /**
   * @throws where the node claims of blocks what their headers do not show; all else is taken up nevertheless
   */
  snapshot(node: NodeState, snapshot: Snapshot): void {
    const { nodeInfo, tip, peers, miner, devAccounts, mempool } = snapshot;
    const replica = this.#observed.replicaOf(nodeInfo.genesisHash);
    if (!replica) return;
    // It may have been restarted on another network.
    if (node.info && node.info.genesisHash !== nodeInfo.genesisHash)
      this.#observed.replicaOf(node.info.genesisHash)?.forget(node.url);
    replica.pool.clear(node.url);
    node.info = {
      ...nodeInfo,
      name: quotable(nodeInfo.name, MAX_NAME_CHARS),
      network: quotable(nodeInfo.network, MAX_NAME_CHARS),
    };
    node.sync = nodeInfo.sync;
    node.peers = peers.slice(0, MAX_PEERS);
    node.weather = nodeInfo.weather.slice(0, MAX_WEATHER);
    node.miner = miner;
    node.devAccounts = nameableAccounts(devAccounts, nodeInfo, node.isNamed);
    node.pendingCount = mempool.size;
    node.minimumFeeRate = mempool.minimumFeeRate;
    for (const { node: item } of mempool.transactions.edges) replica.pool.add(recordOfTransaction(item), node);
    const trouble = this.#blocks(node, snapshot, replica);
    node.tip = null;
    this.#stand(node, replica, { blockHash: tip.hash, height: tip.height });
    if (trouble) throw trouble.error;
  }

  /** A node that was only heard of stands where it says once that block is known here. */
  settle(node: NodeState): void {
    const replica = this.#replicaOf(node);
    if (replica && node.claimedTip) this.#stand(node, replica, node.claimedTip);
  }

  history(node: NodeState, events: readonly HistoryEvent[]): void {
    const fresh = events.filter(({ cursor }) => !node.streamed?.has(cursor));
    this.#observed.activity.addHistory(node, fresh);
    this.#observed.addReorgs(reorgsAmong(node.url, fresh));
  }

  event(node: NodeState, event: NodeEvent): void {
    const { activity } = this.#observed;
    node.streamed?.add(event.cursor);
    for (const what of happeningsOf(event)) activity.add(node, momentOf(event.at), what);
    switch (event.__typename) {
      case 'BlockEvent':
        return this.#block(node, event);
      case 'MempoolEvent':
        return this.#mempool(node, event);
      case 'ReorgEvent':
        this.#reorg(node, event);
        return this.#observed.addReorgs([recordOfReorg(node.url, event)]);
      case 'PeersEvent':
        node.peers = event.peers.slice(0, MAX_PEERS);
        node.weather = event.weather.slice(0, MAX_WEATHER);
        return;
      case 'MinerEvent':
        return this.#miner(node, event);
      case 'SyncEvent':
        node.sync = event.sync;
        return;
      case 'ResetEvent':
        // What it had until now is no part of its past: a snapshot of what it has follows.
        this.#replicaOf(node)?.forget(node.url);
        return;
      case 'GapEvent':
        return;
    }
  }

  /** Lowest first, so that each is placed on its parent. @returns what was wrong with the first that was refused */
  #blocks(node: NodeState, { blockTree }: Snapshot, { chain, rules }: Replica): { readonly error: unknown } | null {
    if (!rules) return null;
    let trouble: { readonly error: unknown } | null = null;
    chain.restart(node.url);
    for (const item of [...blockTree].sort((a, b) => a.height - b.height)) {
      try {
        chain.add(claimOfTreeNode(item, rules), node, sightingOf(item));
      } catch (error) {
        // One block that is told wrongly does not hide the others.
        trouble ??= { error };
      }
    }
    return trouble;
  }

  /** Takes a tip for the node's where the block is known, or where the node is a named one. */
  #stand(node: NodeState, { chain }: Replica, tip: Tip): void {
    const isTaken = node.isNamed || chain.hasAt(tip.blockHash, tip.height);
    node.claimedTip = isTaken ? null : tip;
    if (isTaken) node.tip = tip;
  }

  /** The blocks that it took up follow as events of their own; there may be none. */
  #reorg(node: NodeState, { reorg }: Extract<NodeEvent, { __typename: 'ReorgEvent' }>): void {
    const replica = this.#replicaOf(node);
    const tip = node.claimedTip ?? node.tip;
    if (replica && tip) {
      this.#stand(node, replica, { blockHash: reorg.commonAncestor, height: tip.height - reorg.depth });
    }
  }

  #block(node: NodeState, { block }: Extract<NodeEvent, { __typename: 'BlockEvent' }>): void {
    const replica = this.#replicaOf(node);
    if (!replica?.rules) return;
    replica.chain.add(claimOfBlock(block, replica.rules), node, sightingOf(block));
    this.#stand(node, replica, { blockHash: block.hash, height: block.height });
    if (node.sync)
      node.sync = { ...node.sync, height: block.height, targetHeight: Math.max(block.height, node.sync.targetHeight) };
    const from = block.firstSeenFrom === 'self' ? null : this.#observed.node(block.firstSeenFrom)?.url;
    const isShown = replica.chain.hasAt(block.hash, block.height);
    if (from !== undefined && isShown)
      this.#observed.gossip.report({ kind: 'block', id: block.hash, from, to: node.url });
  }

  #mempool(node: NodeState, { change }: Extract<NodeEvent, { __typename: 'MempoolEvent' }>): void {
    const replica = this.#replicaOf(node);
    if (!replica) return;
    for (const transaction of change.transactions) {
      this.#observed.gossip.report({
        kind: 'transaction',
        id: transaction.id,
        from: this.#likelySource(node, replica.pool.holdersNow(transaction.id)),
        to: node.url,
      });
      const isWaiting = transaction.status === 'PENDING' || transaction.status === 'QUEUED';
      if (isWaiting) replica.pool.add(recordOfTransaction(transaction), node);
    }
    for (const { id, reason } of change.removed) {
      replica.pool.remove(id, node.url, reason);
      node.removed?.add(id);
    }
    node.pendingCount = change.size;
  }

  #miner(node: NodeState, { at, miner }: Extract<NodeEvent, { __typename: 'MinerEvent' }>): void {
    if (node.miner?.mode !== miner.mode) {
      const what = { kind: 'miner', mode: miner.mode, working: miner.working } as const;
      this.#observed.activity.add(node, momentOf(at), what);
    }
    node.miner = miner;
  }

  /** Nodes do not say who told them of a transaction: a connected one that has it already most likely did. */
  #likelySource(node: NodeState, holders: ReadonlySet<string>): string | null {
    for (const peer of node.peers) {
      const other = this.#otherEnd(peer);
      if (other && holders.has(other.url)) return other.url;
    }
    return null;
  }

  #otherEnd({ url }: Peer): NodeState | undefined {
    return url === null ? undefined : this.#observed.node(url);
  }

  #replicaOf({ info }: NodeState): Replica | null {
    return info && this.#observed.replicaOf(info.genesisHash);
  }
}
