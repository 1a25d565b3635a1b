import { decodeBlock } from '../consensus/block.ts';
import type { Hash } from '../consensus/hash.ts';
import type { Notice } from '../protocol/notices.ts';
import { minerOfTag, type SimulatedNetwork, type Traffic } from './network.ts';
import type { DownReason, SimulatedNode } from './simulated-node.ts';

const MS_PER_MINUTE = 60_000;

/** Quantiles of a list of numbers, in the numbers' unit. */
export interface Quantiles {
  readonly median: number;
  readonly p90: number;
  readonly p99: number;
}

/** The results of a simulation, in figures. */
export interface Figures {
  readonly virtualMinutes: number;
  /** Height of the best chain at the end. */
  readonly blocks: number;
  /** Blocks that were once on the active chain of an honest node, and are not on the best chain. */
  readonly staleBlocks: number;
  /** Further blocks, which no honest node ever connected: of intruders, and those that came second. */
  readonly unusedBlocks: number;
  /**
   * For each block and each honest node but the first to have it: milliseconds from the first node having its body until
   * this node did. Nodes that were down meanwhile do not count.
   */
  readonly propagationMs: readonly number[];
  /** Milliseconds between the first appearances of each block of the best chain and of its parent. */
  readonly intervalsMs: readonly number[];
  /** Blocks on the best chain by the number of the node that mined them; numbers from `nodes` on are those of Byzantine nodes. */
  readonly miners: ReadonlyMap<number, number>;
  /** The Byzantine nodes by number, with the fault that each is there for. */
  readonly intruders: ReadonlyMap<number, string>;
  /** How many reorgs of how many blocks there were, all nodes together. */
  readonly reorgs: ReadonlyMap<number, number>;
  readonly transactions: TransactionFigures;
  /** How often honest nodes went down, by reason. */
  readonly ends: ReadonlyMap<DownReason, number>;
  /** How often each fault happened. */
  readonly faultsInjected: ReadonlyMap<string, number>;
  readonly events: number;
  readonly traffic: Traffic;
}

/** Transfers, each counted once, however many nodes it was submitted to. */
export interface TransactionFigures {
  /** By clients, who do some things wrong on purpose. */
  readonly submitted: number;
  /** Of these, by some honest node. */
  readonly accepted: number;
  /** Of these, on the best chain in the end. */
  readonly confirmed: number;
  /** Of these, in the mempool of an honest node in the end, ready or waiting for an earlier nonce. The rest was replaced, or dropped for a reason. */
  readonly pending: number;
  /** On the best chain, and submitted by no client: of intruders. */
  readonly foreign: number;
}

/** A block whose body some node had. */
export interface SeenBlock {
  readonly height: number;
  readonly hash: Hash;
  readonly previous: Hash;
  /** On the best chain; once the tip of an honest node; never that. */
  readonly status: 'best' | 'stale' | 'unused';
  /** Virtual milliseconds from the start until the first node had it. */
  readonly seenMs: number;
  /** Of its header, in Unix seconds. */
  readonly time: number;
  readonly bits: number;
  /** Number of the node that mined it. */
  readonly miner: number;
  /** Its coinbase included. */
  readonly transactions: number;
  readonly bytes: number;
}

/** The parts of a simulation that figures are taken from. */
interface MeasuredSimulation {
  readonly network: SimulatedNetwork;
  /** The nodes that keep the rules. */
  readonly honest: readonly SimulatedNode[];
  /** Those that do not, with the fault that each is there for. */
  readonly byzantine: ReadonlyMap<SimulatedNode, string>;
  readonly nowMs: number;
  isHonest(node: SimulatedNode): boolean;
  runningHonest(): readonly SimulatedNode[];
}

/** Counts while a simulation runs. */
export class Statistics {
  events = 0;
  readonly #submitted = new Set<Hash>();
  readonly #accepted = new Set<Hash>();
  readonly #simulation: MeasuredSimulation;
  readonly #faults = new Map<string, number>();
  readonly #ends = new Map<DownReason, number>();
  /** Blocks by hash, recorded when the first node had their body. */
  readonly #seen = new Map<Hash, Omit<SeenBlock, 'status'>>();
  /** Ids of a block's transfers. */
  readonly #transfers = new Map<Hash, readonly Hash[]>();
  /** Blocks that an honest node has connected. */
  readonly #connected = new Set<Hash>();
  readonly #startedMs = new Map<SimulatedNode, number>();
  readonly #propagationMs: number[] = [];
  readonly #reorgs = new Map<number, number>();

  constructor(simulation: MeasuredSimulation) {
    this.#simulation = simulation;
  }

  recordFault(name: string): void {
    this.#faults.set(name, (this.#faults.get(name) ?? 0) + 1);
  }

  /** A client has submitted a transfer, perhaps to several nodes. */
  recordSubmission(txid: Hash): void {
    this.#submitted.add(txid);
  }

  /** A node has acknowledged a transfer. */
  recordAcceptance(txid: Hash): void {
    this.#accepted.add(txid);
  }

