import type { Address } from './address.ts';
import type { SlotPath } from './contract/slot-path.ts';
import type { NodeHash } from './hash.ts';

/** 64 lower-case hex digits in natural order: SHA-256 of a contract's source. */
export type CodeHash = string;

/** What makes an account a contract. */
export interface ContractAccount {
  readonly codeHash: CodeHash;
  /** Root of the tree of its slots. */
  readonly storageRoot: NodeHash;
}

/** Balance in base units, and the nonce that the account's next transaction must have. */
export interface Account {
  readonly balance: bigint;
  readonly nonce: bigint;
  /** Only of a contract, whose nonce stays 0. */
  readonly contract?: ContractAccount;
}

/** The content of an account that does not exist yet. One that was touched with amount 0 exists and has the same content. */
export const EMPTY_ACCOUNT: Account = { balance: 0n, nonce: 0n };

/** The accounts after some block; undefined for one that was never touched. */
export interface AccountReader {
  account(address: Address): Account | undefined;
}

/** What contracts are and hold after some block. */
export interface ContractReader {
  /** The encoded value of a slot, or undefined where there is none. */
  slot(contract: Address, path: SlotPath): Uint8Array | undefined;
  /** The source with a hash, or undefined where no contract has it. */
  code(codeHash: CodeHash): Uint8Array | undefined;
}

/** New values of accounts. Undefined: the account ceases to exist, which happens only when a block is disconnected. */
export type AccountChanges = Map<Address, Account | undefined>;
/** New encoded values of slots of each contract. Undefined: the slot is removed. */
export type SlotChanges = Map<Address, ReadonlyMap<SlotPath, Uint8Array | undefined>>;
/** New sources. Undefined: no contract has the source any more, which happens only when a block is disconnected. */
export type CodeChanges = Map<CodeHash, Uint8Array | undefined>;
