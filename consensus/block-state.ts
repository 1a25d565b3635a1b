import type { Address } from './address.ts';
import type { SlotPath } from './contract/slot-path.ts';
import { assertInvariant } from './errors.ts';
import {
  type Account,
  type AccountChanges,
  type AccountReader,
  type CodeHash,
  type ContractReader,
  EMPTY_ACCOUNT,
} from './state.ts';

/**
 * The accounts, slots and sources that the transactions of one block have touched so far, after and before, on top of the
 * state before the block. That one is asked once for each: what it answered is what a replay of the block needs.
 */
export class BlockState implements AccountReader, ContractReader {
  /** As they are now. */
  readonly accounts = new Map<Address, Account>();
  readonly slots = new Map<Address, Map<SlotPath, Uint8Array | undefined>>();
  readonly newCodes = new Map<CodeHash, Uint8Array>();
  /** Accounts that contracts have read. */
  readonly accountsRead = new Set<Address>();
  /** As they were before the block, also those that were only read. */
  readonly accountsBefore: AccountChanges = new Map();
  readonly slotsBefore = new Map<Address, Map<SlotPath, Uint8Array | undefined>>();
  readonly codesBefore = new Map<CodeHash, Uint8Array>();
  readonly #view: AccountReader & ContractReader;

  constructor(view: AccountReader & ContractReader) {
    this.#view = view;
  }

  account(address: Address): Account | undefined {
    this.accountsRead.add(address);
    return this.accounts.get(address) ?? this.#accountBefore(address);
  }

  slot(contract: Address, path: SlotPath): Uint8Array | undefined {
    const written = this.slots.get(contract);
    return written?.has(path) ? written.get(path) : this.#slotBefore(contract, path);
  }

  code(codeHash: CodeHash): Uint8Array | undefined {
    const known = this.newCodes.get(codeHash) ?? this.codesBefore.get(codeHash);
    if (known !== undefined) return known;
    const before = this.#view.code(codeHash);
    if (before !== undefined) this.codesBefore.set(codeHash, before);
    return before;
  }

  /** The source of a contract. Throws `InvariantError` where it is not stored. */
  storedCode(codeHash: CodeHash): Uint8Array {
    const source = this.code(codeHash);
    assertInvariant(source !== undefined, `source ${codeHash} is not stored`);
    return source;
  }

  /** The content of an account that is about to be changed, which may be a new one: no contract has read it. */
  contentOf(address: Address): Account {
    return this.accounts.get(address) ?? this.#accountBefore(address) ?? EMPTY_ACCOUNT;
  }

  setAccount(address: Address, account: Account): void {
    this.accounts.set(address, account);
  }

  /** Adds an amount to a balance, which is negative where it is taken. */
  credit(address: Address, amount: bigint): void {
    this.accounts.set(address, withBalance(this.contentOf(address), amount));
  }

  /** Takes over what a contract wrote. */
  writeSlots(contract: Address, writes: ReadonlyMap<SlotPath, Uint8Array | undefined>): void {
    const now = this.slots.get(contract) ?? new Map<SlotPath, Uint8Array | undefined>();
    this.slots.set(contract, now);
    for (const [path, value] of writes) {
      this.#slotBefore(contract, path);
      now.set(path, value);
    }
  }

  #accountBefore(address: Address): Account | undefined {
    const known = this.accountsBefore.get(address);
    if (known !== undefined || this.accountsBefore.has(address)) return known;
    const before = this.#view.account(address);
    this.accountsBefore.set(address, before);
    return before;
  }

  #slotBefore(contract: Address, path: SlotPath): Uint8Array | undefined {
    const slots = this.slotsBefore.get(contract) ?? new Map<SlotPath, Uint8Array | undefined>();
    const known = slots.get(path);
    if (known !== undefined || slots.has(path)) return known;
    const before = this.#view.slot(contract, path);
    slots.set(path, before);
    this.slotsBefore.set(contract, slots);
    return before;
  }

  /** Keeps a source, unless a contract had it before. */
  addCode(codeHash: CodeHash, source: Uint8Array): void {
    if (this.code(codeHash) === undefined) this.newCodes.set(codeHash, source);
  }
}

/** An account with an amount more, in base units. What else it is does not change. */
export function withBalance({ balance, nonce, contract }: Account, amount: bigint): Account {
  return contract === undefined ? { balance: balance + amount, nonce } : { balance: balance + amount, nonce, contract };
}
