import type { Address } from '../consensus/address.ts';
import { type Block, signedTransactionsOf } from '../consensus/block.ts';
import { BlockExecution, TRANSACTION_WORK } from '../consensus/block-execution.ts';
import type { ContractHost } from '../consensus/contract-host.ts';
import { RuleError } from '../consensus/errors.ts';
import type { SignedTransaction } from '../consensus/transaction.ts';
import { type Chain, STEP_WORK } from './chain.ts';
import { executableQueues } from './chosen-transactions.ts';
import type { EventContext } from './event-context.ts';
import { type BlockEntry, contextAbove } from './header-index.ts';
import type { Mempool } from './mempool.ts';
import type { PendingState } from './pending-state.ts';
import { bestTransactions, roomBeside } from './template.ts';

/**
 * What has run contracts is executed anew in another order after this time at the earliest, from when all of it was executed. Until
 * then it only grows.
 */
const REORDER_MS = 2_000;

interface TemplateBuilderParts {
  readonly context: EventContext;
  readonly chain: Chain;
  readonly mempool: Mempool;
  readonly state: PendingState;
  readonly host: ContractHost;
}

/** The content of a block on the tip that is being executed. */
interface Build {
  readonly parent: BlockEntry;
  readonly execution: BlockExecution;
  /** Begun for a request that is exact. */
  readonly isExact: boolean;
  /** When it was all executed for the first time; null before that. */
  doneMonotonicMs: number | null;
  /** Chosen and not begun, the last one first. */
  readonly waiting: SignedTransaction[];
}

/**
 * Executes what pays the most on the tip, once for the templates of all payees. Contracts may take hundreds of milliseconds: they
 * are executed in steps. Transfers alone take none, and are always those that pay the most now.
 *
 * idle -> executing (a step in each event that answers `continue`) -> done -> executing (there is more, or another order) -> …
 */
export class TemplateBuilder {
  readonly #parts: TemplateBuilderParts;
  #build: Build | null = null;
  #continueAsked = false;

  constructor(parts: TemplateBuilderParts) {
    this.#parts = parts;
  }

  /**
   * What a block on the tip holds now, executed. Null: it is being executed, and there is more to do at the next `continue`. To be
   * asked only while the chain is not moving.
   *
   * @param isExact it must hold nothing that was no longer pending when its execution began. What is replaced after that is valid all
   *   the same: if it were executed anew each time, who replaces a transaction again and again would keep it from ever ending
   */
  whole(isExact: boolean): BlockExecution | null {
    const build = this.#chosen(isExact);
    this.#advance(build);
    return isDone(build) ? build.execution : null;
  }

  /** The same as far as it is executed, for who cannot wait. */
  soFar(): BlockExecution {
    const build = this.#chosen(false);
    this.#advance(build);
    return build.execution.isRunning ? this.#emptyExecution() : build.execution;
  }

  /**
   * What there is, or else what one step can execute, for who only looks. A call that takes longer is left out, with what follows of
   * its sender, and so are the calls for which the step has no time left. To be asked only while the chain is not moving.
   */
  peek(): BlockExecution {
    const build = this.#build;
    const isReady = build?.parent === this.#parts.chain.tip && !build.execution.isRunning;
    if (isReady && build.execution.receipts.length > 0) return build.execution;
    const trial = this.#emptyExecution();
    const fitting: SignedTransaction[] = [];
    const leftOut = new Set<Address>();
    let work = 0;
    for (const transaction of bestTransactions(this.#parts.mempool.readyQueues())) {
      const { kind, sender } = transaction;
      const isTooMuch = kind !== 'transfer' && (trial.isRunning || work >= STEP_WORK);
      if (isTooMuch) leftOut.add(sender);
      if (leftOut.has(sender)) continue;
      if (!trial.isRunning) {
        work += beginNext(trial, transaction);
        work += trial.advance(STEP_WORK - work);
        if (trial.isRunning) leftOut.add(sender);
      }
      if (!leftOut.has(sender)) fitting.push(transaction);
    }
    if (!trial.isRunning) return trial;
    const execution = this.#emptyExecution();
    for (const transaction of fitting) {
      beginNext(execution, transaction);
      execution.advance(Number.POSITIVE_INFINITY);
    }
    return execution;
  }

  /** An execution of nothing, on the tip. */
  #emptyExecution(): BlockExecution {
    const { state, chain, host } = this.#parts;
    return new BlockExecution(state, contextAbove(chain.tip), host);
  }

