import type { DevelopmentAccounts } from './development-accounts.ts';

/**
 * The parameters of the rules in which networks differ. Every field but `developmentAccounts` and `controls` is bound by
 * the genesis block's hash.
 */
export interface NetworkParams {
  readonly name: string;
  /** Human-readable part of bech32m addresses: `lore` for `lore1…`. */
  readonly addressPrefix: string;
  /** 8 hex digits: the first four bytes of the genesis block hash in internal order. */
  readonly networkId: string;
  /** Seconds that a block should take. */
  readonly spacingSeconds: number;
  /** Seconds behind the schedule that double the target. */
  readonly halfLifeSeconds: number;
  /** Easiest bits allowed. */
  readonly limitBits: number;
  readonly genesisBits: number;
  /** Header time of the genesis block, in seconds since 1970. */
  readonly genesisTime: number;
  /** False: every block has `genesisBits`. */
  readonly retarget: boolean;
  /** Seconds by which a header's time may be ahead of a node's own clock. */
  readonly futureLimitSeconds: number;
  /** Base units that block 1 creates. */
  readonly initialSubsidy: bigint;
  /** Blocks after which the subsidy halves. */
  readonly halvingInterval: number;
  /** Sum of the genesis state's balances, in base units. */
  readonly allocationTotal: bigint;
  /** The accounts whose keys are public; null where there are none. */
  readonly developmentAccounts: DevelopmentAccounts | null;
  /**
   * Whether an operator may do to a node what a real network never allows: set its clock, take it back to a snapshot, choose
   * what it mines, drop a pending transaction. No rule depends on it, and nodes that differ in it are of one network.
   */
  readonly controls: boolean;
}
