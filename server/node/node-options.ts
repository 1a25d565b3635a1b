import type { Address } from '../../consensus/address.ts';
import type { Network } from '../../consensus/genesis.ts';
import type { MiningMode } from '../../protocol/events.ts';

export const VERIFY_MODES = ['quick', 'full'] as const;
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export const LOG_FORMATS = ['pretty', 'json'] as const;

/** When a node mines by itself. */
export interface MiningSchedule {
  readonly mode: MiningMode;
  /** Between the blocks of the `interval` mode, in milliseconds. */
  readonly intervalMs: number;
}

/** One of the states of a state file. */
export interface StateSource {
  /** Absolute. */
  readonly path: string;
  readonly index: number;
  /** States that the file must hold: one for each node that is started. */
  readonly count: number;
}

/** Where mining programs connect. */
export interface StratumPlace {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

/** All options of a node, validated. */
export interface NodeOptions {
  /** 0 for any free one. */
  readonly port: number;
  readonly host: string;
  /** Canonical URLs of nodes to stay connected to. */
  readonly peers: readonly string[];
  /** Find other nodes on this machine, and learn addresses from peers. */
  readonly discovery: boolean;
  /** Id of the run of several nodes that find only each other on this machine; null for a single node. */
  readonly runId: string | null;
  /** Canonical URL at which others reach it; null: its own address. */
  readonly announce: string | null;
  /** Absolute path; null keeps everything in memory. */
  readonly dataDir: string | null;
  readonly network: Network;
  readonly mining: MiningSchedule;
  readonly miningThreads: number;
  /** Hashes per second of all threads together, 0 for no limit. */
  readonly hashrateLimit: number;
  /** Where mining programs connect over Stratum; null: nowhere. */
  readonly stratum: StratumPlace | null;
  /** Who is paid for blocks; null when no address was given. */
  readonly minerAddress: Address | null;
  /** Check of the stored chain at start. */
  readonly verify: (typeof VERIFY_MODES)[number];
  readonly reindex: boolean;
  /** Web origins that may use the API besides loopback. */
  readonly allowedOrigins: readonly string[];
  /** Accepted host names besides loopback names, in lower case. */
  readonly allowedHosts: readonly string[];
  /** Absolute path; null for the default place. */
  readonly adminTokenFile: string | null;
  /** Serve the playground even when the node is not bound to loopback. */
  readonly graphiql: boolean;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly logFormat: (typeof LOG_FORMATS)[number];
  /**
   * Seed of a node whose hashes, ids and times follow from its calls alone: its wall clock moves only with its blocks and by
   * the time controls, its random numbers follow from the seed, and it searches nonces in order. Null: an ordinary node.
   */
  readonly deterministic: string | null;
  /** A state to begin with, out of a state file; null: the genesis block. */
  readonly loadState: StateSource | null;
  /** Whether each call of the API is logged in a line. */
  readonly logRequests: boolean;
  /** Null when none was given. */
  readonly name: string | null;
}
