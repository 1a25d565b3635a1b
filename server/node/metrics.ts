import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { BoundedResource } from '../../protocol/bounded-resource.ts';
import type { SyncWaiting } from '../../protocol/node-view.ts';
import type { StratumView } from '../stratum/stratum-view.ts';
import type { ChainTotals } from './chain-totals.ts';
import type { Checkpoint } from './checkpoint.ts';

const MS_PER_SECOND = 1_000;
const STALL_REASONS: readonly SyncWaiting['reason'][] = ['clock', 'bodies', 'work'];

/** The numbers of a node at one moment; totals count from its start. */
export interface MetricsSnapshot {
  readonly height: number;
  readonly checkpoints: readonly Checkpoint[];
  /** Best height known of any peer or header. */
  readonly targetHeight: number;
  /** What it waits for if its sync has stalled; otherwise null. */
  readonly stalledBy: SyncWaiting['reason'] | null;
  /** Number of times its sync has stalled. */
  readonly stalls: number;
  readonly peersInbound: number;
  readonly peersOutbound: number;
  readonly mempoolSize: number;
  readonly mempoolBytes: number;
  /** Hashes per second, now. */
  readonly hashrate: number;
  readonly hashesDone: number;
  readonly totals: ChainTotals;
  /** Subscriptions to the API that are open now. */
  readonly subscriptions: number;
  /** Delay of the event loop, 99th percentile. */
  readonly loopDelayP99Ms: number;
  /** What it keeps in memory on behalf of others, with the limit of each. */
  readonly resources: readonly BoundedResource[];
  /** Mining programs outside of the node; null: none can connect. */
  readonly stratum: StratumView | null;
}

/** The node's metrics in the Prometheus format. */
export interface Metrics {
  readonly contentType: string;
  render(): Promise<string>;
}

/**
 * The metrics of one node, in a registry of its own: many nodes run in one process.
 *
 * @param read called once for each rendering, so that the figures are consistent
 */
export function createMetrics(read: () => MetricsSnapshot): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const gauge = (name: string, help: string) => new Gauge({ name: `forklore_${name}`, help, registers });
  const counter = (name: string, help: string) => {
    const metric = new Counter({ name: `forklore_${name}`, help, registers });
    return {
      set(total: number): void {
        metric.reset();
        metric.inc(total);
      },
    };
  };
  const height = gauge('height', 'Height of the tip');
  const setCheckpoints = checkpointMetrics(registers);
  const targetHeight = gauge('target_height', 'Best height known of any peer or header');
  const stalled = new Gauge({
    name: 'forklore_sync_stalled',
    help: '1 while the sync has stalled, by what it waits for',
    labelNames: ['reason'],
    registers,
  });
  const peers = new Gauge({ name: 'forklore_peers', help: 'Connected peers', labelNames: ['direction'], registers });
  const mempoolSize = gauge('mempool_transactions', 'Transactions in the mempool');
  const mempoolBytes = gauge('mempool_bytes', 'Bytes of the transactions in the mempool');
  const hashrate = gauge('hashrate', 'Hashes per second');
  const subscriptions = gauge('subscriptions', 'Open subscriptions to the API');
  const ofResources = { labelNames: ['what'], registers };
  const held = new Gauge({ name: 'forklore_held', help: 'Items held in memory on behalf of others', ...ofResources });
  const heldLimit = new Gauge({ name: 'forklore_held_limit', help: 'Limit of these items', ...ofResources });
  const loopDelay = gauge('loop_delay_p99_seconds', '99th percentile of the delay of the event loop');
  new Gauge({
    name: 'forklore_process_listeners',
    help: 'Listeners of the process itself, not of its sockets; connections must not add to them',
    registers,
    collect() {
      this.set(process.eventNames().reduce((count, name) => count + process.listenerCount(name), 0));
    },
  });
  const hashesDone = counter('hashes_total', 'Hashes computed');
  const blocksMined = counter('blocks_mined_total', 'Blocks mined by this node');
  const stalls = counter('sync_stalls_total', 'Number of times that the synchronization has stalled');
  const reorgs = counter('reorgs_total', 'Reorganisations of the active chain');
  const contractTransactions = counter('contract_transactions_total', 'Deploys and calls in the blocks it connected');
  const gasUsed = counter('gas_used_total', 'Gas that they used');
  const setStratum = stratumMetrics(registers);
  return {
    contentType: registry.contentType,
    render(): Promise<string> {
      const snapshot = read();
      height.set(snapshot.height);
      setCheckpoints(snapshot.checkpoints);
      targetHeight.set(snapshot.targetHeight);
      for (const reason of STALL_REASONS) stalled.set({ reason }, Number(snapshot.stalledBy === reason));
      stalls.set(snapshot.stalls);
      peers.set({ direction: 'inbound' }, snapshot.peersInbound);
      peers.set({ direction: 'outbound' }, snapshot.peersOutbound);
      mempoolSize.set(snapshot.mempoolSize);
      mempoolBytes.set(snapshot.mempoolBytes);
      subscriptions.set(snapshot.subscriptions);
      hashrate.set(snapshot.hashrate);
      loopDelay.set(snapshot.loopDelayP99Ms / MS_PER_SECOND);
      for (const { what, count, limit } of snapshot.resources) {
        held.set({ what }, count);
        heldLimit.set({ what }, limit);
      }
      hashesDone.set(snapshot.hashesDone);
      blocksMined.set(snapshot.totals.blocksMined);
      reorgs.set(snapshot.totals.reorgs);
      contractTransactions.set(snapshot.totals.contractTransactions);
      gasUsed.set(snapshot.totals.gasUsed);
      setStratum(snapshot.stratum);
      return registry.metrics();
    },
  };
}

/** Metrics of checkpoints, of each slot. @returns what sets them */
function checkpointMetrics(registers: Registry[]): (checkpoints: readonly Checkpoint[]) => void {
  const gauge = (name: string, help: string) =>
    new Gauge({ name: `forklore_checkpoint_${name}`, help, labelNames: ['slot'], registers });
  const heights = gauge('height', 'Heights of checkpoints, buried blocks for comparison of nodes');
  const fingerprints = gauge('fingerprint', 'Digits of the hash of each checkpoint, as a number');
  return (checkpoints) => {
    // A chain that went back to a snapshot has fewer.
    for (const metric of [heights, fingerprints]) metric.reset();
    for (const { slot, height, fingerprint } of checkpoints) {
      heights.set({ slot }, height);
      fingerprints.set({ slot }, fingerprint);
    }
  };
}

/** Metrics of mining over Stratum, all zero where no program can connect. @returns what sets them */
function stratumMetrics(registers: Registry[]): (stratum: StratumView | null) => void {
  const gauge = (name: string, help: string) => new Gauge({ name: `forklore_stratum_${name}`, help, registers });
  const miners = gauge('miners', 'Mining programs that are connected over Stratum');
  const hashrate = gauge('hashrate', 'Their hashes per second, estimated from their shares');
  const shares = new Counter({
    name: 'forklore_stratum_shares_total',
    help: 'Shares that they sent, by how they were answered',
    labelNames: ['answer'],
    registers,
  });
  const blocks = new Counter({ name: 'forklore_stratum_blocks_total', help: 'Shares that were blocks', registers });
  return (stratum) => {
    miners.set(stratum?.miners.length ?? 0);
    hashrate.set(stratum?.hashrate ?? 0);
    shares.reset();
    for (const answer of ['accepted', 'stale', 'refused'] as const)
      shares.inc({ answer }, stratum?.shares[answer] ?? 0);
    blocks.reset();
    blocks.inc(stratum?.blocks ?? 0);
  };
}
