import type { Address } from '../consensus/address.ts';
import { type Block, signedTransactionsOf } from '../consensus/block.ts';
import { BlockExecution, TRANSACTION_WORK } from '../consensus/block-execution.ts';
import { sealUnpaid, type UnpaidState } from '../consensus/block-seal.ts';
import type { ContractHost } from '../consensus/contract-host.ts';
import { RuleError } from '../consensus/errors.ts';
import type { SteppedWork } from '../consensus/stepped-work.ts';
import type { SignedTransaction } from '../consensus/transaction.ts';
import { type Chain, STEP_WORK } from './chain.ts';
import { executableQueues } from './chosen-transactions.ts';
import type { EventContext } from './event-context.ts';
import { type BlockEntry, contextAbove } from './header-index.ts';
import type { Mempool } from './mempool.ts';
import type { PendingState } from './pending-state.ts';
import { bestTransactions, roomBeside, type TemplateContent, templateContent } from './template.ts';

/**
 * What has run contracts is executed anew in another order after this time at the earliest, from when all of it was executed. Until
 * then it only grows.
 */
const REORDER_MS = 2_000;
/**
 * What took several steps stands for so long, so that there is an end of it though transactions come all the time, and all payees
 * get it. A block that is asked for gets what was begun for it, in the event in which that is done.
 */
const STANDING_MS = 1_000;

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
  /** Begun, or continued, for a request that is exact. */
  isExact: boolean;
  /** When all was done for the first time; null before that. */
  doneMonotonicMs: number | null;
  /** Chosen and not begun, the last one first. */
  readonly waiting: SignedTransaction[];
  /** The trees after all that was chosen, which are computed last; null before that. */
  sealing: SteppedWork<UnpaidState> | null;
  /** What was all of it when it was last done; null before that. */
  content: TemplateContent | null;
  /** When that was, if it took several steps. */
  steppedMonotonicMs: number | null;
}

/**
 * Executes what pays the most on the tip and computes the trees after it, once for the templates of all payees. Both may take
 * hundreds of milliseconds: contracts are executed in steps, and trees computed. Transfers alone are always those that pay the most
 * when their trees are begun.
 *
 * idle -> executing (a step in each event that answers `continue`) -> done -> executing (there is more, or another order) -> …
 */
