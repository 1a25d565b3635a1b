import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes } from '../../consensus/hex.ts';
import { type ModelAccount, storageRootOf } from './state-root.ts';

/** All accounts by address (hex). One that was never touched is not there. */
export type Accounts = ReadonlyMap<string, ModelAccount>;

/** The whole state after a block. */
export interface ModelState {
  readonly accounts: Accounts;
  /** Encoded values by contract and path (hex). */
  readonly slots: ReadonlyMap<string, ReadonlyMap<string, Uint8Array>>;
  /** Sources of contracts by their SHA-256 (hex). */
  readonly sources: ReadonlyMap<string, Uint8Array>;
}

/** A copy of a whole state, which the transactions of a block change. */
export class Ledger {
  readonly accounts: Map<string, ModelAccount>;
  readonly sources: Map<string, Uint8Array>;
  readonly #slots: Map<string, Map<string, Uint8Array>>;

  constructor({ accounts, slots, sources }: ModelState) {
    this.accounts = new Map(accounts);
    this.sources = new Map(sources);
    this.#slots = new Map([...slots].map(([contract, values]) => [contract, new Map(values)]));
  }

  account(address: string): ModelAccount {
    return this.accounts.get(address) ?? { balance: 0n, nonce: 0n };
  }

  /** Adds to a balance, which may be less than nothing. */
  pay(address: string, amount: bigint): void {
    const account = this.account(address);
    this.accounts.set(address, { ...account, balance: account.balance + amount });
  }

  slot(contract: string, path: string): Uint8Array | undefined {
    return this.#slots.get(contract)?.get(path);
  }

  /** Writes a slot, or removes it where there is no value. */
  setSlot(contract: string, path: string, value: Uint8Array | undefined): void {
    const values = this.#slots.get(contract) ?? new Map<string, Uint8Array>();
    this.#slots.set(contract, values);
    if (value) values.set(path, value);
    else values.delete(path);
  }

  /** The state at the end of a block: all trees of slots are rebuilt. */
  finish(): ModelState {
    const accounts = new Map<string, ModelAccount>();
    for (const [address, account] of this.accounts) {
      const { contract } = account;
      const storageRoot = contract && storageRootOf(address, this.#slots.get(address) ?? new Map());
      accounts.set(address, storageRoot ? { ...account, contract: { ...contract, storageRoot } } : account);
    }
    return { accounts, slots: this.#slots, sources: this.sources };
  }
}

/** The address that a public key (hex) pays from. */
export function addressOf(senderKey: string): string {
  return bytesToHex(sha256(hexToBytes(senderKey)).subarray(0, 20));
}

/** Base units that a block at this height creates. */
export function subsidyAt(height: number, initialSubsidy: bigint, halvingInterval: number): bigint {
  return initialSubsidy >> BigInt(Math.floor(height / halvingInterval));
}

/** Sum of all balances. */
export function supplyOf(accounts: Accounts): bigint {
  let sum = 0n;
  for (const { balance } of accounts.values()) sum += balance;
  return sum;
}
