import type { BlockContext } from './block-context.ts';
import { BlockState } from './block-state.ts';
import type { Payment } from './contract/machine.ts';
import type { ExecutionObserver } from './contract/observer.ts';
import type { ContractHost } from './contract-host.ts';
import { type CallFailure, ContractRun } from './contract-run.ts';
import { assertInvariant, RuleError } from './errors.ts';
import type { Hash } from './hash.ts';
import { encodeReceipt, type Receipt } from './receipt.ts';
import type { Account, AccountReader, ContractReader } from './state.ts';
import type { SignedTransaction } from './transaction.ts';

/** What a call or a deploy costs a host besides what contracts do, in gas: reading it, and the accounts that it touches. */
export const TRANSACTION_WORK = 3_000;
/** What a transfer does: executed by the thousand, it takes less than ten microseconds. */
const TRANSFER_WORK = 400;

/** What it costs a host to begin a transaction, in gas. */
export function workOf({ kind }: SignedTransaction): number {
  return kind === 'transfer' ? TRANSFER_WORK : TRANSACTION_WORK;
}

/** The receipt of a transaction of a block. */
export interface BlockReceipt {
  readonly txid: Hash;
  readonly receipt: Receipt;
  /** {@link receipt}, encoded. */
  readonly bytes: Uint8Array;
  readonly failure: CallFailure | null;
  /** What contracts paid; see `ContractResult`. */
  readonly payments: readonly Payment[];
}

/**
 * Executes transactions one after the other on the state before their block. Who is paid for the block plays no part, because
 * that happens last: one execution serves the templates of every miner.
 */
export class BlockExecution {
  readonly state: BlockState;
  readonly #context: BlockContext;
  readonly #host: ContractHost;
  readonly #receipts: BlockReceipt[] = [];
  readonly #transactions: SignedTransaction[] = [];
  #run: ContractRun | undefined;
  /** Gas of the present run that {@link advance} has told of. */
  #toldGas = 0;

  constructor(view: AccountReader & ContractReader, context: BlockContext, host: ContractHost) {
    this.state = new BlockState(view);
    this.#context = context;
    this.#host = host;
  }

  /** What has been executed, in order, the one that is being executed included. */
  get transactions(): readonly SignedTransaction[] {
    return this.#transactions;
  }

  /** Of those that execute contracts, in order. */
  get receipts(): readonly BlockReceipt[] {
    return this.#receipts;
  }

  /**
   * Takes the next transaction, once the one before is done: fee and nonce now, what a contract does by {@link advance}.
   * Throws `RuleError` `sender-is-contract`, `wrong-nonce` or `insufficient-balance`; then it is not taken.
   * @param observer watches the contract that it runs
   */
  begin(transaction: SignedTransaction, observer?: ExecutionObserver): void {
    assertInvariant(this.#run === undefined, 'one transaction is executed after the other');
    const { state } = this;
    const { sender, amount } = transaction;
    const account = checkedSender(transaction, state.contentOf(sender));
    // A contract's transaction moves its amount itself, because it may fail.
    const taken = transaction.fee + (transaction.kind === 'transfer' ? amount : 0n);
    state.setAccount(sender, { balance: account.balance - taken, nonce: account.nonce + 1n });
    this.#transactions.push(transaction);
    if (transaction.kind === 'transfer') state.credit(transaction.recipient, amount);
    else this.#run = new ContractRun(transaction, state, this.#context, this.#host, observer);
    this.#toldGas = 0;
  }

  /**
   * Goes on with what was begun, until it is done or about `gas` are used.
   * @returns gas that was used, at first with that of what {@link begin} did
   */
  advance(gas: number): number {
    const run = this.#run;
    if (run === undefined) return 0;
    const result = run.advance(gas);
    const used = run.gasUsed - this.#toldGas;
    this.#toldGas += used;
    if (result === undefined) return used;
    this.#run = undefined;
    const transaction = this.#transactions.at(-1);
    assertInvariant(transaction !== undefined, 'what is run is a transaction');
    this.#receipts.push({ txid: transaction.txid, ...result, bytes: encodeReceipt(result.receipt) });
    return used;
  }

  /** Whether what was begun is not done. */
  get isRunning(): boolean {
    return this.#run !== undefined;
  }
}

function checkedSender(transaction: SignedTransaction, account: Account): Account {
  const { txid, nonce, amount, fee } = transaction;
  // [reject] A contract sends nothing.
  if (account.contract !== undefined) throw new RuleError('sender-is-contract', `${transaction.sender} is a contract`);
  // [reject] The nonce is exactly the sender's account nonce.
  if (nonce !== account.nonce) {
    throw new RuleError('wrong-nonce', `${txid} has nonce ${nonce}, the account ${account.nonce}`);
  }
  // [reject] Amount plus fee is at most the sender's balance.
  // The sum may exceed 64 bits; a bigint does not wrap.
  const cost = amount + fee;
  if (cost > account.balance) {
    throw new RuleError('insufficient-balance', `${txid} takes ${cost}, the account has ${account.balance}`);
  }
  return account;
}