export class TemplateBuilder {
  readonly #parts: TemplateBuilderParts;
  #build: Build | null = null;
  /** What was last only looked at. */
  #peeked: {
    readonly parent: BlockEntry;
    readonly best: readonly SignedTransaction[];
    readonly content: TemplateContent;
  } | null = null;
  #continueAsked = false;
  /** The build was done in this event, by the last of its steps. */
  #isJustDone = false;

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
  whole(isExact: boolean): TemplateContent | null {
    const build = this.#chosen(isExact);
    this.#advance(build);
    return isDone(build) ? build.content : null;
  }

  /** The same as far as it is done, for who cannot wait: nothing at first, where it takes more than a step. */
  soFar(): TemplateContent {
    const build = this.#chosen(false);
    this.#advance(build);
    return build.content ?? this.empty();
  }

  /** No transactions, on the tip. */
  empty(): TemplateContent {
    return this.#contentOf(this.#emptyExecution());
  }

  /**
   * What there is, or else what one step can execute, for who only looks. A call that takes longer is left out, with what follows of
   * its sender, and so are the calls for which the step has no time left. To be asked only while the chain is not moving.
   */
  peek(): TemplateContent {
    const { chain, mempool } = this.#parts;
    const parent = chain.tip;
    const content = this.#build?.parent === parent ? this.#build.content : null;
    if (content?.transactions.some(({ kind }) => kind !== 'transfer')) return content;
    const best = bestTransactions(mempool.readyQueues());
    if (content !== null && areSame(content.transactions, best)) return content;
    if (this.#peeked?.parent !== parent || !areSame(this.#peeked.best, best))
      this.#peeked = { parent, best, content: this.#contentOf(this.#tried(best)) };
    return this.#peeked.content;
  }

  #tried(best: readonly SignedTransaction[]): BlockExecution {
    const trial = this.#emptyExecution();
    const fitting: SignedTransaction[] = [];
    const leftOut = new Set<Address>();
    let work = 0;
    for (const transaction of best) {
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

  #contentOf(execution: BlockExecution): TemplateContent {
    return templateContent([...execution.transactions], sealUnpaid(execution, this.#parts.state).finish());
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
    this.#peeked = null;
  }

  /** Answer to a `continue` effect: does a step. True where that was the last one. */
  onContinue(): boolean {
    if (!this.#continueAsked) return false;
    this.#continueAsked = false;
    const { chain } = this.#parts;
    if (this.#build?.parent !== chain.tip || chain.isMoving) return false;
    this.#advance(this.#build);
    this.#isJustDone = isDone(this.#build);
    if (this.#isJustDone) this.#build.steppedMonotonicMs = this.#parts.context.now.monotonicMs;
    return this.#isJustDone;
  }

  /** To be called at the end of each event. */
  settle(): void {
    this.#isJustDone = false;
  }

  /** What is to be executed. While that is under way, the choice stands. */
  #chosen(isExact: boolean): Build {
    const { chain, mempool, context } = this.#parts;
    const build = this.#build;
    if (build !== null && build.parent === chain.tip && (!isDone(build) || this.#stands(build, isExact))) return build;
    const best = bestTransactions(mempool.readyQueues());
    if (build?.parent !== chain.tip) return this.#begin(best, isExact);
    const { transactions, receipts, state } = build.execution;
    if (areSame(transactions, best.slice(0, transactions.length))) {
      return this.#extend(build, isExact, best.slice(transactions.length));
    }
    const { monotonicMs } = context.now;
    const isOld = monotonicMs - (build.doneMonotonicMs ?? monotonicMs) >= REORDER_MS;
    const isVoid = isExact && !build.isExact && !transactions.every(({ txid }) => mempool.has(txid));
    if (receipts.length === 0 || isOld || isVoid) return this.#begin(best, isExact);
    return this.#extend(build, isExact, bestTransactions(executableQueues(mempool, state), roomBeside(transactions)));
  }

  #stands(build: Build, isExact: boolean): boolean {
    if (isExact) return build.isExact && this.#isJustDone;
    const { steppedMonotonicMs } = build;
    return steppedMonotonicMs !== null && this.#parts.context.now.monotonicMs - steppedMonotonicMs < STANDING_MS;
  }

  #extend(build: Build, isExact: boolean, transactions: readonly SignedTransaction[]): Build {
    build.waiting.push(...transactions.toReversed());
    if (transactions.length > 0) build.sealing = null;
    build.isExact ||= isExact;
    return build;
  }

  #begin(transactions: readonly SignedTransaction[], isExact: boolean): Build {
    const parent = this.#parts.chain.tip;
    const waiting = [...transactions].reverse();
    const execution = this.#emptyExecution();
    this.#build = {
      parent,
      execution,
      isExact,
      doneMonotonicMs: null,
      waiting,
      sealing: null,
      content: null,
      steppedMonotonicMs: null,
    };
    return this.#build;
  }

  #advance(build: Build): void {
    if (this.#continueAsked || isDone(build)) return;
    const { execution, waiting } = build;
    let work = 0;
    while ((execution.isRunning || waiting.length > 0) && work < STEP_WORK) {
      if (!execution.isRunning) work += beginNext(execution, waiting.pop());
      work += execution.advance(STEP_WORK - work);
    }
    if (!execution.isRunning && waiting.length === 0 && work < STEP_WORK) {
      build.sealing ??= sealUnpaid(execution, this.#parts.state);
      const state = build.sealing.advance(STEP_WORK - work);
      if (state !== undefined) {
        build.content = templateContent([...execution.transactions], state);
        build.doneMonotonicMs ??= this.#parts.context.now.monotonicMs;
        return;
      }
    }
    this.#continueAsked = true;
    this.#parts.context.emit({ type: 'continue' });
  }
}

/** Whether what was last done is all that was chosen. */
function isDone({ execution, waiting, content }: Build): boolean {
  const isExecuted = !execution.isRunning && waiting.length === 0;
  return isExecuted && content?.transactions.length === execution.transactions.length;
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
