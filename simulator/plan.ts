import type { FaultName } from './faults/names.ts';

/** Something that a scenario does to the network at a certain time. Nodes are named by their number, from 0. */
export type TimedAction =
  /** Only nodes of one group reach each other. Nodes that are in none form one more. */
  | { readonly kind: 'partition'; readonly groups: readonly (readonly number[])[] }
  /** Ends all partitions. */
  | { readonly kind: 'heal' }
  | { readonly kind: 'crash'; readonly node: number }
  | { readonly kind: 'start'; readonly node: number }
  /** The node's share of the hashrate becomes `factor` times an equal share. */
  | { readonly kind: 'hashrate'; readonly node: number; readonly factor: number };

export interface TimedEvent {
  readonly atSeconds: number;
  readonly action: TimedAction;
}

/** All that decides a simulation. The same plan gives the same run. */
export interface Plan {
  readonly name: string;
  readonly seed: number;
  /** Honest nodes. Those of Byzantine faults come on top. */
  readonly nodes: number;
  /** Connections that each node opens, to nodes before it. */
  readonly outbound: number;
  /** Virtual minutes before everything is healed. */
  readonly minutes: number;
  readonly spacingSeconds: number;
  /** One-way delay of a message: each pair of nodes has a distance of its own between the two. */
  readonly delayMs: readonly [least: number, most: number];
  /** Of each direction of a connection; null: without limit. */
  readonly bytesPerSecond: number | null;
  /** Relative hashrate of each node; nodes beyond the list mine nothing. Null: all mine equally. */
  readonly hashShares: readonly number[] | null;
  readonly transactionsPerMinute: number;
  /** Faults that happen, and how strongly, from 0 to 1. */
  readonly faults: ReadonlyMap<FaultName, number>;
  readonly events: readonly TimedEvent[];
  /** Whether the network is healed at the end and has to agree. */
  readonly heals: boolean;
}
