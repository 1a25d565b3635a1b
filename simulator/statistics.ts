import { decodeBlock } from '../consensus/block.ts';
import type { Hash } from '../consensus/hash.ts';
import type { Notice } from '../protocol/notices.ts';
import { minerOfTag, type Traffic } from './network.ts';
import type { DownReason, SimulatedNode } from './simulated-node.ts';
import type { Simulation } from './simulation.ts';

/** Quantiles of a list of numbers, in the numbers' unit. */
export interface Quantiles {
  readonly median: number;
  readonly p90: number;
  readonly p99: number;
}

/** What a simulation came to, in figures. */
export interface Figures {
  readonly virtualMinutes: number;
  /** Height of the best chain at the end. */
  readonly blocks: number;
  /** Blocks that an honest node stood on, and that are not on it. */
  readonly staleBlocks: number;
  /**
   * For each block and each honest node but the first to have it: milliseconds from the moment that anybody had its body
   * until this node did. Nodes that were down meanwhile do not count.
   */
  readonly propagationMs: readonly number[];
  /** Blocks on the best chain by the number of the node that mined them; numbers from `nodes` on are those of Byzantine nodes. */
  readonly miners: ReadonlyMap<number, number>;
  /** How many reorgs of how many blocks there were, all nodes together. */
  readonly reorgs: ReadonlyMap<number, number>;
  readonly transactions: { readonly submitted: number; readonly accepted: number; readonly confirmed: number };
  /** How often honest nodes went down, by why. */
  readonly ends: ReadonlyMap<DownReason, number>;
  /** How often each fault happened. */
  readonly faultsInjected: ReadonlyMap<string, number>;
  readonly events: number;
  readonly traffic: Traffic;
}

/** Counts while a simulation runs. */
export class Statistics {
  events = 0;
  submitted = 0;
  accepted = 0;
  readonly #simulation: Simulation;
  readonly #faults = new Map<string, number>();
  readonly #ends = new Map<DownReason, number>();
  /** When anybody first had a block's body. */
  readonly #firstSeenMs = new Map<Hash, number>();
  /** Who mined a block, by its coinbase. */
  readonly #miners = new Map<Hash, number>();
  /** Blocks that an honest node has connected. */
  readonly #connected = new Set<Hash>();
  readonly #startedMs = new Map<SimulatedNode, number>();
  readonly #propagationMs: number[] = [];
  readonly #reorgs = new Map<number, number>();

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  fault(name: string): void {
    this.#faults.set(name, (this.#faults.get(name) ?? 0) + 1);
  }

  ended(node: SimulatedNode): void {
    if (node.down && this.#simulation.isHonest(node)) this.#ends.set(node.down, (this.#ends.get(node.down) ?? 0) + 1);
  }

  started(node: SimulatedNode): void {
    this.#startedMs.set(node, this.#simulation.nowMs);
  }

  /** A node has a block's body. */
  has(node: SimulatedNode, hash: Hash, raw: Uint8Array): void {
    const { nowMs } = this.#simulation;
    const firstMs = this.#firstSeenMs.get(hash);
    if (firstMs === undefined) {
      this.#firstSeenMs.set(hash, nowMs);
      const [coinbase] = decodeBlock(raw).transactions;
      if (coinbase?.kind === 'coinbase') this.#miners.set(hash, minerOfTag(coinbase.tag));
    } else if (this.#simulation.isHonest(node) && (this.#startedMs.get(node) ?? 0) <= firstMs)
      this.#propagationMs.push(nowMs - firstMs);
  }

  notice(node: SimulatedNode, notice: Notice): void {
    if (notice.kind === 'reorg') {
      const depth = notice.disconnected.length;
      this.#reorgs.set(depth, (this.#reorgs.get(depth) ?? 0) + 1);
    } else if (notice.kind === 'block' && this.#simulation.isHonest(node)) this.#connected.add(notice.blockHash);
  }

  figures(): Figures {
    const { network, model, honest } = this.#simulation;
    const best = honest
      .map((node) => node.core.chain.tip)
      .reduce((a, b) => (b.record.chainWork > a.record.chainWork ? b : a));
    const blocks = best.record.height;
    let confirmed = 0;
    // The coinbase is not anybody's transaction.
    const miners = new Map<number, number>();
    for (let walk = verdictBlock(model, best.record.hash); walk; walk = walk.parent) {
      confirmed += walk.txids.size - 1;
      const miner = this.#miners.get(walk.hash);
      if (miner !== undefined) miners.set(miner, (miners.get(miner) ?? 0) + 1);
    }
    return {
      virtualMinutes: network.clock.nowMs / 60_000,
      blocks,
      staleBlocks: this.#connected.size - blocks,
      propagationMs: this.#propagationMs,
      miners: new Map([...miners].sort(([a], [b]) => a - b)),
      reorgs: new Map([...this.#reorgs].sort(([a], [b]) => a - b)),
      transactions: { submitted: this.submitted, accepted: this.accepted, confirmed },
      ends: new Map([...this.#ends].sort()),
      faultsInjected: new Map([...this.#faults].sort()),
      events: this.events,
      traffic: { ...network.traffic },
    };
  }
}

function verdictBlock(model: Simulation['model'], hash: Hash): Simulation['model']['genesis'] | null {
  const verdict = model.verdictOf(hash);
  return verdict?.valid ? verdict.block : null;
}

/** Nearest-rank quantiles; null of nothing. */
export function quantilesOf(values: readonly number[]): Quantiles | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
  return { median: at(0.5), p90: at(0.9), p99: at(0.99) };
}
