import type { Address } from './address.ts';

/** Balance in base units, and the nonce that the account's next transfer must have. */
export interface Account {
  readonly balance: bigint;
  readonly nonce: bigint;
}

/** The content of an account that does not exist yet. One that was touched with amount 0 exists and has the same content. */
export const EMPTY_ACCOUNT: Account = { balance: 0n, nonce: 0n };

/** The accounts after some block; undefined for one that was never touched. */
export interface AccountReader {
  account(address: Address): Account | undefined;
}

/** New values of accounts. Undefined: the account ceases to exist, which happens only when a block is disconnected. */
export type AccountChanges = Map<Address, Account | undefined>;
