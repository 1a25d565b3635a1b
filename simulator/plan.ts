import type { LinkConditions } from '../protocol/link-conditions.ts';
import type { FaultName } from './faults/names.ts';

/** The conditions of the way from one node to another. Nodes are named by their number, from 0. */
export interface PlannedLink {
  readonly from: number;
  readonly to: number;
  readonly conditions: LinkConditions;
}

/** Something that a scenario does to the network at a certain time. Nodes are named by their number, from 0. */
export type TimedAction =
  /** Only nodes of one group reach each other. Nodes that are in none form one more. */
  | { readonly kind: 'partition'; readonly groups: readonly (readonly number[])[] }
  /** Ends all partitions. */
  | { readonly kind: 'heal' }
  | { readonly kind: 'crash'; readonly node: number }
  | { readonly kind: 'start'; readonly node: number }
  /** These links have these conditions from then on; others keep theirs. */
  | { readonly kind: 'links'; readonly links: readonly PlannedLink[] }
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
  /** Who opens a connection to whom, and nobody else; null: chance decides, see `outbound`, and nodes look for further peers. */
  readonly connections: readonly (readonly [from: number, to: number])[] | null;
  /** Virtual minutes before everything is healed. */
  readonly minutes: number;
  readonly spacingSeconds: number;
  /** One-way delay of a message: each pair of nodes has a distance of its own between the two. */
  readonly delayMs: readonly [least: number, most: number];
  /** Of each direction of a connection; null: without limit. */
  readonly bytesPerSecond: number | null;
  /** Links with conditions of their own, which hold in place of `delayMs` and `bytesPerSecond` until everything is healed. */
  readonly links: readonly PlannedLink[];
  /** Relative hashrate of each node; nodes beyond the list mine nothing. Null: all mine equally. */
  readonly hashShares: readonly number[] | null;
  readonly transactionsPerMinute: number;
  /** Share of the transactions that have to do with contracts, from 0 to 1. */
  readonly contractShare: number;
  /** Faults that happen, and how strongly, from 0 to 1. */
  readonly faults: ReadonlyMap<FaultName, number>;
  readonly events: readonly TimedEvent[];
  /** Whether the network is healed at the end and has to agree. */
  readonly heals: boolean;
}

/** Whether a plan sets the conditions of links: messages may then be lost, or take any time. */
export function hasWeather({ links, events }: Plan): boolean {
  return links.length > 0 || events.some(({ action }) => action.kind === 'links');
}