  recordEnd(node: SimulatedNode): void {
    if (node.down && this.#simulation.isHonest(node)) this.#ends.set(node.down, (this.#ends.get(node.down) ?? 0) + 1);
  }

  recordStart(node: SimulatedNode): void {
    this.#startedMs.set(node, this.#simulation.nowMs);
  }

  /** A node has stored a block's body. */
  recordBody(node: SimulatedNode, hash: Hash, raw: Uint8Array): void {
    const { nowMs } = this.#simulation;
    const seen = this.#seen.get(hash);
    if (!seen) return this.#recordFirstBody(hash, raw, nowMs);
    if (this.#simulation.isHonest(node) && (this.#startedMs.get(node) ?? 0) <= seen.seenMs)
      this.#propagationMs.push(nowMs - seen.seenMs);
  }

  recordNotice(node: SimulatedNode, notice: Notice): void {
    if (notice.kind === 'reorg') {
      const depth = notice.disconnected.length;
      this.#reorgs.set(depth, (this.#reorgs.get(depth) ?? 0) + 1);
    } else if (notice.kind === 'block' && this.#simulation.isHonest(node)) this.#connected.add(notice.blockHash);
  }

  figures(): Figures {
    const { network, byzantine } = this.#simulation;
    const chain = this.#bestChain();
    const miners = new Map<number, number>();
    for (const { miner } of chain) miners.set(miner, (miners.get(miner) ?? 0) + 1);
    return {
      virtualMinutes: network.clock.nowMs / MS_PER_MINUTE,
      blocks: chain.length,
      staleBlocks: this.#connected.size - chain.length,
      unusedBlocks: this.#seen.size - this.#connected.size,
      propagationMs: this.#propagationMs,
      intervalsMs: chain.map(({ seenMs }, i) => seenMs - (chain[i - 1]?.seenMs ?? 0)),
      miners: new Map([...miners].sort(([a], [b]) => a - b)),
      intruders: new Map([...byzantine].map(([{ index }, fault]) => [index, fault])),
      reorgs: new Map([...this.#reorgs].sort(([a], [b]) => a - b)),
      transactions: this.#transactionFigures(chain),
      ends: new Map([...this.#ends].sort()),
      faultsInjected: new Map([...this.#faults].sort()),
      events: this.events,
      traffic: { ...network.traffic },
    };
  }

  /** All blocks that any node had, in the order in which they were first seen. */
  blocks(): SeenBlock[] {
    const best = new Set(this.#bestChain().map(({ hash }) => hash));
    return [...this.#seen.values()].map((block) => {
      const stale = this.#connected.has(block.hash) ? 'stale' : 'unused';
      return { ...block, status: best.has(block.hash) ? 'best' : stale };
    });
  }

  #recordFirstBody(hash: Hash, raw: Uint8Array, seenMs: number): void {
    const { header, transactions } = decodeBlock(raw);
    const [coinbase] = transactions;
    if (coinbase?.kind !== 'coinbase') return;
    const transfers = transactions.slice(1).map(({ txid }) => txid);
    this.#transfers.set(hash, transfers);
    this.#seen.set(hash, {
      height: coinbase.height,
      hash,
      previous: header.prevHash,
      seenMs,
      time: header.time,
      bits: header.bits,
      miner: minerOfTag(coinbase.tag),
      transactions: transactions.length,
      bytes: raw.length,
    });
  }

  #transactionFigures(chain: readonly { readonly hash: Hash }[]): TransactionFigures {
    const onChain = chain.flatMap(({ hash }) => this.#transfers.get(hash) ?? []);
    const confirmed = new Set(onChain.filter((txid) => this.#submitted.has(txid)));
    const pending = new Set<Hash>();
    for (const node of this.#simulation.runningHonest()) {
      for (const { txid } of node.core.mempool.transactions())
        if (this.#submitted.has(txid) && !confirmed.has(txid)) pending.add(txid);
    }
    return {
      submitted: this.#submitted.size,
      // The answer to who submitted it may have been lost in a crash.
      accepted: new Set([...this.#accepted, ...confirmed, ...pending]).size,
      confirmed: confirmed.size,
      pending: pending.size,
      foreign: onChain.length - confirmed.size,
    };
  }

  /** The branch with the most work that an honest node stands on, from the first block after genesis. */
  #bestChain(): Omit<SeenBlock, 'status'>[] {
    const { record } = this.#simulation.honest
      .map((node) => node.core.chain.tip)
      .reduce((a, b) => (b.record.chainWork > a.record.chainWork ? b : a));
    const chain: Omit<SeenBlock, 'status'>[] = [];
    for (let block = this.#seen.get(record.hash); block; block = this.#seen.get(block.previous)) chain.push(block);
    return chain.reverse();
  }
}

/** Nearest-rank quantiles; null of nothing. */
export function quantilesOf(values: readonly number[]): Quantiles | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
  return { median: at(0.5), p90: at(0.9), p99: at(0.99) };
}
