import type { Address } from '../../consensus/address.ts';
import type { ShareCounts } from './session.ts';

/** A mining program that is connected. */
export interface StratumMinerView {
  readonly id: string;
  /** The name that it gave: who is paid, and the worker's name behind a dot. */
  readonly user: string;
  readonly payee: Address;
  /** Name and version that it gave; null: none. */
  readonly program: string | null;
  readonly connectedAtMs: number;
  /** Difficulty of its shares, as mining programs mean it; null: it has no job yet. */
  readonly difficulty: number | null;
  /** Hashes per second, estimated from its shares. */
  readonly hashrate: number;
  readonly shares: ShareCounts;
  /** Its shares that were blocks. */
  readonly blocks: number;
}

/** Mining over Stratum at one moment; totals count from the start of the node. */
export interface StratumView {
  /** Where mining programs connect, without a scheme. */
  readonly listens: string;
  readonly connections: number;
  readonly miners: readonly StratumMinerView[];
  /** Hashes per second of all of them, estimated from their shares. */
  readonly hashrate: number;
  readonly shares: ShareCounts;
  /** Shares that were blocks. */
  readonly blocks: number;
}
