import type { HistoryEvent, NodeEvent, Peer, Snapshot } from '../api/documents.ts';
import {
  momentOf,
  type ReorgRecord,
  recordOfBlock,
  recordOfReorg,
  recordOfTransaction,
  recordOfTreeNode,
  reorgsAmong,
  sightingOf,
} from '../model/records.ts';
import { type Activity, happeningsOf } from './activity.svelte.ts';
import type { Gossip } from './gossip.ts';
import type { Ledger } from './ledger.ts';
import type { NodeState } from './node.svelte.ts';

/** What an observer writes to. */
export interface Observed {
  readonly activity: Activity;
  readonly gossip: Gossip;
  readonly nodes: readonly NodeState[];
  ledgerOf(genesisHash: string): Ledger;
  reorged(reorgs: readonly ReorgRecord[]): void;
}

/** Turns what a node tells into what the page knows. */
export class Observer {
  readonly #observed: Observed;

  constructor(observed: Observed) {
    this.#observed = observed;
  }

  snapshot(node: NodeState, snapshot: Snapshot): void {
    const { nodeInfo, tip, peers, miner, devAccounts, mempool, blockTree } = snapshot;
    // It may have been started anew with another network.
    if (node.info) this.#observed.ledgerOf(node.info.genesisHash).pool.clear(node.url);
    node.info = nodeInfo;
    node.tip = { blockHash: tip.hash, height: tip.height };
    node.sync = nodeInfo.sync;
    node.peers = peers;
    node.miner = miner;
    node.devAccounts = devAccounts;
    node.pendingCount = mempool.size;
    node.minimumFeeRate = mempool.minimumFeeRate;
    const { chain, pool } = this.#observed.ledgerOf(nodeInfo.genesisHash);
    for (const item of blockTree) chain.add(recordOfTreeNode(item), node.url, sightingOf(item));
    for (const { node: item } of mempool.transactions.edges) pool.add(recordOfTransaction(item), node.url);
  }

  history(node: NodeState, events: readonly HistoryEvent[]): void {
    const fresh = events.filter(({ cursor }) => !node.streamed?.has(cursor));
    this.#observed.activity.addHistory(node.url, fresh);
    this.#observed.reorged(reorgsAmong(node.url, fresh));
  }

  event(node: NodeState, event: NodeEvent): void {
    const { activity } = this.#observed;
    node.streamed?.add(event.cursor);
    for (const what of happeningsOf(event)) activity.add(node.url, momentOf(event.at), what);
    switch (event.__typename) {
      case 'BlockEvent':
        return this.#block(node, event);
      case 'MempoolEvent':
        return this.#mempool(node, event);
      case 'ReorgEvent':
        // The blocks that it took up follow as events of their own; there may be none.
        if (node.tip) {
          const { commonAncestor, depth } = event.reorg;
          node.tip = { blockHash: commonAncestor, height: node.tip.height - depth };
        }
        return this.#observed.reorged([recordOfReorg(node.url, event)]);
      case 'PeersEvent':
        node.peers = event.peers;
        return;
      case 'MinerEvent':
        return this.#miner(node, event);
      case 'SyncEvent':
        node.sync = event.sync;
        return;
      case 'GapEvent':
        return;
    }
  }

  #block(node: NodeState, { block }: Extract<NodeEvent, { __typename: 'BlockEvent' }>): void {
    const ledger = this.#ledgerOf(node);
    if (!ledger) return;
    ledger.chain.add(recordOfBlock(block), node.url, sightingOf(block));
    node.tip = { blockHash: block.hash, height: block.height };
    if (node.sync)
      node.sync = { ...node.sync, height: block.height, targetHeight: Math.max(block.height, node.sync.targetHeight) };
    const from = block.firstSeenFrom === 'self' ? null : this.#nodeCalled(block.firstSeenFrom)?.url;
    if (from !== undefined) this.#observed.gossip.tell({ kind: 'block', id: block.hash, from, to: node.url });
  }

  #mempool(node: NodeState, { change }: Extract<NodeEvent, { __typename: 'MempoolEvent' }>): void {
    const ledger = this.#ledgerOf(node);
    if (!ledger) return;
    for (const transaction of change.transactions) {
      this.#observed.gossip.tell({
        kind: 'transaction',
        id: transaction.id,
        from: this.#likelySource(node, ledger.pool.holdersNow(transaction.id)),
        to: node.url,
      });
      const isWaiting = transaction.status === 'PENDING' || transaction.status === 'QUEUED';
      if (isWaiting) ledger.pool.add(recordOfTransaction(transaction), node.url);
    }
    for (const { id, reason } of change.removed) {
      ledger.pool.remove(id, node.url, reason);
      node.removed?.add(id);
    }
    node.pendingCount = change.size;
  }

  #miner(node: NodeState, { at, miner }: Extract<NodeEvent, { __typename: 'MinerEvent' }>): void {
    if (node.miner?.mode !== miner.mode) {
      const what = { kind: 'miner', mode: miner.mode, working: miner.working } as const;
      this.#observed.activity.add(node.url, momentOf(at), what);
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
    return url === null ? undefined : this.#nodeCalled(url);
  }

  #nodeCalled(url: string): NodeState | undefined {
    return this.#observed.nodes.find((node) => node.isCalled(url));
  }

  #ledgerOf({ info }: NodeState): Ledger | null {
    return info && this.#observed.ledgerOf(info.genesisHash);
  }
}
