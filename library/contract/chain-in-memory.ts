import type { Address } from '../../consensus/address.ts';
import type { BlockContext } from '../../consensus/block-context.ts';
import { BlockExecution, type BlockReceipt } from '../../consensus/block-execution.ts';
import type { BlockState } from '../../consensus/block-state.ts';
import type { Program } from '../../consensus/contract/program.ts';
import type { SlotPath } from '../../consensus/contract/slot-path.ts';
import type { SourceError } from '../../consensus/contract/source-error.ts';
import { compileSource } from '../../consensus/contract-host.ts';
import { type ContractTransaction, checkContractSanity } from '../../consensus/contract-transaction.ts';
import { assertInvariant } from '../../consensus/errors.ts';
import type { Hash } from '../../consensus/hash.ts';
import { bytesToHex, utf8ToBytes } from '../../consensus/hex.ts';
import { sha256 } from '../../consensus/sha256.ts';
import { verifySignature } from '../../consensus/signature.ts';
import type { Account, AccountReader, CodeHash, ContractReader } from '../../consensus/state.ts';
import type { NativeContract } from './native/native-run.ts';

/** What a block hash is made from where a test sets none, with the height behind it. */
const HASH_DOMAIN = 'forklore/contract-world/';

/** What a block of one transaction did. */
export interface Executed {
  readonly receipt: BlockReceipt;
  readonly state: BlockState;
}

/**
 * A chain without blocks: the state after the last transaction, and what the next one sees of the chain. Transactions are
 * executed by the rules of the network. Roots of trees are not kept, since no contract can read them.
 */
export class ChainInMemory implements AccountReader, ContractReader, BlockContext {
  height: number;
  /** In seconds since 1970. */
  medianTimePast: number;
  /** Contracts whose classes run beside the machine. */
  readonly natives = new Map<Address, NativeContract>();
  readonly #accounts: Map<Address, Account>;
  readonly #slots = new Map<Address, Map<SlotPath, Uint8Array>>();
  readonly #codes = new Map<CodeHash, Uint8Array>();
  readonly #hashes = new Map<number, Hash>();
  readonly #programs = new Map<CodeHash, Program | SourceError>();

  constructor(balances: ReadonlyMap<Address, bigint>, height: number, medianTimePast: number) {
    this.#accounts = new Map([...balances].map(([address, balance]) => [address, { balance, nonce: 0n }]));
    this.height = height;
    this.medianTimePast = medianTimePast;
  }

  account(address: Address): Account | undefined {
    return this.#accounts.get(address);
  }

  slot(contract: Address, path: SlotPath): Uint8Array | undefined {
    return this.#slots.get(contract)?.get(path);
  }

  code(codeHash: CodeHash): Uint8Array | undefined {
    return this.#codes.get(codeHash);
  }

  blockHash(height: number): Hash {
    return this.#hashes.get(height) ?? bytesToHex(sha256(utf8ToBytes(`${HASH_DOMAIN}${height}`)));
  }

  setBlockHash(height: number, hash: Hash): void {
    this.#hashes.set(height, hash);
  }

  /** The program of a source, which is compiled once; or why there is none. */
  compile(codeHash: CodeHash, source: Uint8Array): Program | SourceError {
    const known = this.#programs.get(codeHash) ?? compileSource(source);
    this.#programs.set(codeHash, known);
    return known;
  }

  /** Executes a transaction on the state, and keeps nothing. Throws `RuleError` where no block could hold it. */
  execute(transaction: ContractTransaction): Executed {
    checkContractSanity(transaction);
    const host = { compile: this.compile.bind(this), verifySignature };
    const execution = new BlockExecution(this, this, host);
    execution.begin(transaction);
    execution.advance(Number.POSITIVE_INFINITY);
    const [receipt] = execution.receipts;
    assertInvariant(receipt !== undefined, 'a deploy or a call has a receipt');
    return { receipt, state: execution.state };
  }

  /** Takes over what a transaction did, its fee and nonce included. */
  keep({ state }: Executed): void {
    for (const [address, account] of state.accounts) this.#accounts.set(address, account);
    for (const [codeHash, source] of state.newCodes) this.#codes.set(codeHash, source);
    for (const [contract, writes] of state.slots) {
      const slots = this.#slots.get(contract) ?? new Map<SlotPath, Uint8Array>();
      this.#slots.set(contract, slots);
      for (const [path, value] of writes) {
        if (value === undefined) slots.delete(path);
        else slots.set(path, value);
      }
    }
  }
}
