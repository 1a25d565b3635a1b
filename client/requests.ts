// What callers give. Amounts are base units, of which `parseCoins` makes 100,000,000 of a coin.

import type { TracePage } from './trace-types.ts';

/**
 * An account: its address, the name of a development account, or an object that has its address, such as the keys of
 * `deriveKeyPair` or an account of a node of `forklore`. Of an object nothing but the address is read.
 */
export type AccountOrAddress = string | { readonly address: string };

/** A moment: a `Date`, or ISO 8601 text such as `2030-01-01` or `2030-01-01T12:00:00Z`. */
export type Moment = Date | string;

export type MiningMode = 'CONTINUOUS' | 'INTERVAL' | 'OFF' | 'ON_TRANSACTION';

/** An undefined field leaves its setting unchanged. */
export interface MiningSettings {
  readonly mode: MiningMode;
  readonly threads?: number;
  /** Hashes per second; 0: no limit. */
  readonly hashrateLimit?: number;
  readonly intervalSeconds?: number;
  /** Receives the reward. */
  readonly address?: AccountOrAddress;
}

/** Blocks to mine now. `transactions` and `parent` need a network with development controls. */
export interface MiningOrder {
  /** From 1 to 1,000; default: 1. */
  readonly count?: number;
  /** Receives the reward. Default: as the miner is set. */
  readonly to?: AccountOrAddress;
  /** Ids of exactly the transfers of the first block, in this order; the following ones hold none. Default: what pays most. */
  readonly transactions?: readonly string[];
  /** Hash of the block to mine on, of any branch. Default: the tip. */
  readonly parent?: string;
}

/** An account that can be paid from. */
export interface KeyOwner {
  readonly secretKey: Uint8Array;
  readonly address: string;
}

/** A transfer to be signed here and submitted. */
export interface TransferRequest {
  /**
   * Pays: keys of `deriveKeyPair` or `developmentKeyPair`, which do not leave this program, an account of a node of
   * `forklore`, or the name of a development account.
   */
  readonly from: KeyOwner | string;
  /**
   * Is paid. Where the network is none of the built-in ones, names are what the node says they are, and paid from its
   * development accounts alone.
   */
  readonly to: AccountOrAddress;
  /** Base units, such as `parseCoins('0.5')`. */
  readonly amount: bigint;
  /** Base units; without it the usual fee, up to 0.001 coin where the node demands more. */
  readonly fee?: bigint;
  /** At most 256 bytes of UTF-8, public. */
  readonly memo?: string;
  /** Default: the next one of the account. */
  readonly nonce?: bigint;
  /** The only network that may be signed for, by its genesis block; without it that of the node. */
  readonly genesisHash?: string;
}

/** A value without parts, as a contract takes it. An Address is an account; a bigint can be decimal digits too. */
export type ScalarArgument = number | bigint | boolean | AccountOrAddress;

/** What a contract takes: an array is a list, a record an object. */
export type ContractArgument =
  | ScalarArgument
  | readonly ScalarArgument[]
  | { readonly [property: string]: ScalarArgument };

interface ContractOrder {
  /** Signs and pays, as {@link TransferRequest.from}. */
  readonly from: KeyOwner | string;
  /** In the order of the parameters; none where it is left out. */
  readonly arguments?: readonly ContractArgument[];
  /** Base units that go to the contract; default: 0. */
  readonly amount?: bigint;
  /**
   * Most gas that it may use, which the fee pays for. Default: a dry run on the node, and a fifth more than that used; where
   * the dry run fails, nothing is sent. With `gas` there is no dry run.
   */
  readonly gas?: number;
  /** Base units; without it what the node demands for the bytes and the gas, up to 0.01 coin. */
  readonly fee?: bigint;
  /** Default: the next one of the account. */
  readonly nonce?: bigint;
  /** The only network that may be signed for, by its genesis block; without it that of the node. */
  readonly genesisHash?: string;
}

/** A contract to be put on the chain. */
export interface DeployRequest extends ContractOrder {
  /** TypeScript; docs/contracts.md. */
  readonly source: string;
}

/** A method to be run, which changes what its contract holds. */
export interface CallRequest extends ContractOrder {
  readonly contract: string;
  readonly method: string;
}

/** A method to be run without changing anything. */
export interface ViewRequest {
  readonly contract: string;
  readonly method: string;
  readonly arguments?: readonly ContractArgument[];
  /** Whom the contract sees as caller; default: an account that nobody has. */
  readonly caller?: AccountOrAddress;
  /** Base units that the caller would send along; default: 0. */
  readonly amount?: bigint;
  /** Most gas that it may use; default: what a transaction may. */
  readonly gas?: number;
  /** Also tells these steps of the execution; `{}`: the first ones. */
  readonly trace?: TracePage;
}

/** A message to be signed for a contract that checks it by `verify`. */
export interface MessageRequest {
  /** Signs: keys of `deriveKeyPair` or `developmentKeyPair`, or an account of a node of `forklore`. */
  readonly from: KeyOwner;
  /** Address. */
  readonly contract: string;
  readonly message: string;
  /** The network that the contract is in, by its genesis block: `nodeInfo` tells it. */
  readonly genesisHash: string;
}

/** Which events of contracts are wanted: those that all fields that are given let through. */
export interface ContractEventFilter {
  /** Address. */
  readonly contract?: string;
  readonly name?: string;
  /** Id. */
  readonly transaction?: string;
  /** Of their blocks, this one included. */
  readonly fromHeight?: number;
  /** Of their blocks, this one included. */
  readonly toHeight?: number;
  /** At most 100; default: 20. */
  readonly first?: number;
  /** `endCursor` of the page before. */
  readonly after?: string;
}