  /** Gives away what has been executed of a block on a parent, where that is exactly what it holds. */
  takeExecution(parent: BlockEntry, block: Block): BlockExecution | undefined {
    const build = this.#build;
    if (build?.parent !== parent || build.execution.isRunning) return undefined;
    if (!areSame(build.execution.transactions, signedTransactionsOf(block))) return undefined;
    this.#build = null;
    return build.execution;
  }

  /** There is another tip: what was executed is of no use. */
  drop(): void {
    this.#build = null;
  }

  /** Answer to a `continue` effect: does a step. True where that was the last one. */
  onContinue(): boolean {
    if (!this.#continueAsked) return false;
    this.#continueAsked = false;
    const { chain } = this.#parts;
    if (this.#build?.parent !== chain.tip || chain.isMoving) return false;
    this.#advance(this.#build);
    return isDone(this.#build);
  }

  /** What is to be executed. While that is under way, the choice stands. */
  #chosen(isExact: boolean): Build {
    const { chain, mempool, context } = this.#parts;
    const build = this.#build;
    if (build !== null && build.parent === chain.tip && !isDone(build)) return build;
    const best = bestTransactions(mempool.readyQueues());
    if (build?.parent !== chain.tip) return this.#begin(best, isExact);
    const { transactions, receipts, state } = build.execution;
    if (areSame(transactions, best.slice(0, transactions.length))) {
      build.waiting.push(...best.slice(transactions.length).reverse());
      return build;
    }
    const { monotonicMs } = context.now;
    const isOld = monotonicMs - (build.doneMonotonicMs ?? monotonicMs) >= REORDER_MS;
    const isVoid = isExact && !build.isExact && !transactions.every(({ txid }) => mempool.has(txid));
    if (receipts.length === 0 || isOld || isVoid) return this.#begin(best, isExact);
    build.waiting.push(...bestTransactions(executableQueues(mempool, state), roomBeside(transactions)).reverse());
    return build;
  }

  #begin(transactions: readonly SignedTransaction[], isExact: boolean): Build {
    const parent = this.#parts.chain.tip;
    const waiting = [...transactions].reverse();
    this.#build = { parent, execution: this.#emptyExecution(), isExact, doneMonotonicMs: null, waiting };
    return this.#build;
  }

  #advance(build: Build): void {
    if (this.#continueAsked) return;
    const { execution, waiting } = build;
    for (let work = 0; !isDone(build); ) {
      if (work >= STEP_WORK) {
        this.#continueAsked = true;
        this.#parts.context.emit({ type: 'continue' });
        return;
      }
      if (!execution.isRunning) work += beginNext(execution, waiting.pop());
      work += execution.advance(STEP_WORK - work);
    }
    build.doneMonotonicMs ??= this.#parts.context.now.monotonicMs;
  }
}

function isDone({ execution, waiting }: Build): boolean {
  return !execution.isRunning && waiting.length === 0;
}

function areSame(a: readonly SignedTransaction[], b: readonly SignedTransaction[]): boolean {
  return a.length === b.length && a.every(({ txid }, i) => txid === b[i]?.txid);
}

/**
 * Begins a transaction. What was chosen is executable, with one exception.
 * @returns the work of that in gas, besides what contracts do. Of a transfer it is not counted: transfers are executed in one go.
 */
function beginNext(execution: BlockExecution, transaction: SignedTransaction | undefined): number {
  if (transaction === undefined) return 0;
  try {
    execution.begin(transaction);
  } catch (error) {
    // An earlier transaction of the block has put a contract at the sender's address.
    if (!(error instanceof RuleError && error.code === 'sender-is-contract')) throw error;
    return 0;
  }
  return transaction.kind === 'transfer' ? 0 : TRANSACTION_WORK;
}
